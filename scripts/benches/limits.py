"""Exact hits with a key and three limits, beside the same without any."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.benches import client, report, servers, stores
from scripts.benches.blocks import QUERY, query
from scripts.benches.report import Row
from scripts.benches.servers import Running

CALLERS, PROCESSES, A_MINUTE = 32, 4, 100
LIMITS = ("--requests-per-minute", "1000000", "--tokens-per-minute", "1000000000", "--usd-per-day", "1000000")
SECRET = "the same in all instances"  # noqa: S105  of servers that live for a minute
PROMPTS = [f"What is {number} squared?" for number in range(50)]


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """A server, and what every request to it carries."""

    server: Running
    headers: Mapping[str, str]

    def ask(self, count: int) -> list[client.Reply]:
        requests = [client.post(QUERY, query(prompt), self.headers) for prompt in PROMPTS]
        return client.sequence(self.server.port, [requests[at % len(requests)] for at in range(count)])


def main(argv: Sequence[str]) -> int:
    arguments = _parser().parse_args(argv)
    rows: list[Row] = []
    for kind in arguments.stores if arguments.rounds else ():
        with _sides(kind) as (free, limited):
            rows += _compared(kind, free, limited, arguments.rounds, arguments.requests)
    served = [_served(kind) for kind in arguments.stores if kind != "memory"]
    report.publish("limits", {"Exact hits": rows, f"{CALLERS} callers on one key over {PROCESSES} processes": served})
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench limits", description=__doc__)
    parser.add_argument("--stores", nargs="*", choices=stores.KINDS, default=stores.KINDS)
    parser.add_argument("--rounds", type=int, default=15, help="interleaved; ratios are medians of the rounds' ratios")
    parser.add_argument("--requests", type=int, default=300, help="sequential requests of each side in one round")
    return parser


@contextmanager
def _sides(kind: str) -> Iterator[tuple[Side, Side]]:
    """Two servers on one store, each filled: one is open, one asks for a key that has limits."""
    with tempfile.TemporaryDirectory() as folder, stores.environ(kind) as store, servers.module("stub") as stub:
        kept = {**store, "SENTINEL_KEYS_FILE": str(Path(folder) / "keys.json")}
        key = _made(kept, *LIMITS)
        with (
            servers.sentinel(upstream=stub, name="free", SENTINEL_OPEN="true", **kept) as free,
            servers.sentinel(upstream=stub, name="limited", **kept) as limited,
        ):
            sides = Side(free, {}), Side(limited, {"authorization": f"Bearer {key}"})
            for side in sides:
                side.ask(len(PROMPTS))
            yield sides


def _made(environ: Mapping[str, str], *limits: str) -> str:
    command = [sys.executable, "-m", "sentinel_core", "keys", "create", "acme", *limits]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout.split()[0]


def _compared(kind: str, free: Side, limited: Side, rounds: int, count: int) -> list[Row]:
    seconds: dict[Side, list[list[float]]] = {free: [], limited: []}
    cpu: dict[Side, list[float]] = {free: [], limited: []}
    for number in range(rounds + 1):  # the first warms up
        for side in (free, limited) if number % 2 else (limited, free):
            before = side.server.cpu_seconds()
            replies = side.ask(count)
            if any(b"hit; detail=exact" not in reply.head for reply in replies):
                raise RuntimeError(f"{kind}: not all were exact hits")
            if number:
                seconds[side].append([reply.seconds for reply in replies])
                cpu[side].append((side.server.cpu_seconds() - before) / count * 1000)
    return [
        _row(
            f"{kind}, p50 ms", *([report.summarise(values).p50 for values in seconds[side]] for side in (free, limited))
        ),
        _row(f"{kind}, CPU ms", cpu[free], cpu[limited]),
    ]


def _row(what: str, free: Sequence[float], limited: Sequence[float]) -> Row:
    found = report.ratio(limited, free)
    return {
        "what": what,
        "without": report.percentile(free, 0.5),
        "with": report.percentile(limited, 0.5),
        "times": str(found),
        "target": "<= 1.15",
        "met": "yes" if found.median <= 1.15 else "no",
    }


def _served(kind: str) -> Row:
    """Ask faster than the limit allows, at each process in turn, and count who was served within a minute."""
    with ExitStack() as running, tempfile.TemporaryDirectory() as folder:
        store = running.enter_context(stores.environ(kind))
        stub = running.enter_context(servers.module("stub"))
        kept = {**store, "SENTINEL_KEYS_FILE": str(Path(folder) / "keys.json"), "SENTINEL_NAMESPACE_SECRET": SECRET}
        key = _made(kept, "--requests-per-minute", str(A_MINUTE))
        names = [f"instance-{number}" for number in range(PROCESSES)]
        instances = [running.enter_context(servers.sentinel(upstream=stub, name=name, **kept)) for name in names]
        request = client.post(QUERY, query(PROMPTS[0]), {"authorization": f"Bearer {key}"})
        begun = time.perf_counter()
        with ThreadPoolExecutor(CALLERS) as pool:
            asked = [
                pool.submit(client.once, instances[number % PROCESSES].port, request) for number in range(10 * CALLERS)
            ]
            statuses = Counter(each.result().status for each in asked)
        seconds = time.perf_counter() - begun
    met = A_MINUTE <= statuses[200] <= A_MINUTE + 5 and seconds < 60
    return {
        "what": kind,
        "asked": statuses.total(),
        "seconds": seconds,
        "served": statuses[200],
        "429": statuses[429],
        "target": f"{A_MINUTE} to {A_MINUTE + 5}",
        "met": "yes" if met else "no",
    }
