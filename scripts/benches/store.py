"""Hits over Redis, by the Upstash bridge and by TCP, beside a bare route with one raw round trip to the same place."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.benches import client, load, report, servers, stores, workload
from scripts.benches.blocks import QUERY, query
from scripts.benches.report import Row
from scripts.benches.serve import fill
from scripts.benches.servers import Running
from scripts.benches.workload import Workload
from scripts.devtools.http.ports import free_port
from scripts.devtools.redis.server import RedisServer

ENTRIES = 1_000
PROBES = 200


@dataclass(frozen=True, slots=True)
class Measured:
    """One server and what is asked of it; `bare` names the one it is compared with."""

    name: str
    server: Running
    bodies: Sequence[Mapping[str, object]]
    bare: str | None = None


def main(argv: Sequence[str]) -> int:
    arguments = _parser().parse_args(argv)
    work = workload.load(ENTRIES, probes=PROBES, made=arguments.made)
    with tempfile.TemporaryDirectory() as directory:
        redis = RedisServer(Path(directory), durable=False)
        redis.start()
        try:
            with _all(redis, work) as measured:
                tables = {
                    "Sequential": _sequential(measured, arguments.rounds, arguments.requests),
                    "Connections": _connections(measured, arguments.connections, arguments.rounds, arguments.seconds),
                }
        finally:
            redis.kill()
    report.publish("store", tables)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench store", description=__doc__)
    parser.add_argument("--made", action="store_true", help="made prompts, also where public ones are at hand")
    parser.add_argument("--connections", nargs="*", type=int, default=[1, 32])
    parser.add_argument("--rounds", type=int, default=5, help="interleaved; ratios are medians of the rounds' ratios")
    parser.add_argument("--requests", type=int, default=200, help="sequential requests of a kind in one round")
    parser.add_argument("--seconds", type=float, default=2, help="of load in one round")
    return parser


@contextmanager
def _all(redis: RedisServer, work: Workload) -> Iterator[list[Measured]]:
    """Sentinel on either wire, and with the SDK's own HTTP client, each after the bare route on its wire."""
    stored = [query(prompt) for prompt in work.entries]
    reworded = [query(text) for _, text in work.probes]
    with ExitStack() as running:
        over_http = running.enter_context(stores.pointing_at(redis, "upstash"))
        over_tcp = running.enter_context(stores.pointing_at(redis, "redis"))
        stub = running.enter_context(servers.module("stub"))
        upstash = running.enter_context(servers.sentinel(upstream=stub, name="upstash", **over_http))
        tcp = running.enter_context(servers.sentinel(upstream=stub, name="tcp", **over_tcp))
        stock = running.enter_context(_stock(stub, over_http))
        bare_http = running.enter_context(stores.bare_route(over_http))
        bare_tcp = running.enter_context(stores.bare_route(over_tcp))
        fill(upstash, work.entries)
        yield [
            Measured("bare route, raw HTTP", bare_http, stored),
            Measured("exact hit, bridge", upstash, stored, "bare route, raw HTTP"),
            Measured("exact hit, bridge, stock httpx", stock, stored, "bare route, raw HTTP"),
            Measured("semantic hit, bridge", upstash, reworded, "bare route, raw HTTP"),
            Measured("bare route, redis-py", bare_tcp, stored),
            Measured("exact hit, TCP", tcp, stored, "bare route, redis-py"),
            Measured("semantic hit, TCP", tcp, reworded, "bare route, redis-py"),
        ]


@contextmanager
def _stock(stub: Running, environ: Mapping[str, str]) -> Iterator[Running]:
    port = free_port()
    settings = {"GROQ_API_KEY": "none", "GROQ_BASE_URL": f"{stub.url}/v1", "SENTINEL_MODEL": "stub", **environ}
    command = [sys.executable, "-m", "scripts.benches.stock", "--port", str(port), "--provider", "groq"]
    with servers.running("stock", command, port=port, environ=settings) as server:
        yield server


def _sequential(measured: Sequence[Measured], rounds: int, count: int) -> list[Row]:
    seconds: dict[str, list[list[float]]] = {one.name: [] for one in measured}
    cpu: dict[str, list[float]] = {one.name: [] for one in measured}
    for number in range(rounds + 1):  # the first warms up
        for one in measured:
            bodies = [one.bodies[(number * count + at) % len(one.bodies)] for at in range(count)]
            before = one.server.cpu_seconds()
            replies = client.sequence(one.server.port, [client.post(QUERY, body) for body in bodies])
            wrong = [reply for reply in replies if not reply.json()["cache_hit"]]
            if number and len(wrong) * 10 > len(replies):
                raise RuntimeError(f"{one.name}: {len(wrong)} of {len(replies)} were no hits")
            if number:
                seconds[one.name].append([reply.seconds for reply in replies if reply not in wrong])
                cpu[one.name].append((one.server.cpu_seconds() - before) / count * 1000)
    return [_row(one, seconds, cpu) for one in measured]


def _row(one: Measured, seconds: Mapping[str, Sequence[Sequence[float]]], cpu: Mapping[str, Sequence[float]]) -> Row:
    taken = report.summarise([value for values in seconds[one.name] for value in values])
    medians = {name: [report.summarise(values).p50 for values in rounds] for name, rounds in seconds.items()}
    beside = None if one.bare is None else str(report.ratio(medians[one.name], medians[one.bare]))
    return {
        "what": one.name,
        "p50 ms": taken.p50,
        "p95 ms": taken.p95,
        "p99 ms": taken.p99,
        "times bare": beside,
        "CPU ms": report.percentile(cpu[one.name], 0.5),
        "CPU, times bare": None if one.bare is None else str(report.ratio(cpu[one.name], cpu[one.bare])),
    }


def _connections(measured: Sequence[Measured], connections: Sequence[int], rounds: int, seconds: float) -> list[Row]:
    rows: list[Row] = []
    for count in connections:
        loads: dict[str, list[load.Load]] = {one.name: [] for one in measured}
        for _ in range(rounds):
            for one in measured:
                loads[one.name].append(load.drive(one.server, QUERY, one.bodies, connections=count, seconds=seconds))
        rows += [_load_row(one, count, loads) for one in measured]
    return rows


def _load_row(one: Measured, connections: int, loads: Mapping[str, Sequence[load.Load]]) -> Row:
    rates = {name: [each.per_second for each in rounds] for name, rounds in loads.items()}
    ours = loads[one.name]
    return {
        "what": one.name,
        "connections": connections,
        "req/s": report.percentile(rates[one.name], 0.5),
        "p50 ms": report.percentile([each.p50 for each in ours], 0.5),
        "p99 ms": report.percentile([each.p99 for each in ours], 0.5),
        "errors": sum(each.errors for each in ours),
        "of bare": None if one.bare is None else str(report.ratio(rates[one.name], rates[one.bare])),
        "of stock": str(report.ratio(rates[one.name], rates[STOCK])) if one.name == "exact hit, bridge" else None,
    }


STOCK = "exact hit, bridge, stock httpx"
