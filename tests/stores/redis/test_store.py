"""The Redis store on both wires against a real server, as one instance and as several."""

from __future__ import annotations

import asyncio
import time

import pytest

from scripts.devtools.redis.bridge import Bridge
from scripts.devtools.redis.server import RedisServer
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.ports import Purge, Vector
from sentinel_core.stores.redis import key_names, scope_index
from sentinel_core.stores.redis.connection import RedisConnection
from sentinel_core.stores.redis.known_purges import item_of
from sentinel_core.stores.redis.store import RedisStore
from tests.stores.conftest import MakeStore
from tests.stores.contract import StoreContract, between, entry, query, unit
from tests.stores.inventory import InventoryContract
from tests.support.fakes import FakeClock, TwoClocks, counted

pytestmark = pytest.mark.anyio


class TestRedisStore(StoreContract, InventoryContract):
    @pytest.fixture
    def store(self, make_store: MakeStore) -> RedisStore:
        return make_store(sync_seconds=0.0)


async def saved(store: RedisStore, prompt: str, vector: Vector | None = None, **fields: object) -> Entry:
    made = entry(prompt, **fields)  # type: ignore[arg-type]
    await store.save(query(prompt), made, vector)
    return made


async def found(store: RedisStore, vector: Vector, *, limit: int = 4) -> list[str]:
    await store.refresh(query())
    return [candidate.entry.prompt for candidate in await store.nearest(query(), vector, floor=0.9, limit=limit)]


async def test_what_one_instance_stored_another_serves(make_store: MakeStore) -> None:
    one, other = make_store(), make_store()
    made = await saved(one, "hello", unit(1))
    assert await other.load(query("hello")) == made
    assert await found(other, between(unit(1), unit(2), 0.05)) == ["hello"]


async def test_a_warm_instance_learns_what_is_new_after_the_interval(make_store: MakeStore) -> None:
    clock = FakeClock(time.time())
    one, other = make_store(), make_store(sync_seconds=5.0, clock=clock)
    assert await found(other, unit(1)) == []
    await saved(one, "hello", unit(1))
    assert await found(other, unit(1)) == []
    clock.advance(5.0)
    assert await found(other, unit(1)) == ["hello"]


async def test_a_long_index_is_read_page_by_page(make_store: MakeStore) -> None:
    one, other = make_store(), make_store(page=10, sync_seconds=0.0)
    for seed in range(35):
        await saved(one, f"p{seed}", unit(seed))
    assert [await found(other, unit(seed)) for seed in (0, 19, 34)] == [["p0"], ["p19"], ["p34"]]
    assert await other.count() == 35


async def test_what_one_request_cannot_read_in_time_the_next_reads_on(make_store: MakeStore) -> None:
    one, other = make_store(), make_store(page=10, catch_up_seconds=0.0, sync_seconds=60.0)
    for seed in range(25):
        await saved(one, f"p{seed}", unit(seed))
    counts = []
    for _ in range(4):
        await other.refresh(query())
        counts.append(await other.count())
    assert counts == [10, 20, 25, 25]


async def test_only_one_reads_a_scope_at_a_time(make_store: MakeStore, bridge: Bridge) -> None:
    one, other = make_store(), make_store()
    await saved(one, "hello", unit(1))
    before = bridge.by_name["XRANGE"]
    await asyncio.gather(*(other.refresh(query()) for _ in range(20)))
    assert await other.count() == 1
    if bridge.requests:  # the wire is Upstash's
        # One page of the index, and the purges at the first round trip.
        assert bridge.by_name["XRANGE"] - before == 2


async def test_an_item_whose_entry_is_gone_leaves_the_mirror(make_store: MakeStore, database: RedisServer) -> None:
    store = make_store()
    await saved(store, "gone", unit(1))
    await saved(store, "there", between(unit(1), unit(2), 0.1))
    database.ask("DEL", key_names.entry_of(query("gone")))
    assert await found(store, unit(1), limit=1) == ["there"]
    assert await store.count() == 1


async def test_vectors_of_two_embedders_never_meet(make_store: MakeStore) -> None:
    await saved(make_store(), "hello", unit(1))
    one, other = make_store(), make_store(embedder_id="e2")
    assert await found(other, unit(1)) == []
    await saved(other, "hello", unit(2))
    assert (await found(one, unit(1)), await found(one, unit(2))) == ([], [])
    assert await found(other, unit(2)) == ["hello"]


async def test_expired_items_are_not_mirrored(make_store: MakeStore) -> None:
    one, other = make_store(grace=0.0), make_store()
    await saved(one, "short", unit(1), ttl=1.0)
    await saved(one, "long", unit(2))
    assert await one.count() == 2
    later = RedisStore(one._wire, embedder_id="e1", clock=TwoClocks(now=lambda: time.time() + 120))
    await later.refresh(query())
    assert await later.count() == 1
    await other.refresh(query())
    assert await other.count() == 2


async def test_the_least_used_scope_makes_room(make_store: MakeStore) -> None:
    store = make_store(max_bytes=5_000)
    for name in "abc":
        one = query(name, fingerprint=name * 64)
        await store.save(one, entry(name), unit(ord(name)))
    assert await store.count() < 3
    first = query("a", fingerprint="a" * 64)
    await store.refresh(first)
    assert len(await store.nearest(first, unit(ord("a")), floor=0.9, limit=1)) == 1


async def test_a_stream_is_trimmed_by_count(
    make_store: MakeStore, database: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scope_index, "MAX_PAIRS", 20)
    store = make_store(max_items=100)
    for seed in range(400):
        await saved(store, f"p{seed}", unit(seed))
    length = int(database.ask("XLEN", key_names.index("ns", "e1", "f" * 64)).removeprefix(":"))
    assert 100 <= length <= 250


async def test_a_stream_is_trimmed_by_age(make_store: MakeStore, database: RedisServer) -> None:
    key = key_names.index("ns", "e1", "f" * 64)
    for seed in range(150):
        database.ask("XADD", key, f"{seed + 1}-0", "d", f"old{seed}", "v", "x", "x", "1")
    await saved(make_store(), "new", unit(1))
    assert int(database.ask("XLEN", key).removeprefix(":")) <= 101


PURGES = [Purge(), Purge("ns"), Purge("ns", model="m"), Purge("ns", tag="t")]


@pytest.mark.parametrize("purge", PURGES, ids=repr)
async def test_a_purge_is_seen_by_all_within_the_interval(make_store: MakeStore, purge: Purge) -> None:
    one, other = make_store(sync_seconds=0.05), make_store(sync_seconds=0.05)
    await saved(one, "hello", unit(1), tags=("t",))
    assert await other.load(query("hello")) is not None
    assert await found(other, unit(1)) == ["hello"]
    await one.purge(purge)
    assert await one.load(query("hello")) is None
    await asyncio.sleep(0.05)
    assert await other.load(query("hello")) is None
    assert await found(other, unit(1)) == []
    assert await found(make_store(), unit(1)) == []


@pytest.mark.parametrize("purge", [Purge("other"), Purge("ns", model="n"), Purge("ns", tag="u")], ids=repr)
async def test_a_purge_of_something_else_leaves_the_rest(make_store: MakeStore, purge: Purge) -> None:
    store = make_store()
    made = await saved(store, "hello", unit(1), tags=("t",))
    await store.purge(purge)
    assert await store.load(query("hello")) == made
    assert await found(make_store(), unit(1)) == ["hello"]


async def test_what_is_stored_after_a_purge_lives(make_store: MakeStore) -> None:
    store = make_store()
    await store.purge(Purge())
    made = await saved(store, "hello", unit(1))
    assert await make_store().load(query("hello")) == made
    assert await found(make_store(), unit(1)) == ["hello"]


async def test_what_is_stored_after_a_purge_that_is_learned_only_then_lives(make_store: MakeStore) -> None:
    store = make_store(sync_seconds=0.0)
    assert await store.load(query("hello")) is None
    await make_store().purge(Purge("ns"))
    made = await saved(store, "hello", unit(1))
    assert await make_store().load(query("hello")) == made
    assert await found(make_store(), unit(1)) == ["hello"]


async def test_a_clock_that_is_wrong_does_not_undo_a_purge(make_store: MakeStore) -> None:
    store = make_store()
    await saved(store, "future", unit(1), age=-3600.0)
    await store.purge(Purge("ns"))
    assert await store.load(query("future")) is None


async def test_one_who_has_not_heard_of_a_purge_cannot_store_past_it(make_store: MakeStore) -> None:
    one, other = make_store(sync_seconds=60.0), make_store()
    await one.load(query("hello"))
    await other.purge(Purge("ns"))
    await saved(one, "hello", unit(1))
    assert await other.load(query("hello")) is None


async def test_many_purges_are_learned_page_by_page(make_store: MakeStore, wire: RedisConnection) -> None:
    store = make_store()
    await saved(store, "hello", unit(1), tags=("t",))
    for start in range(0, 2500, 500):
        tags = [item_of(Purge("ns", tag=str(number))) for number in range(start, start + 500)]
        await wire.run([("XADD", key_names.PURGES, "*", *fields) for fields in tags])
    await store.purge(Purge("ns", tag="t"))
    assert await make_store().load(query("hello")) is None


async def test_one_entry_can_be_deleted_once(make_store: MakeStore) -> None:
    one, other = make_store(sync_seconds=0.0), make_store(sync_seconds=0.0)
    await saved(one, "hello", unit(1))
    assert await found(other, unit(1)) == ["hello"]
    where = query("hello")
    assert await one.delete(where.namespace, where.fingerprint, where.digest)
    assert not await one.delete(where.namespace, where.fingerprint, where.digest)
    assert await other.load(where) is None
    assert await found(other, unit(1)) == []


RUBBISH = ["foreign", "1", "2", "1 0-0 5 {}", "1 x 5 {}", "3 0-0 5 {}", "null", '1 0-0 5 {"format":1}']


@pytest.mark.parametrize("rubbish", RUBBISH)
async def test_a_foreign_value_is_a_counted_miss_and_overwritten(
    make_store: MakeStore, wire: RedisConnection, rubbish: str
) -> None:
    store = make_store()
    await wire.run([("SET", key_names.entry_of(query("hello")), rubbish)])
    assert (await store.load(query("hello")), store.faults.corrupt) == (None, 1)
    made = await saved(store, "hello", unit(1))
    assert await store.load(query("hello")) == made


async def test_keys_of_another_type_are_counted_misses_and_overwritten(
    make_store: MakeStore, wire: RedisConnection
) -> None:
    index = key_names.index("ns", "e1", "f" * 64)
    await wire.run([("RPUSH", name, "foreign") for name in (key_names.entry_of(query("hello")), index)])
    store = make_store()
    assert await store.load(query("hello")) is None
    assert await found(store, unit(1)) == []
    assert store.faults.corrupt == 2
    made = await saved(store, "hello", unit(1))
    assert await make_store().load(query("hello")) == made
    assert await found(make_store(), unit(1)) == ["hello"]


async def test_rubbish_in_an_index_is_skipped_and_counted(make_store: MakeStore, wire: RedisConnection) -> None:
    one, other = make_store(), make_store()
    index = key_names.index("ns", "e1", "f" * 64)
    await wire.run([("XADD", index, "*", "d", "bad", "v", "rubbish", "x", str(int(time.time()) + 99))])
    await wire.run([("XADD", index, "*", "foreign", "item")])
    await saved(one, "hello", unit(1))
    assert await found(other, unit(1)) == ["hello"]
    assert (other.faults.corrupt, await other.count()) == (2, 1)


async def test_an_overwritten_log_of_purges_lets_nothing_old_be_served(
    make_store: MakeStore, wire: RedisConnection
) -> None:
    await saved(make_store(), "old", unit(1))
    await wire.run([("SET", key_names.PURGES, "foreign")])
    store = make_store()
    with pytest.raises(Exception, match="in place of the log of purges"):
        await store.load(query("old"))
    assert await store.load(query("old")) is None
    made = await saved(store, "new", unit(2))
    assert await make_store().load(query("new")) == made


async def test_counters_of_all_instances_add_up_by_day(make_store: MakeStore) -> None:
    one, other = make_store(), make_store()
    for store, owner in ((one, "acme"), (other, "globex"), (other, None)):
        store.add_counters({"requests": 1, "saved_usd": 0.25, "zero": 0}, owner)
    await one.aclose()
    assert await other.read_counters("1999-12-31") == [{}]
    assert await counted(other) == {"requests": 3.0, "saved_usd": 0.75}
    for owner in ("acme", "globex"):
        assert await counted(make_store(), owner) == {"requests": 1.0, "saved_usd": 0.25}
    assert await counted(other, "initech") == {}


async def test_entries_outlive_the_instances(make_store: MakeStore, database: RedisServer) -> None:
    made = await saved(make_store(), "hello", unit(1))
    assert int(database.ask("TTL", key_names.entry_of(query("hello"))).removeprefix(":")) in range(890, 902)
    assert await make_store().load(query("hello")) == made
