"""The same workload through Sentinel and through other caches, each in an environment of its own."""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from scripts.benches import client, load, report, servers, workload
from scripts.benches.peers import cachellm, gptcache, litellm, portkey, sentinel
from scripts.benches.peers.environment import Peer
from scripts.benches.report import Row
from scripts.benches.servers import Running
from scripts.benches.workload import Workload

OTHERS = {peer.name: peer for peer in (cachellm.PEER, gptcache.PEER, litellm.PEER, portkey.PEER)}
CHAT = "/v1/chat/completions"
CONNECTIONS = 32
DELAYS_MS = (0, 50)


@dataclass(slots=True)
class Series:
    """One kind of request: the seconds of each, by round, and how many of all went upstream."""

    seconds: list[list[float]] = field(default_factory=list)
    forwarded: int = 0
    sent: int = 0

    @property
    def medians(self) -> list[float]:
        return [report.summarise(one).p50 for one in self.seconds]

    @property
    def cached_percent(self) -> float:
        return 100 * (1 - self.forwarded / self.sent)


@dataclass(slots=True)
class Subject:
    """A running peer and what was measured of it."""

    peer: Peer
    server: Running
    headers: dict[str, str]
    ready_seconds: float
    rss_mb: float
    series: dict[str, Series] = field(default_factory=dict)
    per_second: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Run:
    """What all subjects share."""

    work: Workload
    stub: Running
    requests: int
    seconds: float

    def fill(self, subject: Subject) -> None:
        prompts = self.work.entries[: subject.peer.holds]
        client.sequence(subject.server.port, [_request(subject, prompt) for prompt in prompts])

    def round(self, subject: Subject, number: int, fresh: Iterator[str]) -> None:
        stored = self.work.entries[: subject.peer.holds][: self.requests]
        probes = self.work.probes[number * self.requests : (number + 1) * self.requests]
        self._series(subject, "exact", stored)
        if subject.peer.embeds:
            self._series(subject, "semantic", [reworded for _, reworded in probes])
        for delay in DELAYS_MS:
            self._series(subject, f"miss {delay}", [next(fresh) for _ in range(self.requests // 2)], delay)
        bodies = [_body(prompt) for prompt in stored]
        driven = load.drive(
            subject.server, CHAT, bodies, connections=CONNECTIONS, seconds=self.seconds, headers=subject.headers
        )
        subject.per_second.append(driven.per_second)

    def _series(self, subject: Subject, kind: str, prompts: Sequence[str], delay: int = 0) -> None:
        before = _calls(self.stub)
        replies = client.sequence(subject.server.port, [_request(subject, prompt, delay) for prompt in prompts])
        series = subject.series.setdefault(kind, Series())
        series.seconds.append([reply.seconds for reply in replies])
        series.forwarded += _calls(self.stub) - before
        series.sent += len(prompts)

    def direct(self, delay: int) -> list[float]:
        """Seconds of the same requests straight to the upstream."""
        requests = [client.post(CHAT, _body(prompt, delay)) for prompt in self.work.entries[: self.requests]]
        return [reply.seconds for reply in client.sequence(self.stub.port, requests)]


def main(argv: Sequence[str]) -> int:
    arguments = _parser().parse_args(argv)
    work = workload.load(arguments.entries, probes=arguments.requests * arguments.rounds, made=arguments.made)
    absent: list[Row] = []
    with ExitStack() as running:
        stub = running.enter_context(servers.module("stub"))
        subjects = [_start(running, sentinel.PEER, stub)]
        for name in arguments.peers:
            try:
                subjects.append(_start(running, OTHERS[name], stub))
            except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
                absent.append({"absent": name, "version": OTHERS[name].version, "why": str(error)})
        run = Run(work, stub, arguments.requests, arguments.seconds)
        for subject in subjects:
            run.fill(subject)
        fresh = {subject.peer.name: iter(work.fresh) for subject in subjects}
        for number in range(arguments.rounds):
            for subject in subjects:
                run.round(subject, number, fresh[subject.peer.name])
        direct = {delay: report.summarise(run.direct(delay)).p50 for delay in DELAYS_MS}
        tables = {
            "Hits": [_hits(subject, subjects[0]) for subject in subjects],
            "Misses and cost": [_misses(subject, direct) for subject in subjects],
            "Absent": absent,
        }
    report.publish("peers", tables)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench peers", description=__doc__)
    parser.add_argument("--peers", nargs="*", choices=[*OTHERS], default=[*OTHERS])
    parser.add_argument("--made", action="store_true", help="made prompts, also where public ones are at hand")
    parser.add_argument("--entries", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5, help="through all peers in turn")
    parser.add_argument("--requests", type=int, default=80, help="of a kind in one round; no rewording is sent twice")
    parser.add_argument("--seconds", type=float, default=2, help="of load in one round")
    return parser


def _start(running: ExitStack, peer: Peer, stub: Running) -> Subject:
    server = running.enter_context(peer.start(stub))
    subject = Subject(peer, server, dict(peer.headers(stub)), 0.0, 0.0)
    # A port that is open does not mean that the model is there: the first answer does.
    first = client.sequence(server.port, [_request(subject, "Are you there?")])[0]
    subject.ready_seconds = server.ready_seconds + first.seconds
    subject.rss_mb = server.rss_mb()
    return subject


def _request(subject: Subject, prompt: str, delay: int = 0) -> bytes:
    return client.post(CHAT, _body(prompt, delay), subject.headers)


def _body(prompt: str, delay: int = 0) -> dict[str, object]:
    """Temperature 0, because CacheLLM stores nothing above 0.3."""
    message = {"role": "user", "content": prompt}
    return {"model": f"stub-{delay}ms", "temperature": 0, "max_tokens": 500, "messages": [message]}


def _calls(stub: Running) -> int:
    calls: int = client.once(stub.port, client.get("/calls")).json()["calls"]
    return calls


def _hits(subject: Subject, ours: Subject) -> Row:
    exact = subject.series["exact"]
    taken = report.summarise([value for values in exact.seconds for value in values])
    semantic = subject.series.get("semantic")
    row: dict[str, report.Cell] = {
        "peer": f"{subject.peer.name} {subject.peer.version}",
        "exact p50 ms": taken.p50,
        "p95": taken.p95,
        "p99": taken.p99,
        "from cache %": exact.cached_percent,
        f"req/s at {CONNECTIONS}": report.percentile(subject.per_second, 0.5),
        "Sentinel's req/s": f"x {report.ratio(ours.per_second, subject.per_second)}",
        "semantic p50 ms": report.percentile(semantic.medians, 0.5) if semantic else None,
        "semantic from cache %": semantic.cached_percent if semantic else None,
    }
    if semantic and (own := ours.series.get("semantic")):
        row["Sentinel's semantic p50"] = f"x {report.ratio(own.medians, semantic.medians)}"
    else:
        row["Sentinel's semantic p50"] = None
    return row


def _misses(subject: Subject, direct: dict[int, float]) -> Row:
    row: dict[str, report.Cell] = {"peer": subject.peer.name}
    for delay, theirs in direct.items():
        series = subject.series[f"miss {delay}"]
        row[f"miss adds to {delay} ms"] = report.percentile(series.medians, 0.5) - theirs
        row[f"forwarded % ({delay} ms)"] = 100 - series.cached_percent
    return {
        **row,
        "ready s": subject.ready_seconds,
        "RSS MB at start": subject.rss_mb,
        "RSS MB at end": subject.server.rss_mb(),
        "entries": subject.peer.holds,
    }
