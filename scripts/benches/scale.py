"""Cost against size: entries, scopes, tenants, prompt length, and instances on one Redis."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import itertools
import math
import multiprocessing
import os
import socket
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from scripts.benches import blocks, load, report, serve, servers, stores, workload
from scripts.benches.report import Cell, Row
from scripts.devtools.redis.server import RedisServer
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.ports import Vector
from sentinel_core.cache.scope import Query, digest
from sentinel_core.chat.messages import Completion, Usage
from sentinel_core.matching.canonical_text import comparable
from sentinel_core.matching.embedders import onnx_runtime
from sentinel_core.matching.vector_index import ScopeIndex
from sentinel_core.matching.vectors import DIMENSION
from sentinel_core.stores.memory import MemoryStore
from sentinel_core.support.clock import SYSTEM_CLOCK

REPEATS = 30
LIMIT, FLOOR = 4, 0.9
TOKENS = (8, 16, 32, 64, 128, 250)
DAY = 86_400.0


def main(argv: Sequence[str]) -> int:
    arguments = _parser().parse_args(argv)
    tables: dict[str, Sequence[Row]] = {
        "Entries in one scope": _sloped("entries", _alone(_entries, [(n,) for n in arguments.entries]), "search ms"),
        **{
            f"{what.title()} of one entry": _sloped(
                what, _alone(_scopes, [(n, what) for n in arguments.scopes]), "load us"
            )
            for what in ("scopes", "tenants")
        },
        "Tokens in a prompt": _sloped("tokens", _lengths(), "embed ms"),
        "Instances on one Redis": [_instances(count, arguments.seconds) for count in arguments.instances],
    }
    report.publish("scale", tables)
    searched = [(float(str(row["entries"])), float(str(row["search ms"]))) for row in tables["Entries in one scope"]]
    embedded = [(float(str(row["tokens"])), float(str(row["embed ms"]))) for row in tables["Tokens in a prompt"]]
    report.plot("scale-entries", "Search in one scope", ("entries", "ms"), {"search": searched})
    report.plot("scale-tokens", "Embedding", ("tokens", "ms"), {"embedding": embedded})
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench scale", description=__doc__)
    parser.add_argument("--entries", nargs="+", type=int, default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--scopes", nargs="+", type=int, default=[1, 100, 10_000, 100_000])
    parser.add_argument("--instances", nargs="*", type=int, default=[1, 2, 4])
    parser.add_argument("--seconds", type=float, default=3, help="of load on the instances")
    return parser


def _alone(measure: Callable[..., Row], sizes: Sequence[tuple[object, ...]]) -> list[Row]:
    """Measure each size in a process of its own, whose memory nobody has used before."""
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        return pool.starmap(measure, sizes, chunksize=1)


def _sloped(size: str, rows: Sequence[Row], cost: str) -> list[Row]:
    """
    Add how the cost grew since the row before: 0 is flat, 1 is in proportion.

    Where it turns from the one to the other, the curve bends.
    """
    sloped: list[Row] = []
    for before, row in zip([None, *rows], rows, strict=False):
        slope: Cell = None
        if before is not None:
            grown = math.log(float(str(row[size])) / float(str(before[size])))
            slope = math.log(float(str(row[cost])) / float(str(before[cost]))) / grown
        sloped.append({**row, f"slope of {cost}": slope})
    return sloped


def _entries(count: int) -> Row:
    """Random unit vectors; the query is one of them with a little noise, as a rewording is."""
    draw = np.random.default_rng(count)
    index = ScopeIndex()
    rows = np.empty((count, DIMENSION), dtype=np.float32)
    begun = time.process_time()
    for first in range(0, count, 1_000):
        some = draw.standard_normal((min(1_000, count - first), DIMENSION), dtype=np.float32)
        some /= np.linalg.norm(some, axis=1, keepdims=True)
        rows[first : first + len(some)] = some
        index.add_many([hashlib.sha256(str(first + n).encode()).hexdigest() for n in range(len(some))], some)
    added = (time.process_time() - begun) / count
    near = rows[draw.integers(count)] + 0.01 * draw.standard_normal(DIMENSION, dtype=np.float32)
    vector: Vector = near / np.linalg.norm(near)
    search = _median(lambda: index.nearest(vector, limit=LIMIT, floor=FLOOR))
    plain = _median(lambda: int(np.argmax(rows @ vector)))
    return {
        "entries": count,
        "search ms": search * 1e3,
        "float32 product ms": plain * 1e3,
        "of the product": search / plain,
        "add us": added * 1e6,
        "index bytes an entry": index.nbytes / count,
    }


def _scopes(count: int, what: str) -> Row:
    """As many scopes as entries; `what` says whether they differ in their tenant or in all the rest."""
    store = MemoryStore(max_entries=count + 1, max_bytes=2**34, grace=0.0, clock=SYSTEM_CLOCK)
    names = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(count)]
    spread = [(name, "f" * 64) if what == "tenants" else ("tenant", name) for name in names]
    queries = [Query(namespace, fingerprint, "p", digest("p")) for namespace, fingerprint in spread]
    vector: Vector = np.eye(1, DIMENSION, dtype=np.float32)[0]
    before = servers.rss_mb_of(os.getpid())
    saved = _each(store.save(query, _entry(), vector) for query in queries)
    grown = servers.rss_mb_of(os.getpid()) - before
    asked = queries[:: max(1, count // REPEATS)]
    return {
        what: count,
        "save us": saved * 1e6,
        "load us": _each(store.load(query) for query in asked) * 1e6,
        "search us": _each(store.nearest(query, vector, floor=FLOOR, limit=LIMIT) for query in asked) * 1e6,
        "bytes an entry": grown * 1_048_576 / count if count >= 10_000 else None,
    }


def _lengths() -> list[Row]:
    model, tokenizer = onnx_runtime.load(), onnx_runtime.load_tokenizer()
    text = " ".join(workload.load(2_000, probes=1, made=True).entries)
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    rows: list[Row] = []
    for tokens in TOKENS:
        prompt = tokenizer.decode(ids[: tokens - 2])
        rows.append(
            {
                "tokens": model.count_tokens(prompt),
                "embed ms": _median(partial(model.embed, [prompt])) * 1e3,
                "comparable text ms": _median(_canonicalising(prompt)) * 1e3,
                "digest us": _median(partial(digest, prompt)) * 1e6,
            }
        )
    return rows


def _canonicalising(prompt: str) -> Callable[[], str]:
    """With another word at its end each time, for what was asked before is remembered."""
    numbers = itertools.count()
    return lambda: comparable(f"{prompt} {next(numbers)}")


def _instances(count: int, seconds: float) -> Row:
    """Exact hits over TCP from several processes on one server, with what each request costs there."""
    with ExitStack() as running:
        directory = running.enter_context(tempfile.TemporaryDirectory())
        redis = RedisServer(Path(directory), durable=False)
        redis.start()
        running.callback(redis.kill)
        stub = running.enter_context(servers.module("stub"))
        with stores.pointing_at(redis, "redis") as environ:
            fleet = [
                running.enter_context(servers.sentinel(upstream=stub, name=f"instance-{number}", **environ))
                for number in range(count)
            ]
        stored = [blocks.query(prompt) for prompt in workload.load(100, probes=1, made=True).entries]
        serve.fill(fleet[0], [str(body["prompt"]) for body in stored])
        before = _info(redis)
        with ThreadPoolExecutor(count) as pool:
            loads = list(
                pool.map(lambda one: load.drive(one, blocks.QUERY, stored, connections=8, seconds=seconds), fleet)
            )
        spent = {name: value - before[name] for name, value in _info(redis).items()}
    requests = sum(one.requests for one in loads)
    return {
        "instances": count,
        "req/s in all": sum(one.per_second for one in loads),
        "p50 ms": max(one.p50 for one in loads),
        "commands a request": spent["total_commands_processed"] / requests,
        "bytes to Redis": spent["total_net_input_bytes"] / requests,
        "bytes from Redis": spent["total_net_output_bytes"] / requests,
        "errors": sum(one.errors for one in loads),
    }


def _info(redis: RedisServer) -> dict[str, int]:
    """Return what the server counts."""
    with socket.create_connection(redis.address) as link:
        link.sendall(b"INFO stats\r\n")
        text = link.recv(65_536).decode()
    pairs = (line.split(":", 1) for line in text.splitlines() if line.startswith("total_"))
    return {name: int(value) for name, value in pairs if value.isdigit()}


def _entry() -> Entry:
    answer = Completion("stub", "stub", {"role": "assistant", "content": "x" * 400}, "stop", Usage(14, 90))
    return Entry("p", answer, created=time.time(), ttl=DAY, cost_usd=0.0001)


def _each(calls: Iterable[Coroutine[Any, Any, object]]) -> float:
    """Run them one after the other; seconds of each, on average."""

    async def all_of_them() -> float:
        begun, count = time.perf_counter(), 0
        for call in calls:
            await call
            count += 1
        return (time.perf_counter() - begun) / count

    return asyncio.run(all_of_them())


def _median(call: Callable[[], object]) -> float:
    """Seconds of one call."""
    taken = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begun)
    return report.percentile(taken, 0.5)
