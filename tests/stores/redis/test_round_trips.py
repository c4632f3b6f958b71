"""How many round trips and commands a request costs, counted where Upstash would bill them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from scripts.devtools.redis.bridge import Bridge
from scripts.devtools.redis.server import RedisServer
from sentinel_core.stores.redis.daily_counters import MAX_CALLS
from sentinel_core.stores.redis.scope_index import IndexOptions
from sentinel_core.stores.redis.store import RedisOptions, RedisStore
from sentinel_core.stores.redis.upstash import UpstashConnection
from sentinel_core.support.clock import SYSTEM_CLOCK
from sentinel_core.support.http import LeanTransport
from tests.stores.conftest import PATIENCE
from tests.stores.contract import entry, query, unit
from tests.stores.servers import TOKEN
from tests.support.fakes import counted

pytestmark = pytest.mark.anyio


@pytest.fixture
async def store(bridge: Bridge, bridge_url: str, database: RedisServer) -> AsyncIterator[RedisStore]:
    wire = UpstashConnection(bridge_url, TOKEN, timeout=PATIENCE, transport=LeanTransport())
    store = RedisStore(wire, embedder_id="e1", clock=SYSTEM_CLOCK)
    yield store
    await store.aclose()


def spent(bridge: Bridge) -> tuple[int, int]:
    """Requests and commands since the last call."""
    counted = bridge.requests, bridge.commands
    bridge.requests = bridge.commands = 0
    return counted


async def test_an_exact_hit_is_one_round_trip_of_at_most_two_commands(store: RedisStore, bridge: Bridge) -> None:
    await store.save(query(), entry(), unit(1))
    spent(bridge)
    assert await store.load(query()) is not None
    assert spent(bridge) == (1, 1)
    cold = RedisStore(store._wire, embedder_id="e1", clock=SYSTEM_CLOCK)
    assert await cold.load(query()) is not None
    assert spent(bridge) == (1, 2)


async def test_what_is_loaded_in_one_turn_is_one_round_trip_and_each_prompt_one_command(
    store: RedisStore, bridge: Bridge
) -> None:
    stored = entry("a")
    await store.save(query("a"), stored, unit(1))
    spent(bridge)

    found = await asyncio.gather(*(store.load(query(prompt)) for prompt in ("a", "b", "a")))

    assert found == [stored, None, stored]
    assert spent(bridge) == (1, 2)


async def test_a_semantic_hit_is_three_round_trips_and_four_commands(store: RedisStore, bridge: Bridge) -> None:
    await store.save(query("stored"), entry("stored"), unit(1))
    cold = RedisStore(store._wire, embedder_id="e1", clock=SYSTEM_CLOCK)
    spent(bridge)
    assert await cold.load(query("asked")) is None
    await cold.refresh(query("asked"))
    assert len(await cold.nearest(query("asked"), unit(1), floor=0.9, limit=4)) == 1
    assert spent(bridge) == (3, 4)
    # Warm, within the interval, the index is not read again.
    assert await cold.load(query("asked")) is None
    await cold.refresh(query("asked"))
    assert len(await cold.nearest(query("asked"), unit(1), floor=0.9, limit=4)) == 1
    assert spent(bridge) == (2, 2)


async def test_a_miss_adds_one_round_trip_for_the_store(store: RedisStore, bridge: Bridge) -> None:
    assert await store.load(query()) is None
    assert await store.refresh(query(), lease_seconds=5.0)
    assert await store.nearest(query(), unit(1), floor=0.9, limit=4) == []
    assert spent(bridge) == (2, 5)
    await store.save(query(), entry(), unit(1))
    # Entry, item and its stream's expiry, the listing of the scope and its expiry, the lease.
    assert spent(bridge) == (1, 6)
    await store.save(query("another"), entry("another"), unit(2))
    assert spent(bridge) == (1, 3)


async def test_an_answer_that_took_long_is_stored_in_one_round_trip_all_the_same(
    database: RedisServer, bridge: Bridge, bridge_url: str
) -> None:
    wire = UpstashConnection(bridge_url, TOKEN, timeout=PATIENCE, transport=LeanTransport())
    options = RedisOptions(index=IndexOptions(sync_seconds=0.0))
    store = RedisStore(wire, embedder_id="e1", options=options, clock=SYSTEM_CLOCK)
    await store.load(query())
    spent(bridge)
    await store.save(query(), entry(), unit(1))
    # The five commands of a scope's first entry, and the purges since.
    assert spent(bridge) == (1, 6)
    await store.aclose()


async def test_counters_travel_with_a_round_trip_once_in_a_while(store: RedisStore, bridge: Bridge) -> None:
    await store.load(query())
    spent(bridge)
    for _ in range(MAX_CALLS * 2):
        store.add_counters({"requests": 1, "hits": 1})
        await store.load(query())
    requests, commands = spent(bridge)
    assert requests == MAX_CALLS * 2
    # Two flushes of two counters and of the commands sent, and the day's expiry with the first.
    assert commands - requests == 2 * 3 + 1


async def test_an_owners_counters_travel_with_everyones(store: RedisStore, bridge: Bridge) -> None:
    await store.load(query())
    spent(bridge)
    for _ in range(MAX_CALLS):
        store.add_counters({"requests": 1, "hits": 1}, "ns")
    await store.load(query())
    # Two counters in two hashes, that of the commands sent, the expiry of each hash, and the load.
    assert spent(bridge) == (1, 2 * 2 + 1 + 2 + 1)


async def test_counters_that_did_not_arrive_are_added_again(store: RedisStore, database: RedisServer) -> None:
    store.add_counters({"requests": 3})
    database.ask("CONFIG", "SET", "maxmemory", "1")
    with pytest.raises(Exception, match="OOM"):
        await store.save(query(), entry(), unit(1))
    await store._trips.flush()
    database.ask("CONFIG", "SET", "maxmemory", "0")
    found = await counted(store)
    assert (found["requests"], {*found}) == (3.0, {"requests", "store_commands"})


async def test_a_page_of_many_small_scopes_is_a_few_round_trips(store: RedisStore, bridge: Bridge) -> None:
    for number in range(40):
        await store.save(query(fingerprint=f"{number:064x}"), entry(), unit(1))
    spent(bridge)

    page = await store.entries("ns", limit=50)

    assert (len(page.entries), page.cursor) == (40, None)
    assert spent(bridge)[0] <= 10
