"""A scope's index by size: the cold mirror, the search in it, and the engine for what is too large."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scripts.benches import report, stores
from scripts.benches.bridge import TOKEN
from scripts.benches.report import Row
from scripts.devtools.redis import resp
from scripts.devtools.redis.server import RedisServer, binary
from sentinel_core.cache.scope import Query
from sentinel_core.matching import vectors
from sentinel_core.matching.vector_index import ScopeIndex
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import RedisConnection
from sentinel_core.stores.redis.known_purges import FIRST
from sentinel_core.stores.redis.scope_index import IndexOptions
from sentinel_core.stores.redis.store import RedisOptions, RedisStore
from sentinel_core.stores.redis.tcp import TcpConnection
from sentinel_core.stores.redis.upstash import UpstashConnection
from sentinel_core.support.clock import SYSTEM_CLOCK
from sentinel_core.support.http import LeanTransport

EMBEDDER = "bench"
QUERY = Query("ns", "f" * 64, "asked", "0" * 64)
BATCH = 500
SEARCHES = 50
ENGINE_KEY = "bench:vectors"


def main(argv: Sequence[str]) -> int:
    arguments = _parser().parse_args(argv)
    rows: list[Row] = []
    spawn = multiprocessing.get_context("spawn")
    for size in arguments.sizes:
        with _filled(size) as server, spawn.Pool(1, maxtasksperchild=1) as fresh:
            for wire in arguments.wires:
                with stores.bridge_before(server) as (bridge, url):
                    row = fresh.apply(_measure, (size, wire, server.url, url))
                    read = row.pop("bytes read from Redis")
                    rows.append({**row, "MB over the wire": (bridge.sent if wire == "upstash" else read) / 1e6})
    tables = {"Mirror": rows}
    engine = [_engine(size) for size in arguments.engine_sizes if binary("redis") is not None]
    report.publish("index", {**tables, "Vector set of Redis 8": engine} if engine else tables)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench index", description=__doc__)
    parser.add_argument("--sizes", nargs="*", type=int, default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--wires", nargs="*", choices=["redis", "upstash"], default=["redis", "upstash"])
    parser.add_argument("--engine-sizes", nargs="*", type=int, default=[1_000, 10_000, 50_000])
    return parser


def _vectors(count: int, seed: int = 0) -> NDArray[np.float32]:
    """Topics with noise around them, which is what sentences look like to a search."""
    random = np.random.default_rng(seed)
    topics = random.standard_normal((max(1, count // 50), vectors.DIMENSION), dtype=np.float32)
    made = topics[random.integers(len(topics), size=count)]
    made += 0.7 * random.standard_normal(made.shape, dtype=np.float32)
    unit: NDArray[np.float32] = made / np.linalg.norm(made, axis=1, keepdims=True)
    return unit


def _digest(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


@contextmanager
def _filled(size: int) -> Iterator[RedisServer]:
    with tempfile.TemporaryDirectory() as directory:
        server = RedisServer(Path(directory), durable=False)
        server.start()
        try:
            asyncio.run(_fill(server, size))
            yield server
        finally:
            server.kill()


async def _fill(server: RedisServer, size: int) -> None:
    key = key_names.index(QUERY.namespace, EMBEDDER, QUERY.fingerprint)
    expires = str(int(time.time()) + 86_400)
    for start in range(0, size, 10_000):
        batch = _vectors(min(10_000, size - start), seed=start)
        await _send(
            server,
            [
                ("XADD", key, "*", "d", _digest(start + at), "v", vectors.encode(vector), "x", expires)
                for at, vector in enumerate(batch)
            ],
        )


async def _send(server: RedisServer, commands: Sequence[Sequence[str]]) -> None:
    link = await resp.connect(*server.address)
    for start in range(0, len(commands), BATCH):
        done = asyncio.get_running_loop().create_future()
        link.send(commands[start : start + BATCH], done.set_result)
        await done
    link.close()


def _measure(size: int, kind: str, redis_url: str, bridge_url: str) -> dict[str, Any]:
    """Runs in a process of its own, so that its memory is what it says."""
    return asyncio.run(_mirror(size, kind, redis_url, bridge_url))


async def _mirror(size: int, kind: str, redis_url: str, bridge_url: str) -> dict[str, Any]:
    tcp = TcpConnection(redis_url, timeout=60)
    wire: RedisConnection = tcp
    if kind == "upstash":
        wire = UpstashConnection(bridge_url, TOKEN, timeout=60, transport=LeanTransport())
    options = RedisOptions(index=IndexOptions(catch_up_seconds=3600, max_items=10**9, max_bytes=1 << 40))
    store = RedisStore(wire, embedder_id=EMBEDDER, options=options, clock=SYSTEM_CLOCK)
    ScopeIndex().add_many(["warm"] * 1000, _vectors(1000))  # numpy's own buffers are not the mirror's
    before, bytes_before = _peak_mb(), await _bytes_out(tcp)
    begun, cpu = time.perf_counter(), time.process_time()
    await store.refresh(QUERY)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    searches = await _searches(store, _vectors(10_000)[:SEARCHES])
    row = {
        "vectors": size,
        "wire": kind,
        "mirror s": seconds,
        "mirror CPU s": cpu,
        "search p50 ms": report.summarise(searches).p50,
        "search p99 ms": report.summarise(searches).p99,
        "memory MB": _peak_mb() - before,
        "bytes read from Redis": await _bytes_out(tcp) - bytes_before,
    }
    await store.aclose()
    return row


async def _searches(store: RedisStore, asked: NDArray[np.float32]) -> list[float]:
    """Near misses: no entry is fetched, the search alone is timed."""
    mirror = store._scopes.mirrors.get_or_make(QUERY.scope, lambda: FIRST)
    seconds = []
    for vector in asked:
        begun = time.perf_counter()
        mirror.index.nearest(vector, limit=4, floor=0.75)
        seconds.append(time.perf_counter() - begun)
    return seconds


async def _bytes_out(wire: TcpConnection) -> int:
    [info] = await wire.run([("INFO", "stats")])
    return int(str(info).partition("total_net_output_bytes:")[2].partition("\r")[0])


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _engine(size: int) -> Row:
    """VADD and VSIM on a real Redis 8: what the engine behind the TCP wire costs."""
    with tempfile.TemporaryDirectory() as directory:
        server = RedisServer(Path(directory), engine="redis", durable=False)
        server.start()
        try:
            return asyncio.run(_vector_set(server, size))
        finally:
            server.kill()


async def _vector_set(server: RedisServer, size: int) -> Row:
    wire = TcpConnection(server.url, timeout=600)
    made = _vectors(size)
    begun = time.perf_counter()
    for start in range(0, size, BATCH):
        batch = enumerate(made[start : start + BATCH], start)
        await wire.run([("VADD", ENGINE_KEY, *_values(vector), _digest(at)) for at, vector in batch])
    filling = time.perf_counter() - begun
    seconds, found = [], 0
    for at, vector in enumerate(made[:SEARCHES]):
        begun = time.perf_counter()
        [reply] = await wire.run([("VSIM", ENGINE_KEY, *_values(vector), "COUNT", "4")])
        seconds.append(time.perf_counter() - begun)
        found += isinstance(reply, list) and _digest(at) in reply
    await wire.aclose()
    taken = report.summarise(seconds)
    return {
        "vectors": size,
        "fill s": filling,
        "VSIM p50 ms": taken.p50,
        "VSIM p99 ms": taken.p99,
        "found itself": found / SEARCHES,
    }


def _values(vector: NDArray[np.float32]) -> list[str]:
    return ["VALUES", str(len(vector)), *(f"{value:.6f}" for value in vector)]
