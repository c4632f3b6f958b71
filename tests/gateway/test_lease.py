from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest

from sentinel_core.cache.entry import Entry
from sentinel_core.cache.ports import Candidate, Vector
from sentinel_core.cache.scope import Query, split
from sentinel_core.errors import StoreError
from sentinel_core.gateway import lease
from sentinel_core.gateway.lease import renewing
from sentinel_core.stores.memory import MemoryStore
from tests.support.fakes import FakeClock, World, chat

pytestmark = pytest.mark.anyio

QUERY = split(chat(), "open")


class Renewed(MemoryStore):
    """A store that counts renewals; `enough` is set at the third, and the slow step waits for it."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(max_entries=9, max_bytes=9_000, grace=0.0, clock=clock)
        self.renewals = 0
        self.slow = ""
        self.enough = asyncio.Event()

    async def renew(self, query: Query) -> None:
        self.renewals += 1
        if self.renewals >= 3:
            self.enough.set()
        raise StoreError("down")

    async def _maybe_wait(self, step: str) -> None:
        if step == self.slow:
            await asyncio.wait_for(self.enough.wait(), 30.0)

    async def nearest(self, query: Query, vector: Vector, *, floor: float, limit: int) -> Sequence[Candidate]:
        await self._maybe_wait("nearest")
        return await super().nearest(query, vector, floor=floor, limit=limit)

    async def glimpse(self, query: Query, vector: Vector, *, floor: float) -> tuple[str, float] | None:
        await self._maybe_wait("glimpse")
        return await super().glimpse(query, vector, floor=floor)

    async def save(self, query: Query, entry: Entry, vector: Vector | None) -> None:
        await self._maybe_wait("save")
        await super().save(query, entry, vector)


@pytest.fixture
def store(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Renewed:
    monkeypatch.setattr(lease, "RENEW_SECONDS", 0.01)
    return Renewed(clock)


async def test_a_short_block_costs_no_command(store: Renewed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "RENEW_SECONDS", 0.3)
    with renewing(store, QUERY):
        await asyncio.sleep(0)
    await asyncio.sleep(0.35)

    assert store.renewals == 0


async def test_a_long_block_renews_again_and_again_through_failures(store: Renewed) -> None:
    with renewing(store, QUERY):
        await asyncio.wait_for(store.enough.wait(), 30.0)
    after = store.renewals
    await asyncio.sleep(0.03)

    assert store.renewals == after


async def test_a_request_without_a_lease_renews_none(store: Renewed) -> None:
    with renewing(store, None):
        await asyncio.sleep(0.03)

    assert store.renewals == 0


async def test_a_block_that_fails_renews_no_more(store: Renewed) -> None:
    with suppress(StoreError), renewing(store, QUERY):
        await asyncio.wait_for(store.enough.wait(), 30.0)
        raise StoreError("down")
    after = store.renewals
    await asyncio.sleep(0.03)

    assert store.renewals == after


async def test_time_spent_before_a_block_counts(store: Renewed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "RENEW_SECONDS", 600.0)
    with renewing(store, QUERY, spent=601.0):
        await asyncio.sleep(0.03)

    assert store.renewals == 1


@pytest.mark.parametrize("step", ["nearest", "glimpse", "save"])
async def test_a_lease_is_renewed_in_every_slow_step(world: Callable[..., World], store: Renewed, step: str) -> None:
    it = world(store=store)
    store.slow = step
    answer = await it.gateway.answer(it.ask())

    assert (answer.stored, store.enough.is_set()) == (True, True)
