"""Purges in the log of a real Redis: none is lost, superfluous ones leave."""

from __future__ import annotations

import pytest

from scripts.devtools.redis.server import RedisServer
from sentinel_core.cache.ports import Purge
from sentinel_core.errors import StoreError
from sentinel_core.stores.redis import key_names
from tests.stores.conftest import MakeStore
from tests.stores.contract import entry, query

pytestmark = pytest.mark.anyio


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
