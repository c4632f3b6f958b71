"""Of many instances asked the same at once, one asks upstream."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from scripts.devtools.redis.server import RedisServer
from sentinel_core.cache.ports import LEASE_SECONDS
from sentinel_core.errors import StoreError
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.leases import LONGEST_PAUSE, pause_after
from sentinel_core.stores.redis.store import RedisStore
from sentinel_core.stores.redis.tcp import TcpConnection
from sentinel_core.support.clock import SYSTEM_CLOCK
from tests.stores.conftest import PATIENCE, MakeStore
from tests.stores.contract import entry, query, unit

pytestmark = pytest.mark.anyio


async def leads(store: RedisStore, seconds: float = 5.0) -> bool:
    return await store.refresh(query(), lease_seconds=seconds)


async def test_the_first_leads_and_the_others_get_its_entry(make_store: MakeStore) -> None:
    first, *others = (make_store() for _ in range(4))
    assert await leads(first)
    assert [await leads(other) for other in others] == [False, False, False]
    waiting = [asyncio.create_task(other.wait(query(), timeout=5.0)) for other in others]
    await asyncio.sleep(0.05)
    made = entry()
    await first.save(query(), made, unit(1))
    assert await asyncio.gather(*waiting) == [made, made, made]


async def test_when_the_holder_gives_up_one_other_leads(make_store: MakeStore) -> None:
    first, *others = (make_store() for _ in range(4))
    assert await leads(first)
    waiting = [asyncio.create_task(other.wait(query(), timeout=30.0)) for other in others]
    await asyncio.sleep(0.05)
    await first.release(query())
    [leader], pending = await asyncio.wait(waiting, timeout=30.0, return_when=asyncio.FIRST_COMPLETED)
    assert (leader.result(), len(pending)) == (None, 2)
    for task in pending:
        task.cancel()
    assert {type(each) for each in await asyncio.gather(*pending, return_exceptions=True)} == {asyncio.CancelledError}


async def test_when_the_holder_dies_another_leads(make_store: MakeStore) -> None:
    dead, other = make_store(), make_store()
    assert await leads(dead, 0.1)
    assert await other.wait(query(), timeout=5.0) is None
    assert not await leads(make_store())


async def test_nobody_waits_past_the_deadline(make_store: MakeStore) -> None:
    holder, other = make_store(), make_store()
    assert await leads(holder, 600.0)
    assert await asyncio.wait_for(other.wait(query(), timeout=0.15), 30.0) is None


async def test_who_comes_just_after_the_entry_gets_it(make_store: MakeStore) -> None:
    first, late = make_store(), make_store()
    assert await late.load(query()) is None
    assert await leads(first)
    made = entry()
    await first.save(query(), made, None)
    assert not await leads(late)
    assert await late.wait(query(), timeout=5.0) == made
    assert await leads(make_store()) is False


async def test_an_entry_seen_and_found_too_old_does_not_stop_anyone(make_store: MakeStore) -> None:
    store, other = make_store(), make_store()
    stale = entry(age=310.0)
    await store.save(query(), stale, None)
    assert await store.refresh(query(), lease_seconds=5.0, stale_entry=stale)
    assert not await other.refresh(query(), lease_seconds=5.0, stale_entry=stale)
    waiting = asyncio.create_task(other.wait(query(), timeout=5.0, stale_entry=stale))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    renewed = entry()
    await store.save(query(), renewed, None)
    assert await waiting == renewed


async def test_a_lease_past_its_time_is_not_taken_from_its_next_holder(make_store: MakeStore) -> None:
    slow, other, third = make_store(), make_store(), make_store()
    assert await leads(slow, 0.05)
    await asyncio.sleep(0.06)
    assert await leads(other)
    await slow.release(query())
    assert not await leads(third)


async def test_where_nothing_can_be_written_everybody_asks(make_store: MakeStore, database: RedisServer) -> None:
    database.ask("CONFIG", "SET", "maxmemory", "1")
    try:
        stores = make_store(), make_store()
        assert [await leads(store) for store in stores] == [True, True]
        assert [await store.wait(query(), timeout=5.0) for store in stores] == [None, None]
    finally:
        database.ask("CONFIG", "SET", "maxmemory", "0")


async def test_one_process_is_one_holder(make_store: MakeStore) -> None:
    store, other = make_store(), make_store()
    assert await asyncio.gather(*(leads(store) for _ in range(10))) == [True] * 10
    assert await leads(store)
    assert await asyncio.gather(*(leads(other) for _ in range(10))) == [False] * 10


async def test_leases_are_of_one_prompt(make_store: MakeStore, database: RedisServer) -> None:
    store = make_store()
    assert await leads(store)
    assert await store.refresh(query("another"), lease_seconds=5.0)
    assert database.ask("EXISTS", key_names.lease(query())) == ":1"


def milliseconds_left(database: RedisServer) -> int:
    return int(database.ask("PTTL", key_names.lease(query())).lstrip(":"))


async def test_a_renewed_lease_lasts_from_the_renewal_on(make_store: MakeStore, database: RedisServer) -> None:
    holder, other = make_store(), make_store()
    assert await leads(holder, 30.0)
    await holder.renew(query())

    assert 0 < milliseconds_left(database) <= LEASE_SECONDS * 1_000
    assert not await leads(other)


async def test_only_the_holder_renews_a_lease(make_store: MakeStore, database: RedisServer) -> None:
    holder, other = make_store(), make_store()
    assert await leads(holder, 30.0)
    await other.renew(query())

    assert LEASE_SECONDS * 1_000 < milliseconds_left(database) <= 30_000


async def test_a_lease_that_redis_has_lost_is_not_held_any_more(make_store: MakeStore, database: RedisServer) -> None:
    holder, other = make_store(), make_store()
    assert await leads(holder)
    database.ask("DEL", key_names.lease(query()))
    await holder.renew(query())
    assert await leads(other)
    await holder.release(query())

    assert not await leads(make_store())


async def test_a_waiter_holds_its_lease_for_two_seconds_too(make_store: MakeStore, database: RedisServer) -> None:
    assert await make_store().wait(query(), timeout=30.0) is None
    assert 0 < milliseconds_left(database) <= LEASE_SECONDS * 1_000


async def test_a_killed_redis_ends_the_wait(tmp_path: Path) -> None:
    redis = RedisServer(tmp_path, durable=False)
    redis.start()
    holder, other = (
        RedisStore(TcpConnection(redis.url, timeout=PATIENCE), embedder_id="e", clock=SYSTEM_CLOCK) for _ in range(2)
    )
    assert await leads(holder)
    waiting = asyncio.create_task(other.wait(query(), timeout=30.0))
    await asyncio.sleep(0.05)
    redis.kill()
    with pytest.raises(StoreError):
        await asyncio.wait_for(waiting, 25.0)
    await asyncio.gather(holder.aclose(), other.aclose())


def test_a_wait_goes_on_as_the_lease_ends() -> None:
    assert [pause_after(4.0, rest) for rest in (300, 5_000, -1, -2, None)] == [0.305, 1.0, 1.0, 1.0, 1.0]


def test_pauses_grow_with_the_time_waited() -> None:
    assert [pause_after(waited) for waited in (0.0, 0.1, 1.0, 4.0, 100.0)] == [0.025, 0.025, 0.25, 1.0, LONGEST_PAUSE]
