from __future__ import annotations

import asyncio

import pytest

from sentinel_core.errors import StoreError
from sentinel_core.stores.redis.connection import Command, RedisConnection, Reply
from sentinel_core.stores.redis.store import RedisStore
from sentinel_core.telemetry import alerts
from tests.stores.conftest import MakeStore
from tests.support.fakes import FakeClock

pytestmark = pytest.mark.anyio

ALERT = alerts.of_provider("groq", 900.0)


async def test_of_many_instances_one_gets_the_event(make_store: MakeStore) -> None:
    claims = [make_store().claims() for _ in range(8)]
    got = await asyncio.gather(*(each.claim(ALERT) for each in claims))

    assert sorted(got) == [*[False] * 7, True]
    assert not await make_store().claims().claim(ALERT)


async def test_it_is_remembered_for_as_long_as_the_alert_says(make_store: MakeStore, wire: RedisConnection) -> None:
    await make_store().claims().claim(ALERT)
    [seconds] = await wire.run([("TTL", "sentinel:v1:alert:provider:groq:1")])

    assert isinstance(seconds, int)
    assert ALERT.seconds - 60 < seconds <= ALERT.seconds


async def test_a_claim_whose_reply_was_lost_is_still_ours(wire: RedisConnection) -> None:
    class Losing:
        """Loses the first reply after it was carried out."""

        lost = False

        async def run(self, commands: list[Command]) -> list[Reply]:
            replies = await wire.run(commands)
            if not self.lost:
                self.lost = True
                raise StoreError("no answer")
            return replies

        async def aclose(self) -> None:
            """The wire's own affair."""

    store = RedisStore(Losing(), embedder_id="e1", clock=FakeClock())  # type: ignore[arg-type]
    claims = store.claims()
    with pytest.raises(StoreError):
        await claims.claim(ALERT)

    assert await claims.claim(ALERT)
