"""Latency percentiles in constant memory, from fixed buckets."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

BOUNDS_MS = tuple(round(0.1 * 1.25**step, 4) for step in range(64))
"""Upper bounds from 0.1 ms to 2 min, each 25 % above the last: the largest error of a percentile."""


@dataclass(slots=True)
class Histogram:
    """Counts by bucket, and the sum of all values; the last bucket holds values above the last bound."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_MS) + 1))
    sum_ms: float = 0.0

    def add(self, milliseconds: float) -> None:
        self.sum_ms += milliseconds
        self.counts[bisect_left(BOUNDS_MS, milliseconds)] += 1

    def add_all(self, values: Sequence[float]) -> None:
        """Add values in milliseconds, in their order."""
        counts = self.counts
        for milliseconds in values:
            self.sum_ms += milliseconds
            counts[bisect_left(BOUNDS_MS, milliseconds)] += 1

    @property
    def total(self) -> int:
        return sum(self.counts)

    def percentile(self, share: float) -> float | None:
        """Return the upper bound of the bucket that reaches `share` (0 to 1) of all values; None if empty."""
        wanted = share * self.total
        seen = 0
        for bound, count in zip((*BOUNDS_MS, BOUNDS_MS[-1]), self.counts, strict=True):
            seen += count
            if count and seen >= wanted:
                return bound
        return None
