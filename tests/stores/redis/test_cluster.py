"""The Redis store on a real cluster of three masters with a replica each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
from redis.crc import key_slot

from scripts.devtools.redis.cluster import RedisClusterServers
from scripts.devtools.redis.server import RedisServer
from sentinel_core.cache.ports import Count, Purge
from sentinel_core.errors import ConfigurationError, StoreError
from sentinel_core.stores.redis import key_names, removals, sweep
from sentinel_core.stores.redis.cluster import ClusterConnection
from sentinel_core.stores.redis.cluster_keys import joined, pieces, slot_of, tagged
from sentinel_core.stores.redis.connection import Command
from sentinel_core.stores.redis.detection import DetectedConnection
from sentinel_core.stores.redis.scope_index import IndexOptions
from sentinel_core.stores.redis.store import RedisOptions, RedisStore
from sentinel_core.support.clock import SYSTEM_CLOCK
from tests.stores.conftest import PATIENCE
from tests.stores.contract import GRACE, StoreContract, entry, query, unit
from tests.stores.inventory import InventoryContract

pytestmark = pytest.mark.anyio

PASSWORD = "pä ss'\"$/@:#?%"
KEYS = {
    key_names.entry("ns", "f", "d"): "sentinel:v1:{ns}:entry:f:d",
    key_names.index("ns", "e", "f"): "sentinel:v1:{ns}:index:e:f",
    key_names.vectors("ns", "e", "f"): "sentinel:v1:{ns}:vectors:e:f",
    key_names.lease(query(namespace="ns")): f"sentinel:v1:{{ns}}:lease:{'f' * 64}:{query().digest}",
    key_names.scopes("ns"): "sentinel:v1:{ns}:scopes",
    key_names.stats("2026-01-31", "ns"): "sentinel:v1:{ns}:stats:2026-01-31",
    key_names.tops("ns", "2026-01-31", "saved_usd"): "sentinel:v1:{ns}:top-saved_usd:2026-01-31",
}
SHARED = [
    key_names.PURGES,
    key_names.API_KEYS,
    key_names.stats("2026-01-31"),
    key_names.api_key("ab"),
    key_names.count("ab:usd:day"),
    key_names.alert("budget:t:stats:80"),
    "another application's key",
]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisClusterServers]:
    """Over two seconds to start: six servers have to agree."""
    cluster = RedisClusterServers(
        tmp_path_factory.mktemp("cluster"), durable=False, password=PASSWORD, node_timeout=1.0
    )
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.kill()


@pytest.fixture
async def wire(cluster: RedisClusterServers) -> AsyncIterator[ClusterConnection]:
    for node in cluster.nodes:
        node.ask("FLUSHALL")
    wire = ClusterConnection(cluster.url, timeout=5.0)
    yield wire
    await wire.aclose()


def made(wire: ClusterConnection | DetectedConnection) -> RedisStore:
    options = RedisOptions(grace=GRACE, index=IndexOptions(sync_seconds=0.0))
    return RedisStore(wire, embedder_id="e1", options=options, clock=SYSTEM_CLOCK, secret=b"a secret")


class TestStoreOnACluster(StoreContract, InventoryContract):
    @pytest.fixture
    def store(self, wire: ClusterConnection) -> RedisStore:
        return made(wire)


def test_keys_of_a_namespace_carry_it_as_hash_tag() -> None:
    assert {key: tagged(key) for key in KEYS} == KEYS
    assert len({key_slot(key.encode()) for key in KEYS.values()}) == 1
    assert [tagged(key) for key in SHARED] == SHARED


def test_records_of_curated_answers_lie_beside_their_log_and_version() -> None:
    keys = [name("ns") for name in (key_names.curated, key_names.curated_log, key_names.curated_version)]

    assert len({key_slot(tagged(key).encode()) for key in keys}) == 1


def test_a_command_with_keys_of_many_slots_is_split_and_joined() -> None:
    command = "MGET", "b", "sentinel:v1:ns:entry:f:1", "a", "sentinel:v1:ns:entry:f:2", "b"
    parts = pieces(command)
    assert parts == [
        ("MGET", "b", "b"),
        ("MGET", "sentinel:v1:{ns}:entry:f:1", "sentinel:v1:{ns}:entry:f:2"),
        ("MGET", "a"),
    ]
    assert joined(command, parts, [["B", "B"], ["1", None], ["A"]]) == ["B", "1", "A", None, "B"]
    error = StoreError("no")
    assert joined(command, parts, [["B", "B"], error, ["A"]]) is error
    assert joined(("DEL", "a", "b"), [("DEL", "a"), ("DEL", "b")], [1, 0]) == 1


async def test_replies_are_those_of_a_single_server(wire: ClusterConnection) -> None:
    commands: list[Command] = [
        ("SET", "k", "Zürich ∑ 🙂"),
        ("MGET", "k", "absent", "k"),
        ("XADD", "s", "1-1", "d", "digest"),
        ("XRANGE", "s", "-", "+"),
        ("HINCRBY", "h", "f", "2"),
        ("HGETALL", "h"),
        ("HGET", "k", "f"),
        ("DEL", "k", "s", "absent"),
        ("ECHO", "token"),
        ("PING",),
    ]
    replies = await wire.run(commands)
    assert [str(reply) if isinstance(reply, StoreError) else reply for reply in replies] == [
        "OK",
        ["Zürich ∑ 🙂", None, "Zürich ∑ 🙂"],
        "1-1",
        [["1-1", ["d", "digest"]]],
        2,
        ["f", "2"],
        "refused: WRONGTYPE",
        2,
        "token",
        "PONG",
    ]
    assert await wire.run([]) == []


async def test_a_cluster_is_found_behind_an_ordinary_address(cluster: RedisClusterServers) -> None:
    wire = DetectedConnection(cluster.url, timeout=5.0)
    slots = [f"k{number}" for number in range(30)]
    assert await wire.run([("SET", key, key) for key in slots]) == ["OK"] * 30
    assert await wire.run([("MGET", *slots)]) == [slots]
    await wire.aclose()
    assert await wire.run([("GET", "k1")]) == ["k1"]
    await wire.aclose()


async def test_every_request_of_many_tenants_is_served(wire: ClusterConnection) -> None:
    store = made(wire)
    for number in range(20):
        asked = query(namespace=f"tenant{number}")
        assert await store.refresh(asked, lease_seconds=5.0)
        await store.save(asked, entry(), unit(1))
        charged = store.counts().add([Count(f"{number}:usd", 5, 60.0), Count(f"{number}:tokens", 0, 60.0)], keep=True)
        assert await store.load(asked) is not None
        assert [total.amount for total in await charged.totals()] == [5, 0]
        assert len(await store.nearest(asked, unit(1), floor=0.5, limit=3)) == 1


async def test_an_erased_writers_bytes_go_and_others_stay(
    wire: ClusterConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removals, "SETTLE_SECONDS", 0.0)
    store = made(wire)
    for number in range(30):
        saved = replace(entry(f"p{number}"), author="ab"[number % 2] * 64)
        for namespace in ("one", "two"):
            await store.save(query(f"p{number}", namespace=namespace), saved, unit(number))

    begun = await store.removals.begin(Purge("one", author="a" * 64))
    await store.removals.work(within=100.0)

    done = await store.removals.get(begun.id)
    assert done is not None
    assert (done.finished is None, done.entries, done.vectors, done.streams) == (False, 15, 15, 1)
    for namespace, left in (("one", 15), ("two", 30)):
        assert len((await store.entries(namespace, limit=100)).entries) == left


async def test_a_purge_of_everything_frees_the_bytes_on_every_master(
    wire: ClusterConnection, cluster: RedisClusterServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removals, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(sweep, "SCANNED", 5)
    store = made(wire)
    asked = [query(f"p{number}", namespace=f"n{number % 9}") for number in range(90)]
    for each in asked:
        await store.save(each, entry(), unit(1))
    names = [tagged(key_names.entry_of(each)) for each in asked]
    holders = {node.port for node in cluster.masters for name in names if node.ask("EXISTS", name) == ":1"}

    begun = await store.removals.begin(Purge())
    await store.removals.work(within=100.0)

    done = await store.removals.get(begun.id)
    assert done is not None
    assert (len(holders), done.entries, done.finished is None) == (3, 90, False)
    assert not [name for node in cluster.masters for name in names if node.ask("EXISTS", name) == ":1"]


async def test_a_slot_that_moved_is_followed(wire: ClusterConnection) -> None:
    await wire.run([("SET", "k", "v")])
    nodes = wire._client.nodes_manager
    slot = slot_of(("GET", "k"))
    right = nodes.slots_cache[slot]
    nodes.slots_cache[slot] = next(each for each in nodes.slots_cache.values() if each[0] is not right[0])

    assert await wire.run([("GET", "k"), ("SET", "k", "w"), ("GET", "k")]) == ["v", "OK", "w"]
    assert nodes.slots_cache[slot][0].name == right[0].name


async def test_a_slot_on_the_move_is_served_from_both_sides(
    wire: ClusterConnection, cluster: RedisClusterServers
) -> None:
    await wire.run([("SET", "{t}there", "old")])
    slot = str(slot_of(("GET", "{t}")))
    holder = wire._client.nodes_manager.slots_cache[int(slot)][0]
    source = next(node for node in cluster.nodes if node.port == holder.port)
    target = next(node for node in cluster.masters if node is not source)
    ids = {node: node.ask("CLUSTER", "MYID", lines=2).splitlines()[1] for node in (source, target)}
    assert target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[source]) == "+OK"
    assert source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[target]) == "+OK"
    try:
        commands: list[Command] = [("SET", "{t}new", "1"), ("GET", "{t}there"), ("INCRBY", "{t}new", "2")]
        assert await wire.run(commands) == ["OK", "old", 3]
        assert await wire.run([("DEL", "{t}new")]) == [1]
    finally:
        for node in (source, target):
            node.ask("CLUSTER", "SETSLOT", slot, "STABLE")


async def test_callers_who_leave_mix_up_no_replies(wire: ClusterConnection) -> None:
    await wire.run([("SET", "mine", "mine"), ("SET", "yours", "yours")])
    for pause in (0.0, 0.0001, 0.0005, 0.001, 0.002):
        leaving = asyncio.create_task(wire.run([("GET", "yours"), ("GET", "mine")] * 50))
        await asyncio.sleep(pause)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        assert await asyncio.gather(*(wire.run([("GET", "mine")]) for _ in range(20))) == [["mine"]] * 20


async def test_a_wrong_password_and_a_single_server_are_named(cluster: RedisClusterServers) -> None:
    host = cluster.url.rpartition("@")[2]
    for credentials, code in ((":wrong@", "WRONGPASS"), ("", "NOAUTH")):
        for wire in (
            ClusterConnection(f"redis://{credentials}{host}"),
            DetectedConnection(f"redis://{credentials}{host}"),
        ):
            with pytest.raises(StoreError, match=code):
                await wire.run([("GET", "k")])
            await wire.aclose()


@pytest.mark.parametrize("url", ["redis://host/1", "unix:///tmp/socket"])
def test_a_cluster_has_one_database_and_no_socket(url: str) -> None:
    with pytest.raises(ConfigurationError, match="database 0"):
        ClusterConnection(url)


async def test_only_a_cluster_carries_the_tag(
    wire: ClusterConnection, cluster: RedisClusterServers, database: RedisServer
) -> None:
    single = DetectedConnection(database.url, timeout=PATIENCE)
    for each in (wire, single):
        await made(each).save(query(), entry(), None)
    plain = key_names.entry_of(query())

    assert ":1" in [node.ask("EXISTS", tagged(plain)) for node in cluster.masters]
    assert [database.ask("EXISTS", name) for name in (plain, tagged(plain))] == [":1", ":0"]
    await single.aclose()


async def test_a_failover_is_survived(wire: ClusterConnection, cluster: RedisClusterServers) -> None:
    """The last of this file: it costs the cluster a node."""
    store = made(wire)
    tenants = [query(namespace=f"tenant{number}") for number in range(12)]
    for asked in tenants:
        await store.save(asked, entry(), None)
    await wire.run([("WAIT", "1", "1000")])
    holder = wire._client.nodes_manager.slots_cache[slot_of(("GET", key_names.PURGES))][0]
    next(node for node in cluster.nodes if node.port == holder.port).kill()

    deadline = time.monotonic() + 20.0
    served: set[str] = set()
    while len(served) < len(tenants) and time.monotonic() < deadline:
        for asked in tenants:
            try:
                if await made(wire).load(asked) is not None:
                    await made(wire).save(asked, entry(), None)
                    served.add(asked.namespace)
            except StoreError:
                await asyncio.sleep(0.05)
    assert len(served) == len(tenants)
