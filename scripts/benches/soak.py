"""Mixed traffic for minutes while store and provider are killed, frozen, throttled and made to lie on a schedule."""

from __future__ import annotations

import argparse
import functools
import importlib.util
import itertools
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from scripts.benches import client, report, servers, soak_report, store_faults, stores, workload
from scripts.benches.blocks import QUERY
from scripts.benches.report import Cell, Row
from scripts.benches.servers import Running
from scripts.benches.soak_report import CALM, Lost, Phase
from scripts.benches.soak_traffic import CALLERS, Traffic, lost, mixed
from scripts.benches.store_faults import Proxy
from scripts.devtools.http.ports import free_port
from scripts.devtools.redis.server import RedisServer
from sentinel_core.stores.redis.mirror import SLACK_SECONDS

HONEST = "honest"
OVERALL = "In all"
MANNERS = ("killed", "frozen", "throttled", "lying")
LIMITS = {
    "SENTINEL_MAX_ENTRIES": "500",  # so that the store in memory is full, and evicts, soon
    "SENTINEL_REQUEST_TIMEOUT_SECONDS": "4",
    "SENTINEL_LOG_LEVEL": "warning",
}
MARGIN_SECONDS = 2
"""An entry that expires so soon is not looked for."""


@dataclass(frozen=True, slots=True)
class Fault:
    part: str
    manner: str
    begin: Callable[[], None]
    end: Callable[[], None]


class Provider:
    """The stub upstream, on one port for all its lives."""

    def __init__(self, running: ExitStack) -> None:
        self.port = free_port()
        self._life = running.enter_context(ExitStack())
        self.server = self._begin()

    def behave(self, manner: str) -> None:
        """Start a fault, or with `HONEST` end whichever there is."""
        if manner == "killed":
            self._life.close()
        elif manner == "frozen":
            self.server.signal(signal.SIGSTOP)
        elif self.server.process.poll() is not None:
            self.server = self._begin()
        else:
            self.server.signal(signal.SIGCONT)
            client.once(self.port, client.get(f"/manner/{manner}"))

    def faults(self) -> list[Fault]:
        end = functools.partial(self.behave, HONEST)
        return [Fault("provider", manner, functools.partial(self.behave, manner), end) for manner in MANNERS]

    def _begin(self) -> Running:
        return self._life.enter_context(servers.module("stub", port=self.port))


@dataclass(frozen=True, slots=True)
class Store:
    """Where entries live, and its faults; in memory there is no server to break."""

    environ: Mapping[str, str]
    server: RedisServer | None = None
    proxy: Proxy | None = None

    def faults(self) -> list[Fault]:
        if self.server is None or self.proxy is None:
            return []
        there = self.server, self.proxy
        return [
            Fault("store", manner, functools.partial(begin, *there), functools.partial(end, *there))
            for manner, (begin, end) in store_faults.FAULTS.items()
        ]


def main(argv: Sequence[str]) -> int:
    arguments = _parser().parse_args(argv)
    try:
        prompts = workload.stream(None if arguments.made else arguments.data)
    except FileNotFoundError as absent:
        print(f"soak: skipped, for there is no {absent.filename} (name a folder by --data, or take --made)")
        return 0
    with ExitStack() as running:
        tables = _soaked(arguments, prompts, running)
    report.publish("soak", {**tables, "Settings": [_settings(arguments)]})
    return 1 if any(row["met"] == "no" for row in tables[OVERALL]) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench soak", description=__doc__)
    parser.add_argument("--store", choices=stores.KINDS, default="upstash")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--data", type=Path, default=workload.DATA, help=f"folder with {workload.STREAM}")
    parser.add_argument("--made", action="store_true", help="prompts made from word lists instead")
    parser.add_argument("--rate", type=float, default=40, help="requests a second, where answers take no time")
    parser.add_argument("--calm", type=float, default=20, help="seconds between faults")
    parser.add_argument("--fault", type=float, default=6, help="seconds a fault lasts")
    parser.add_argument(
        "--ttl", type=int, default=240, help="seconds an answer is fresh; once the first have gone it is warm"
    )
    return parser


def _settings(arguments: argparse.Namespace) -> Row:
    names = ("store", "minutes", "rate", "calm", "fault", "ttl")
    values: dict[str, Cell] = {name: getattr(arguments, name) for name in names}
    return {**values, "callers": CALLERS, "prompts": "made" if arguments.made else "public"}


def _soaked(arguments: argparse.Namespace, prompts: Sequence[str], running: ExitStack) -> dict[str, list[Row]]:
    provider = Provider(running)
    store = _store(arguments.store, running)
    stale = arguments.ttl // 4
    lasting = {"SENTINEL_TTL_SECONDS": str(arguments.ttl), "SENTINEL_STALE_SECONDS": str(stale)}
    sentinel = running.enter_context(servers.sentinel(upstream=provider.server, **store.environ, **LIMITS, **lasting))
    client.once(sentinel.port, client.post(QUERY, {"prompt": "Is the model there?"}))
    begun = time.monotonic()
    until = begun + arguments.minutes * 60
    traffic = Traffic(sentinel, mixed(itertools.cycle(prompts)), until, CALLERS / arguments.rate)
    with ThreadPoolExecutor(CALLERS + 1) as pool:
        working = [pool.submit(traffic.watch), *(pool.submit(traffic.call) for _ in range(CALLERS))]
        phases = _disturbed([*provider.faults(), *store.faults()], until, arguments.calm, arguments.fault)
        for one in working:
            one.result()
    warm = begun + min(arguments.ttl + stale + SLACK_SECONDS, arguments.minutes * 60 / 2)
    kept = None if store.server is None else _looked_for(traffic, store.server, arguments.ttl)
    _plot(traffic, begun)
    weights = [weight for weight in traffic.weights if weight.at >= warm]
    return {
        "By what was broken": soak_report.by_fault(traffic.answers, phases),
        "By minute": soak_report.by_minute(traffic.weights, begun),
        OVERALL: soak_report.in_all(traffic.answers, phases, weights, kept),
    }


def _store(kind: str, running: ExitStack) -> Store:
    if kind == "memory":
        return Store({"SENTINEL_STORE": kind})
    server, proxy, environ = running.enter_context(store_faults.running(kind))
    return Store(environ, server, proxy)


def _disturbed(faults: Sequence[Fault], until: float, calm: float, seconds: float) -> list[Phase]:
    """Break one thing after the other, then all that can be killed together, and so on until the time is over."""
    phases: list[Phase] = []
    for fault in itertools.cycle([*faults, _together([one for one in faults if one.manner == "killed"])]):
        phases.append(_phase(CALM, CALM, until, calm))
        if time.monotonic() >= until:
            return phases
        fault.begin()
        phases.append(_phase(fault.part, fault.manner, until, seconds))
        fault.end()
    raise AssertionError("a cycle does not end")


def _together(faults: Sequence[Fault]) -> Fault:
    def each(switches: Sequence[Callable[[], None]]) -> None:
        for switch in switches:
            switch()

    begins, ends = [one.begin for one in faults], [one.end for one in faults]
    return Fault("both", "killed", functools.partial(each, begins), functools.partial(each, ends))


def _phase(part: str, manner: str, until: float, seconds: float) -> Phase:
    begun = time.monotonic()
    time.sleep(max(0.0, min(seconds, until - begun)))
    return Phase(part, manner, begun, time.monotonic())


def _looked_for(traffic: Traffic, server: RedisServer, ttl: int) -> Lost:
    """Kill Redis once more, and ask for all that was said to be stored."""
    server.kill()
    server.start()
    newest = max(traffic.kept, key=traffic.kept.__getitem__, default=None)
    until = time.monotonic() + soak_report.RECOVERY_SECONDS
    while newest is not None and lost(newest, traffic.sentinel.port) and time.monotonic() < until:
        time.sleep(0.1)
    gone = list(_gone(traffic, ttl))
    return Lost(len(gone), sum(gone))


def _gone(traffic: Traffic, ttl: int) -> Iterator[bool]:
    for ask, at in sorted(traffic.kept.items(), key=lambda item: item[1]):
        if time.monotonic() < at + ttl - MARGIN_SECONDS:
            yield lost(ask, traffic.sentinel.port)


def _plot(traffic: Traffic, begun: float) -> None:
    if importlib.util.find_spec("matplotlib") is None:
        return
    memory = [((weight.at - begun) / 60, weight.megabytes) for weight in traffic.weights]
    report.plot("soak-memory", "Memory under faults", ("minutes", "MB"), {"Sentinel": memory}, scale="linear")
