"""One key's hit rate, errors and p99 while another key attacks, beside as many ordinary requests of that key."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import itertools
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import uvloop

from scripts.benches import attacking, client, report, servers
from scripts.benches.blocks import QUERY
from scripts.benches.report import Row
from scripts.benches.servers import Running
from scripts.benches.wire_attacks import REQUESTS

VICTIM, ATTACKER = "victim", "attacker"
SETTINGS = {
    "SENTINEL_API_KEYS": ", ".join(f"{key}:{hashlib.sha256(key.encode()).hexdigest()}" for key in (VICTIM, ATTACKER)),
    "SENTINEL_NAMESPACE_SECRET": "a secret of a server that lives for minutes",
    "SENTINEL_PROVIDER_CONCURRENCY": "32",
    "SENTINEL_REQUEST_TIMEOUT_SECONDS": "20",
}
RATE = 20.0
"""Requests of the victim in a second; half are hits."""
WARM_SECONDS = 1.0
MOST_RATIO, MOST_LOST = 1.25, 0.10


@dataclass(slots=True)
class Seen:
    """The victim's requests of one run."""

    seconds: list[float] = field(default_factory=list)
    hits: int = 0
    errors: int = 0

    @property
    def p99(self) -> float:
        """In milliseconds."""
        return report.percentile(self.seconds, 0.99) * 1000


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench neighbours", description=__doc__)
    parser.add_argument("--seconds", type=float, default=15, help="of each run; a way has two")
    parser.add_argument("--rate", type=float, default=10, help="operations of the attacker in a second")
    parser.add_argument("--ways", nargs="*", choices=[*attacking.WAYS], default=[*attacking.WAYS][:-1])
    arguments = parser.parse_args(argv)
    rows: list[Row] = []
    numbers = itertools.count()
    with servers.module("stub") as stub:
        for way in arguments.ways:
            with servers.sentinel(upstream=stub, **SETTINGS) as server:
                _run(server, attacking.ORDINARY, numbers, arguments.rate, 3)  # warms up
                as_many = 0.0 if way == attacking.FLOOD else arguments.rate * REQUESTS.get(way, 1)
                beside = _run(server, attacking.ORDINARY, numbers, as_many, arguments.seconds)
                seen = _run(server, way, numbers, arguments.rate, arguments.seconds)
            rows.append(_row(way, seen, beside))
    report.publish("neighbours", {"A victim beside an attacker": rows})
    return 0 if all(row["met"] == "yes" for row in rows) else 1


def _run(server: Running, way: str, numbers: Iterator[int], rate: float, seconds: float) -> Seen:
    """Attack from another process, and meanwhile ask as the victim; with a rate of 0 as the victim alone."""
    if not rate:
        return uvloop.run(_victim(server.port, numbers, seconds))
    spawn = multiprocessing.get_context("spawn")
    attacker = spawn.Process(
        target=attacking.attack, args=(way, server.port, ATTACKER, rate, seconds + WARM_SECONDS + 1)
    )
    attacker.start()
    time.sleep(WARM_SECONDS + 1)
    try:
        return uvloop.run(_victim(server.port, numbers, seconds))
    finally:
        attacker.join(seconds + 20)
        attacker.kill()


async def _victim(port: int, numbers: Iterator[int], seconds: float) -> Seen:
    """Ask at a steady rate whatever the answers take: a fresh prompt, then the one before it again."""
    seen, loop, tasks = Seen(), asyncio.get_running_loop(), list[asyncio.Task[None]]()
    begun = loop.time()
    for at in range(int(seconds * RATE / 2)):
        number = next(numbers)
        for half in (0.0, 0.5):
            await asyncio.sleep(max(0.0, begun + (at + half) * 2 / RATE - loop.time()))
            # The answer of a miss takes 50 ms: its prompt is repeated a second later.
            asked = number if half == 0 else max(0, number - int(RATE / 2))
            tasks.append(asyncio.create_task(_ask(port, asked, seen)))
    await asyncio.gather(*tasks)
    return seen


async def _ask(port: int, number: int, seen: Seen) -> None:
    body = {"prompt": f"victim's question number {number}", "model": "stub-50ms"}
    begun = time.perf_counter()
    answer = b""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(client.post(QUERY, body, {"authorization": f"Bearer {VICTIM}", "connection": "close"}))
        answer = await reader.read()
        writer.close()
    except OSError:
        pass
    seen.seconds.append(time.perf_counter() - begun)
    seen.errors += not answer.startswith(b"HTTP/1.1 200")
    seen.hits += b"hit; detail=exact" in answer


def _row(way: str, seen: Seen, beside: Seen) -> Row:
    ratio, lost = seen.p99 / beside.p99, 1 - seen.hits / max(1, beside.hits)
    errors = (seen.errors - beside.errors) / len(seen.seconds)
    return {
        "attack": way,
        "p99 ms beside ordinary": beside.p99,
        "p99 ms": seen.p99,
        "times": ratio,
        "p50 times": report.percentile(seen.seconds, 0.5) / report.percentile(beside.seconds, 0.5),
        "hits lost": lost,
        "more errors": errors,
        "target": f"<= {MOST_RATIO}, {MOST_LOST}",
        "met": "yes" if ratio <= MOST_RATIO and max(lost, errors) <= MOST_LOST else "no",
    }
