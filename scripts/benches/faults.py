"""Sentinel under load while its Redis is killed, frozen, made read-only, full, slow or a liar, fault by fault."""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvloop

from scripts.benches import client, report, servers, store_faults, workload
from scripts.benches.blocks import QUERY, query
from scripts.benches.report import Row
from scripts.benches.serve import fill
from scripts.benches.servers import Running
from scripts.benches.store_faults import FAULTS, Proxy
from scripts.benches.workload import Workload
from scripts.devtools.redis.server import RedisServer

CALLERS = 32
STORED = 200
BUDGET_MS = 800
RECOVERY_SECONDS = 5.0
HITS = ("hit_exact", "hit_semantic")


@dataclass
class Window:
    """What callers saw in one stretch of time."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    seconds: list[float] = field(default_factory=list)
    first_hit: float | None = None


def main(argv: Sequence[str]) -> int:
    arguments = _parser().parse_args(argv)
    work = workload.load(STORED, probes=1, made=True)
    rows: list[Row] = []
    for kind in arguments.wires:
        with _running(kind, work) as (sentinel, redis, proxy):
            rows += uvloop.run(_all(kind, sentinel, redis, proxy, work, arguments))
    report.publish("faults", {"Faults": rows})
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench faults", description=__doc__)
    parser.add_argument("--wires", nargs="*", choices=["redis", "upstash"], default=["redis", "upstash"])
    parser.add_argument(
        "--faults", nargs="*", choices=FAULTS, default=[*FAULTS], metavar="FAULT", help="; ".join(FAULTS)
    )
    parser.add_argument("--seconds", type=float, default=10, help="of each fault, and of health before and after")
    return parser


@contextmanager
def _running(kind: str, work: Workload) -> Iterator[tuple[Running, RedisServer, Proxy]]:
    """Sentinel, its wire, the proxy and a durable Redis behind one another."""
    with (
        store_faults.running(kind) as (redis, proxy, environ),
        servers.module("stub") as upstream,
        servers.sentinel(upstream=upstream, **environ) as sentinel,
    ):
        fill(sentinel, work.entries)
        yield sentinel, redis, proxy


async def _all(
    kind: str, sentinel: Running, redis: RedisServer, proxy: Proxy, work: Workload, arguments: argparse.Namespace
) -> list[Row]:
    rows: list[Row] = []
    fresh = itertools.count()
    seconds = arguments.seconds
    for name in arguments.faults:
        breaking, mending = FAULTS[name]
        healthy = await _under_load(sentinel, work, fresh, seconds)
        await asyncio.to_thread(breaking, redis, proxy)
        broken = await _under_load(sentinel, work, fresh, seconds)
        await asyncio.to_thread(mending, redis, proxy)
        mended = await _under_load(sentinel, work, fresh, max(seconds, RECOVERY_SECONDS))
        rows.append(_row(kind, name, healthy, broken, mended))
    return rows


async def _under_load(sentinel: Running, work: Workload, fresh: Iterator[int], seconds: float) -> Window:
    window = Window()
    begun = time.perf_counter()
    await asyncio.gather(*(_caller(sentinel.port, work, fresh, begun, seconds, window) for _ in range(CALLERS)))
    return window


async def _caller(
    port: int, work: Workload, fresh: Iterator[int], begun: float, seconds: float, window: Window
) -> None:
    """Three stored prompts to one new."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() - begun < seconds:
        number = next(fresh)
        prompt = work.entries[number % len(work.entries)] if number % 4 else f"What came before number {number}?"
        asked = time.perf_counter()
        writer.write(client.post(QUERY, query(prompt)))
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        body = await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
        answered = time.perf_counter()
        window.seconds.append(answered - asked)
        _note(window, head, body, answered - begun)
        await asyncio.sleep(0.05)
    writer.close()


def _note(window: Window, head: bytes, body: bytes, at: float) -> None:
    if head[9:12] != b"200":
        window.failed += 1
        return
    outcome = str(json.loads(body)["outcome"])
    window.outcomes[outcome] += 1
    if outcome in HITS and window.first_hit is None:
        window.first_hit = at


def _row(kind: str, name: str, healthy: Window, broken: Window, mended: Window) -> Row:
    before, during = report.summarise(healthy.seconds), report.summarise(broken.seconds)
    added = during.p99 - before.p99
    recovered = mended.first_hit is not None and mended.first_hit <= RECOVERY_SECONDS
    return {
        "wire": kind,
        "fault": name,
        "requests": len(broken.seconds),
        "failed": healthy.failed + broken.failed + mended.failed,
        "hits %": 100 * sum(broken.outcomes[hit] for hit in HITS) / max(1, len(broken.seconds)),
        "p50 ms": during.p50,
        "p99 ms": during.p99,
        "p99 before": before.p99,
        "max ms": max(broken.seconds) * 1000,
        "added p99 within budget": "yes" if added <= BUDGET_MS else "no",
        "first hit after s": mended.first_hit,
        "recovered in 5 s": "yes" if recovered else "no",
    }
