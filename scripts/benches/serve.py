"""Latency and throughput of hits and misses beside the bare limits, interleaved in one run."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

from scripts.benches import bare_store, client, load, report, servers, stores, targets, workload
from scripts.benches.blocks import CHAT, EMBEDDED, MODELS, QUERY, Series, Setup, blocks_of, interleave, query
from scripts.benches.report import Row
from scripts.benches.servers import Running
from scripts.benches.workload import Workload

PROBES = 500


def main(argv: Sequence[str]) -> int:
    arguments = _parser().parse_args(argv)
    work = workload.load(max(arguments.entries), probes=min(PROBES, *arguments.entries), made=arguments.made)
    tables: dict[str, list[Row]] = {"Sequential": [], "Beside the bare limits": [], "Connections": []}
    for store in arguments.store:
        for rows, title in zip(_measure(arguments, store, work), tables, strict=True):
            tables[title] += rows
    tables["What drives and what stands behind"] = _ceilings(
        max(arguments.connections, default=1), arguments.seconds, has_bridge="upstash" in arguments.store
    )
    report.publish("serve", tables)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench serve", description=__doc__)
    parser.add_argument("--store", nargs="+", choices=stores.KINDS, default=["memory"])
    parser.add_argument("--made", action="store_true", help="made prompts, also where public ones are at hand")
    parser.add_argument("--entries", nargs="+", type=int, default=[1_000, 10_000])
    parser.add_argument("--connections", nargs="*", type=int, default=[1, 8, 32, 128])
    parser.add_argument("--rounds", type=int, default=7, help="interleaved; ratios are medians of the rounds' ratios")
    parser.add_argument("--requests", type=int, default=60, help="sequential requests of a kind in one round")
    parser.add_argument("--seconds", type=float, default=2, help="of load in one round")
    return parser


def _measure(arguments: argparse.Namespace, store: str, work: Workload) -> tuple[list[Row], list[Row], list[Row]]:
    sequential: list[Row] = []
    beside: list[Row] = []
    connections: list[Row] = []
    with ExitStack() as running:
        stub = running.enter_context(servers.module("stub"))
        environ = running.enter_context(stores.environ(store))
        # The rounds send the same rewordings again: a semantic hit is to be a first one. `rewordings` measures both.
        # With 0, exact hits that come again would not be remembered either.
        environ = {**environ, "SENTINEL_REMEMBERED_PROMPTS": "1"}
        sentinel = running.enter_context(servers.sentinel(upstream=stub, **environ))
        bare = running.enter_context(servers.module("bare"))
        stored = bare if store == "memory" else running.enter_context(stores.bare_route(environ))
        setup = Setup(store, sentinel, bare, stored, stub, work, iter(work.fresh), arguments.requests)
        filled = 0
        for entries in sorted(arguments.entries):
            fill(sentinel, work.entries[filled:entries])
            filled = entries
            series = interleave(setup, blocks_of(setup), arguments.rounds)
            named = {"store": store, "entries": entries}
            sequential += [{**named, **row} for row in _latencies(series)]
            beside += [{**named, **row} for row in targets.compared(series)]
            loads = _loads(setup, entries, arguments.connections, arguments.seconds, min(3, arguments.rounds))
            connections += [{**named, **row} for row in loads]
    return sequential, beside, connections


def fill(server: Running, prompts: Sequence[str]) -> None:
    """Store an answer to each prompt, also to one that means the same as another."""
    bodies = [{"prompt": prompt, "model": MODELS[0], "cache_control": "no-cache"} for prompt in prompts]
    shares = [[client.post(QUERY, body) for body in bodies[number::4]] for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(client.sequence, [server.port] * 4, shares))


def _latencies(series: Mapping[str, Series]) -> list[Row]:
    rows: list[Row] = []
    for name, one in series.items():
        taken = report.summarise([value for values in one.seconds for value in values])
        cpu = report.percentile(one.cpu, 0.5)
        rows.append(
            {"what": name, "p50 ms": taken.p50, "p95 ms": taken.p95, "p99 ms": taken.p99, "CPU ms": cpu or None}
        )
    return rows


def _loads(setup: Setup, entries: int, connections: Sequence[int], seconds: float, rounds: int) -> list[Row]:
    stored = [query(prompt) for prompt in setup.work.entries[:entries]]
    reworded = [query(text) for _, text in setup.work.probes]
    kinds = {
        "exact hit": ((setup.sentinel, QUERY, stored), (setup.stored, QUERY, stored)),
        "semantic hit": ((setup.sentinel, QUERY, reworded), (setup.bare, EMBEDDED, reworded)),
    }
    return [
        _load_row(
            kind,
            count,
            [[_drive(*one, connections=count, seconds=seconds) for one in pair] for _ in range(rounds)],
            setup.store,
        )
        for kind, pair in kinds.items()
        for count in connections
    ]


@dataclass(frozen=True, slots=True)
class _Driven:
    """One run of load, and the server's processor time for each request in it, in milliseconds."""

    load: load.Load
    cpu: float


def _drive(server: Running, path: str, bodies: Sequence[object], *, connections: int, seconds: float) -> _Driven:
    before = server.cpu_seconds()
    driven = load.drive(server, path, bodies, connections=connections, seconds=seconds)
    return _Driven(driven, (server.cpu_seconds() - before) * 1000 / max(1, driven.requests))


def _load_row(kind: str, connections: int, rounds: Sequence[Sequence[_Driven]], store: str) -> Row:
    ours, bare = ([one[place] for one in rounds] for place in (0, 1))
    rates, theirs = ([one.load.per_second for one in each] for each in (ours, bare))
    found, rate = report.ratio(rates, theirs), report.percentile(rates, 0.5)
    return {
        "what": kind,
        "connections": connections,
        "req/s": rate,
        "p50 ms": report.percentile([one.load.p50 for one in ours], 0.5),
        "p95 ms": report.percentile([one.load.p95 for one in ours], 0.5),
        "p99 ms": report.percentile([one.load.p99 for one in ours], 0.5),
        "errors": sum(one.load.errors for one in ours),
        "bare req/s": report.percentile(theirs, 0.5),
        "of bare": str(found),
        "CPU ms": report.percentile([one.cpu for one in ours], 0.5),
        "by CPU": str(report.ratio([one.cpu for one in bare], [one.cpu for one in ours])),
        **targets.under_load(kind, store, connections, found, rate),
    }


def _ceilings(connections: int, seconds: float, *, has_bridge: bool) -> list[Row]:
    """What the generator reaches where the server does next to nothing, and what the bridge reaches by itself."""
    bodies = [{"model": MODELS[0], "messages": [{"role": "user", "content": "What is the ceiling?"}]}]
    with servers.module("stub") as stub:
        most = {
            f"{load.generator()}, to the stub": load.drive(stub, CHAT, bodies, connections=connections, seconds=seconds)
        }
    if has_bridge:
        with stores.bridge() as bridge:
            most["the bridge, one GET"] = load.drive(
                bridge, "/", [["GET", bare_store.KEY]], connections=connections, seconds=seconds, headers=stores.BEARER
            )
    return [{"what": name, "connections": connections, "ceiling req/s": one.per_second} for name, one in most.items()]
