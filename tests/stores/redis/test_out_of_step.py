"""What a connection does that has lost step: every reply is to another question, and well formed."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from contextlib import suppress

import pytest

from sentinel_core.cache.events import Alert
from sentinel_core.cache.ports import Count, Purge
from sentinel_core.errors import StoreError
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import Command, RedisConnection, Reply
from sentinel_core.stores.redis.known_purges import item_of
from sentinel_core.stores.redis.scope_index import IndexOptions
from sentinel_core.stores.redis.store import RedisOptions, RedisStore
from sentinel_core.support.breaker import Breaker
from sentinel_core.support.clock import SYSTEM_CLOCK
from tests.stores.conftest import SECRET, MakeStore
from tests.stores.contract import entry, query, unit

pytestmark = pytest.mark.anyio


class OutOfStep:
    """The wire, whose every reply is to the command before."""

    def __init__(self, wire: RedisConnection, left_over: Reply) -> None:
        self.wire = wire
        self.held = [left_over]

    async def run(self, commands: Sequence[Command]) -> list[Reply]:
        said = [*self.held, *await self.wire.run(commands)]
        self.held = said[len(commands) :]
        return said[: len(commands)]

    async def aclose(self) -> None:
        """The wire's own affair."""


def on(wire: RedisConnection) -> RedisStore:
    """A store that asks for what is new every time, and never rests."""
    options = RedisOptions(index=IndexOptions(sync_seconds=0.0), breaker=Breaker(threshold=10_000))
    return RedisStore(wire, embedder_id="e1", options=options, clock=SYSTEM_CLOCK, secret=SECRET)


def asks(store: RedisStore) -> list[Awaitable[object]]:
    """All that is asked of Redis but to store, delete and purge."""
    count, tops = Count("k", 1, 60), store.tops()
    return [
        store.load(query("hello")),
        store.load_many([query("hello"), query("other")]),
        store.refresh(query("other"), lease_seconds=5.0),
        store.nearest(query("other"), unit(1), floor=0.9, limit=4),
        store.wait(query("third"), timeout=0.01),
        store.counts().add([count, count._replace(amount=0)]).totals(),
        store.claims().claim(Alert("a", "store", "text", 60)),
        tops.top("ns", rank="hits", day="2026-01-01", limit=3),
        store.entries("ns"),
        store.scopes("ns"),
        store.read_counters("2026-01-01"),
    ]


@pytest.mark.parametrize("left_over", ["OK", None, 1, [], ["1-1", ["d", "x"]], [["1-1", ["d", "x"]]], StoreError("no")])
async def test_replies_to_other_questions_are_trouble_and_cost_no_entries(
    make_store: MakeStore, wire: RedisConnection, left_over: Reply
) -> None:
    made = entry("hello")
    await make_store().save(query("hello"), made, unit(1))
    await wire.run([("XADD", key_names.PURGES, "*", *item_of(Purge("other")))])
    wrong = OutOfStep(wire, left_over)
    store = on(wrong)

    for _ in range(3):
        for ask in asks(store):
            with suppress(StoreError):
                await ask
    wrong.held.clear()

    assert await store.load(query("hello")) == made
    assert await make_store().load(query("hello")) == made
