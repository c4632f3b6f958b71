"""Time series of this process: outcomes, dollars, latencies and verdicts by minute, hour and day."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Literal, TypeAlias

from sentinel_core.telemetry.histogram import Histogram
from sentinel_core.telemetry.sums import Batch

Step: TypeAlias = Literal["minute", "hour", "day"]
SECONDS: dict[Step, int] = {"minute": 60, "hour": 3_600, "day": 86_400}
KEPT: dict[Step, int] = {"minute": 120, "hour": 72, "day": 62}
"""Points of each step; with 20 outcomes, about 2 MB in the worst case."""


@dataclass(slots=True)
class Point:
    """
    The sums of one step that begins at `at` (Unix time, a multiple of the step).

    `bins` count latencies, `own_usd` is what the cache's own work cost.
    """

    at: int
    outcomes: Counter[str] = field(default_factory=Counter)
    bins: Counter[tuple[str, int]] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    cost_usd: float = 0.0
    saved_usd: float = 0.0
    unpriced: int = 0
    own_usd: float = 0.0

    @property
    def is_empty(self) -> bool:
        return not self.outcomes and not self.verdicts and not self.own_usd

    def add(self, other: Point) -> None:
        """Add another point's sums to this one."""
        self.outcomes.update(other.outcomes)
        self.bins.update(other.bins)
        self.verdicts.update(other.verdicts)
        self.cost_usd += other.cost_usd
        self.saved_usd += other.saved_usd
        self.unpriced += other.unpriced
        self.own_usd += other.own_usd

    def latency_of(self, outcome: str) -> Histogram:
        """Return the latencies of one outcome."""
        histogram = Histogram()
        for (name, bin_index), count in self.bins.items():
            if name == outcome:
                histogram.counts[bin_index] += count
        return histogram


class Series:
    """
    Sums requests into points.

    A request changes the point of the current minute only; points of hours and days are made of whole minutes.
    """

    def __init__(self) -> None:
        self.id = token_hex(8)
        """Tells it from those of other processes, and from earlier ones of this tenant."""
        self._minute = Point(0)
        self._kept: dict[Step, deque[Point]] = {step: deque(maxlen=most) for step, most in KEPT.items()}

    def add(self, batch: Batch) -> None:
        """Add the sums of requests."""
        point, sums = self._at(batch.minute), batch.sums
        point.outcomes[batch.line.outcome] += sums.requests
        for number, count in batch.bins.items():
            point.bins[batch.line.outcome, number] += count
        point.cost_usd += sums.cost_usd
        point.saved_usd += sums.saved_usd
        point.unpriced += sums.unpriced

    def spend(self, usd: float, now: float) -> None:
        """Add dollars spent on the cache's own work."""
        self._at(now).own_usd += usd

    def judge(self, verdict: str, now: float) -> None:
        """Add one verdict on a served answer."""
        self._at(now).verdicts[verdict] += 1

    def points(self, step: Step, now: float) -> Sequence[Point]:
        """Return the points of a step, oldest first; steps without requests are left out."""
        self._at(now)
        kept = self._kept[step]
        whole = [] if self._minute.is_empty else [self._minute]
        return _merged([*kept, *whole], SECONDS[step])

    def _at(self, now: float) -> Point:
        minute = int(now // 60) * 60
        if minute > self._minute.at:
            self._close(minute)
        return self._minute

    def _close(self, minute: int) -> None:
        """Add the minute that is over to the hour's and the day's point."""
        over, self._minute = self._minute, Point(minute)
        if over.is_empty:
            return
        for step, kept in self._kept.items():
            start = over.at // SECONDS[step] * SECONDS[step]
            if not kept or kept[-1].at != start:
                kept.append(Point(start))
            kept[-1].add(over)


def _merged(points: Iterable[Point], seconds: int) -> list[Point]:
    """Return new points of this many seconds, in the order of time."""
    merged: dict[int, Point] = {}
    for point in points:
        start = point.at // seconds * seconds
        merged.setdefault(start, Point(start)).add(point)
    return list(merged.values())
