"""Mixed traffic for minutes while the provider is killed, frozen, throttled and made to lie on a schedule."""

from __future__ import annotations

import argparse
import itertools
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field

from scripts.benches import client, report, servers, workload
from scripts.benches.report import Row
from scripts.benches.servers import Running
from scripts.benches.stub import ASKED

HONEST = "honest"
FAULTS = ("killed", "frozen", "throttled", "lying")
RECOVERY_SECONDS = 5.0
"""How long after a fault Sentinel may still fail for it: its breaker and its connections have to notice."""

CALLERS = 8
LIMITS = {
    "SENTINEL_MAX_ENTRIES": "500",  # so that the store is full, and evicts, soon
    "SENTINEL_REQUEST_TIMEOUT_SECONDS": "4",
    "SENTINEL_LOG_LEVEL": "warning",
}


@dataclass(frozen=True, slots=True)
class Phase:
    """What the provider did, in seconds of the monotonic clock."""

    manner: str
    begun: float
    ended: float


@dataclass(frozen=True, slots=True)
class Answer:
    """One request as the caller saw it; `status` is 0 where the connection broke."""

    begun: float
    seconds: float
    status: int
    outcome: str
    wrong: bool


class Provider:
    """The stub upstream, on one port for all its lives."""

    def __init__(self, running: ExitStack) -> None:
        self.port = servers.free_port()
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

    def _begin(self) -> Running:
        return self._life.enter_context(servers.module("stub", "--delay-ms", "20", port=self.port))


@dataclass(slots=True)
class Soak:
    """The traffic, and what came of it."""

    sentinel: Running
    until: float
    pause: float
    answers: list[Answer] = field(default_factory=list)
    rss_mb: list[tuple[float, float]] = field(default_factory=list)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def call(self, prompts: Iterator[str]) -> None:
        """Be one caller, who asks, reads, and rests."""
        connection = client.Connection(self.sentinel.port)
        while time.monotonic() < self.until:
            with self._turn:
                prompt = next(prompts)
            begun = time.monotonic()
            try:
                answer = _checked(prompt, begun, connection.exchange(client.post("/v1/query", {"prompt": prompt})))
            except OSError:
                answer = Answer(begun, time.monotonic() - begun, 0, "broken", wrong=False)
                connection = client.Connection(self.sentinel.port)
            self.answers.append(answer)
            time.sleep(self.pause)

    def watch(self) -> None:
        while time.monotonic() < self.until:
            self.rss_mb.append((time.monotonic(), self.sentinel.rss_mb()))
            time.sleep(1)


def main(argv: Sequence[str]) -> int:
    arguments = _parser().parse_args(argv)
    prompts = itertools.cycle(workload.stream())
    with ExitStack() as running:
        provider = Provider(running)
        sentinel = running.enter_context(servers.sentinel(upstream=provider.server, **LIMITS))
        begun = time.monotonic()
        soak = Soak(sentinel, begun + arguments.minutes * 60, CALLERS / arguments.rate)
        with ThreadPoolExecutor(CALLERS + 1) as pool:
            callers = [pool.submit(soak.call, prompts) for _ in range(CALLERS)]
            watching = pool.submit(soak.watch)
            phases = _disturb(provider, soak.until, arguments.calm, arguments.fault)
            for one in (*callers, watching):
                one.result()
    report.publish("soak", {"By what the provider did": _by_phase(soak, phases), "In all": _in_all(soak, phases)})
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=40, help="requests a second, where answers take no time")
    parser.add_argument("--calm", type=float, default=20, help="seconds between faults; the first time is warm-up")
    parser.add_argument("--fault", type=float, default=6, help="seconds a fault lasts")
    return parser


def _disturb(provider: Provider, until: float, calm: float, fault: float) -> list[Phase]:
    phases: list[Phase] = []
    for manner in itertools.cycle(FAULTS):
        for what, seconds in ((HONEST, calm), (manner, fault)):
            begun = time.monotonic()
            provider.behave(what)
            time.sleep(max(0.0, min(seconds, until - begun)))
            phases.append(Phase(what, begun, time.monotonic()))
        if time.monotonic() >= until:
            provider.behave(HONEST)
            return phases
    raise AssertionError("a cycle does not end")


def _checked(prompt: str, begun: float, reply: client.Reply) -> Answer:
    """The stub quotes the prompt it was asked, so a wrong answer gives itself away."""
    body = reply.json()
    if reply.status != 200:
        return Answer(begun, reply.seconds, reply.status, body["error"]["code"], wrong=False)
    asked = body["matched_prompt"] if body["outcome"] == "hit_semantic" else prompt
    return Answer(begun, reply.seconds, 200, body["outcome"], wrong=not body["response"].endswith(ASKED + asked))


def _by_phase(soak: Soak, phases: Sequence[Phase]) -> list[Row]:
    return [
        _phase_row(manner, soak, [phase for phase in phases if phase.manner == manner]) for manner in (HONEST, *FAULTS)
    ]


def _phase_row(manner: str, soak: Soak, phases: Sequence[Phase]) -> Row:
    answers = [one for one in soak.answers if any(phase.begun <= one.begun < phase.ended for phase in phases)]
    hits = [one.seconds for one in answers if one.outcome.startswith("hit")]
    misses = [one.seconds for one in answers if one.outcome == "miss"]
    return {
        "provider is": manner,
        "times": len(phases),
        "requests": len(answers),
        "hits": len(hits),
        "hit p50 ms": report.summarise(hits).p50 if hits else None,
        "hit p99 ms": report.summarise(hits).p99 if hits else None,
        "misses": len(misses),
        "miss p50 ms": report.summarise(misses).p50 if misses else None,
        "miss p99 ms": report.summarise(misses).p99 if misses else None,
        "failed": sum(one.status != 200 for one in answers),
        "failed as": _counted(one.outcome for one in answers if one.status != 200),
    }


def _in_all(soak: Soak, phases: Sequence[Phase]) -> list[Row]:
    failed = [one for one in soak.answers if one.status != 200]
    unexcused = [one for one in failed if not _excused(one, phases)]
    warm = next(phase.ended for phase in phases)
    first = next((rss for at, rss in soak.rss_mb if at >= warm), soak.rss_mb[-1][1])
    last = report.percentile([rss for _, rss in soak.rss_mb[-10:]], 0.5)
    facts: list[tuple[str, report.Cell, str, bool]] = [
        ("requests", len(soak.answers), "", True),
        ("wrong answers", sum(one.wrong for one in soak.answers), "0", not any(one.wrong for one in soak.answers)),
        ("failed that the provider did not fail", len(unexcused), "0", not unexcused),
        ("slowest recovery, s", max(_recoveries(soak, phases), default=None), f"< {RECOVERY_SECONDS:g}",
         max(_recoveries(soak, phases), default=0.0) < RECOVERY_SECONDS),
        ("memory after warm-up, MB", first, "", True),
        ("memory at the end, MB", last, "within 5 %", abs(last / first - 1) <= 0.05),
    ]  # fmt: skip
    return [
        {"what": what, "is": value, "target": target, "met": ("yes" if met else "no") if target else ""}
        for what, value, target, met in facts
    ]


def _excused(failed: Answer, phases: Sequence[Phase]) -> bool:
    """Whether a fault was there while the request was, or had ended less than a recovery ago."""
    ended = failed.begun + failed.seconds
    return any(
        phase.manner != HONEST and phase.begun <= ended and failed.begun <= phase.ended + RECOVERY_SECONDS
        for phase in phases
    )


def _recoveries(soak: Soak, phases: Sequence[Phase]) -> list[float]:
    """Seconds from the end of each fault to the first answer of the provider that was asked for after it."""
    ends = [phase.ended for phase in phases if phase.manner != HONEST]
    asked = [
        [one.begun + one.seconds for one in soak.answers if one.outcome == "miss" and one.begun >= end] for end in ends
    ]
    return [min(moments) - end for moments, end in zip(asked, ends, strict=True) if moments]


def _counted(words: Iterator[str]) -> str:
    return ", ".join(f"{count} {word}" for word, count in Counter(words).most_common()) or "-"
