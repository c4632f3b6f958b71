"""Searches cases for the longest piece, in several processes, with progress each few seconds and an end on time."""

from __future__ import annotations

import argparse
import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.context import SpawnProcess
from multiprocessing.queues import Queue
from queue import Empty
from typing import NamedTuple, Protocol

MOST_MS = 20.0
"""Of the event loop's processor time in one piece."""
MOST_KEPT = 200
"""Errors, and pieces over their limit."""
MOST_SHOWN = 20
REPORT_SECONDS = 0.5
PRINT_SECONDS = 5.0


class Seen(NamedTuple):
    """One measured piece, or the error that came out of it; `most` is how many milliseconds it may take."""

    case: int
    step: str
    milliseconds: float
    what: str
    most: float = MOST_MS
    error: str = ""


class Looker(Protocol):
    """Measures cases."""

    def look(self, case: int, chance: random.Random) -> Sequence[Seen]:
        """Measure all pieces of one case; the same chance makes the same case."""

    @property
    def counts(self) -> Mapping[str, int]:
        """Return how often each kind of result came."""

    def close(self) -> None:
        """End what the looker started."""


class Making(Protocol):
    """Makes a looker, in the process that uses it; must be picklable."""

    def make(self) -> Looker: ...


@dataclass(slots=True)
class Found:
    """The worst piece of each step, the first pieces over their limit, errors, and how many cases were looked at."""

    cases: int = 0
    worst: dict[str, Seen] = field(default_factory=dict)
    too_long: list[Seen] = field(default_factory=list)
    errors: list[Seen] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, seen: Seen) -> None:
        if seen.error:
            self.errors = [*self.errors, seen][:MOST_KEPT]
            return
        if seen.milliseconds > seen.most:
            self.too_long = [*self.too_long, seen][:MOST_KEPT]
        self._compare(seen)

    def join(self, other: Found) -> None:
        """Take in what another process found since its last report."""
        self.cases += other.cases
        self.errors = [*self.errors, *other.errors][:MOST_KEPT]
        self.too_long = [*self.too_long, *other.too_long][:MOST_KEPT]
        for seen in other.worst.values():
            self._compare(seen)
        self.counts += other.counts

    def _compare(self, seen: Seen) -> None:
        if seen.step not in self.worst or seen.milliseconds > self.worst[seen.step].milliseconds:
            self.worst[seen.step] = seen

    @property
    def is_good(self) -> bool:
        return not self.errors and not self.too_long

    def by_length(self) -> list[Seen]:
        """Return the worst pieces, those nearest to their limit first."""
        return sorted(self.worst.values(), key=lambda seen: -seen.milliseconds / seen.most)


@dataclass(frozen=True, slots=True)
class Share:
    """The cases of one process: each `of`-th from `first` on, of `count`; none begins `seconds` after the first."""

    seed: int
    first: int
    count: int
    of: int
    seconds: float

    def cases(self) -> Iterator[tuple[int, random.Random]]:
        """Yield each case with a chance of its own, so that it can be repeated alone."""
        ends = time.monotonic() + self.seconds
        for case in range(self.first, self.first + self.count, self.of):
            if time.monotonic() >= ends:
                return
            yield case, random.Random(f"{self.seed} {case}")


def options(parser: argparse.ArgumentParser, cases: int) -> None:
    """Add the options of a search."""
    parser.add_argument("--cases", type=int, default=cases, metavar="COUNT")
    parser.add_argument("--first", type=int, default=0, metavar="CASE", help="with --cases 1: repeat one case")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="no case begins later")
    parser.add_argument("--processes", type=int, default=multiprocessing.cpu_count())


def search(making: Making, chosen: argparse.Namespace) -> Found:
    """Look at all cases, and print how far it is; a process that dies is an error."""
    spawn = multiprocessing.get_context("spawn")
    reports: Queue[Found] = spawn.Queue()
    number = max(1, min(chosen.processes, chosen.cases))
    shares = [Share(chosen.seed, chosen.first + at, chosen.cases - at, number, chosen.seconds) for at in range(number)]
    workers = [spawn.Process(target=_work, args=(making, share, reports), daemon=True) for share in shares]
    for worker in workers:
        worker.start()
    found = _collected(workers, reports, chosen.cases)
    found.errors += [Seen(-1, "process", 0.0, "", error=f"exit {each.exitcode}") for each in workers if each.exitcode]
    return found


def _collected(workers: Sequence[SpawnProcess], reports: Queue[Found], cases: int) -> Found:
    """Join the reports until all workers have ended, and print progress."""
    found, begun, printed = Found(), time.monotonic(), time.monotonic()
    while any(worker.is_alive() for worker in workers) or not reports.empty():
        with suppress(Empty):
            other = reports.get(timeout=0.2)
            found.join(other)
            for seen in (*other.too_long, *other.errors)[:MOST_SHOWN]:
                print(f"found: {shown(seen)}", flush=True)
        if time.monotonic() - printed > PRINT_SECONDS:
            printed = time.monotonic()
            print(progress(found, cases, printed - begun), flush=True)
    return found


def progress(found: Found, cases: int, seconds: float) -> str:
    """Return one line: cases, rate, time left, errors, and the worst piece so far."""
    rate = found.cases / max(seconds, 1e-9)
    left = f"{(cases - found.cases) / rate:.0f} s left" if found.cases else "starting"
    line = f"{found.cases} of {cases}, {rate:.1f}/s, {left}, {len(found.errors)} errors"
    worst = found.by_length()
    return f"{line}; {shown(worst[0])}" if worst else line


def shown(seen: Seen) -> str:
    took = seen.error or f"{seen.milliseconds:.1f} of {seen.most:.0f} ms"
    return f"{took}, case {seen.case}: {seen.step}: {seen.what}"


def report(found: Found, kind: str, seed: int) -> None:
    """Print what was found: a case is repeated with `--seed`, `--first CASE` and `--cases 1`."""
    print(f"{found.cases} {kind}, seed {seed}; longest processor time of one piece, nearest to its limit first:")
    for seen in found.by_length()[:MOST_SHOWN]:
        print(f"  {shown(seen)}")
    for name, count in sorted(found.counts.items()):
        print(f"  {count:8} × {name}")
    print(f"{len(found.too_long)} pieces over their limit, {len(found.errors)} exceptions, of {MOST_KEPT} kept")
    for seen in found.too_long[:MOST_SHOWN]:
        print(f"  {shown(seen)}")
    for seen in found.errors[:MOST_SHOWN]:
        print(f"  {shown(seen)}")


def _work(making: Making, share: Share, reports: Queue[Found]) -> None:
    """Look at the cases of one share, and report every half second."""
    looker = making.make()
    found, reported = Found(), time.monotonic()
    for case, chance in share.cases():
        for seen in looker.look(case, chance):
            found.add(seen)
        found.cases += 1
        if time.monotonic() - reported > REPORT_SECONDS:
            reports.put(found)
            found, reported = Found(), time.monotonic()
    found.counts = Counter(looker.counts)
    reports.put(found)
    looker.close()
