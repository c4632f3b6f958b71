from __future__ import annotations

import pytest

from scripts.devtools.redis.bridge import Bridge
from sentinel_core.cache.ports import Popularity
from sentinel_core.stores.memory_tops import MemoryTops
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import RedisConnection
from sentinel_core.stores.redis.store import RedisStore
from sentinel_core.stores.redis.top_entries import CARRIED, HOLD_SECONDS, RedisTops
from tests.stores.conftest import MakeStore
from tests.stores.contract import query
from tests.support.fakes import FakeClock

pytestmark = pytest.mark.anyio

DAY = "1970-01-12"


def redis_tops(store: RedisStore, clock: FakeClock) -> RedisTops:
    return RedisTops(store._trips, clock=clock)


def noted(tops: Popularity, *entry_ids: str, namespace: str = "ns", saved: float = 0.25) -> None:
    for entry_id in entry_ids:
        tops.note(namespace, entry_id, saved)


async def ranked(tops: Popularity, rank: str = "hits", limit: int = 10, **where: str) -> list[tuple[str, int, float]]:
    asked = {"namespace": "ns", "day": DAY, **where}
    found = await tops.top(asked["namespace"], rank=rank, day=asked["day"], limit=limit)  # type: ignore[arg-type]
    return [tuple(each) for each in found]  # type: ignore[misc]


@pytest.fixture(params=["memory", "redis"])
def tops(request: pytest.FixtureRequest, clock: FakeClock, make_store: MakeStore) -> Popularity:
    return MemoryTops(clock) if request.param == "memory" else redis_tops(make_store(), clock)


async def test_entries_are_ranked_by_hits_and_by_dollars(tops: Popularity) -> None:
    noted(tops, "often", "often", "seldom", "often")
    noted(tops, "dear", "dear", saved=4.0)

    by_hits = [("often", 3, 0.75), ("dear", 2, 8.0), ("seldom", 1, 0.25)]
    assert await ranked(tops) == by_hits
    assert await ranked(tops, "saved_usd", 2) == [by_hits[1], by_hits[0]]
    noted(tops, "seldom", "seldom", "seldom")
    assert await ranked(tops, limit=1) == [("seldom", 4, 1.0)]


async def test_days_and_namespaces_are_counted_apart(tops: Popularity, clock: FakeClock) -> None:
    noted(tops, "a")
    noted(tops, "b", namespace="other")
    clock.advance(86_400.0)
    noted(tops, "c")

    assert await ranked(tops) == [("a", 1, 0.25)]
    assert await ranked(tops, namespace="other") == [("b", 1, 0.25)]
    assert await ranked(tops, day="1970-01-13") == [("c", 1, 0.25)]
    assert await ranked(tops, day="1970-01-14") == []


async def test_instances_add_up_and_what_they_note_travels_after_a_minute(
    make_store: MakeStore, wire: RedisConnection, clock: FakeClock, bridge: Bridge
) -> None:
    stores = make_store(), make_store()
    one, other = (redis_tops(store, clock) for store in stores)
    noted(one, "a", "b", "a")
    await stores[0].load(query())
    assert await wire.run([("EXISTS", key_names.tops("ns", DAY, "hits"))]) == [0]

    clock.advance(HOLD_SECONDS)
    noted(one, "a")
    await stores[0].load(query())
    noted(other, "b")
    assert await ranked(other) == [("a", 3, 0.75), ("b", 2, 0.5)]
    [left] = await wire.run([("TTL", key_names.tops("ns", DAY, "saved_usd"))])
    assert isinstance(left, int)
    assert left > 300 * 86_400


async def test_a_few_travel_at_once_and_the_rest_adds_up(
    make_store: MakeStore, wire: RedisConnection, clock: FakeClock
) -> None:
    store = make_store()
    tops = redis_tops(store, clock)
    names = [f"e{number:03}" for number in range(3 * CARRIED)]
    noted(tops, *names, *names[:CARRIED])
    for _ in range(2):
        clock.advance(HOLD_SECONDS)
        noted(tops, "last")
        await store.load(query())

    [there] = await wire.run([("ZRANGE", key_names.tops("ns", DAY, "hits"), "0", "-1")])
    assert isinstance(there, list)
    assert set(map(str, there)) == {*names[: 2 * CARRIED - 1], "last"}
