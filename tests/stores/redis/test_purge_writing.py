"""Purges in the log of a real Redis: none is lost, superfluous ones leave."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scripts.devtools.redis.server import RedisServer
from sentinel_core.cache.ports import Purge
from sentinel_core.errors import StoreError
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.store import RedisStore
from tests.stores.conftest import MakeStore
from tests.stores.contract import entry, query

pytestmark = pytest.mark.anyio

FLOOR = "0floor"


async def test_a_purge_that_redis_refuses_forgets_no_earlier_one(make_store: MakeStore, database: RedisServer) -> None:
    store = make_store()
    old = entry("hello", tags=("t",))
    await store.save(query("hello"), old, None)
    await store.purge(Purge("ns", tag="t"))
    database.ask("CONFIG", "SET", "maxmemory", "1")
    try:
        with pytest.raises(StoreError, match="OOM"):
            await store.purge(Purge("ns"))
    finally:
        database.ask("CONFIG", "SET", "maxmemory", "0")

    assert database.ask("XLEN", key_names.PURGES) == ":1"
    assert await make_store().load(query("hello")) is None


async def test_purges_that_a_later_one_covers_leave_the_log(make_store: MakeStore, database: RedisServer) -> None:
    store = make_store()
    for tag in ("t", "t", "t", "u"):
        await store.purge(Purge("ns", tag=tag))
    await store.purge(Purge("other"))
    assert database.ask("XLEN", key_names.PURGES) == ":3"
    await store.purge(Purge("ns"))
    assert database.ask("XLEN", key_names.PURGES) == ":2"


async def _outgrow(store: RedisStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Erase more writers than the log holds; erasures are never merged."""
    monkeypatch.setattr("sentinel_core.stores.redis.purge_writing.SPARE", 2)
    store._trips.purges.length = 10
    for number in range(20):
        await store.purge(Purge("ns", author=f"author {number}"))


async def _thin(store: RedisStore) -> int:
    """Delete all purges but the marks, as later purges would; return the number of marks."""
    [items] = await store._trips.run([("XRANGE", key_names.PURGES, "-", "+")])
    assert isinstance(items, list)
    purges = [str(each[0]) for each in items if isinstance(each, list) and FLOOR not in str(each[1])]
    await store._trips.run([("XDEL", key_names.PURGES, *purges)])
    return len(items) - len(purges)


async def test_an_instance_that_starts_late_forgets_no_trimmed_purge(
    make_store: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_store()
    await store.save(query("hello"), replace(entry("hello"), author="author 0"), None)
    await _outgrow(store, monkeypatch)
    await store.save(query("new"), entry("new"), None)
    marks = await _thin(store)
    late = make_store()

    assert 0 < marks < 10
    assert await late.load(query("hello")) is None
    assert await late.load(query("new")) is not None


async def test_a_mark_costs_an_instance_nothing_that_read_the_trimmed_purges(
    make_store: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, reader = make_store(), make_store()
    await store.save(query("hello"), entry("hello"), None)
    monkeypatch.setattr("sentinel_core.stores.redis.purge_writing.SPARE", 2)
    store._trips.purges.length = 10
    for number in range(20):
        await store.purge(Purge("ns", author=f"author {number}"))
        await reader._trips.catch_up()

    assert await reader.load(query("hello")) is not None


async def test_the_log_of_purges_stays_within_its_length(
    make_store: MakeStore, database: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_store()
    await _outgrow(store, monkeypatch)

    assert int(database.ask("XLEN", key_names.PURGES).removeprefix(":")) <= 14
