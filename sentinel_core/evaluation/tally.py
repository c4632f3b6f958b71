"""Counts of hits, right and wrong, and what they say with their uncertainty."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

_Z = 1.959964
"""Two-sided 95 %."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request. `reusable`: a right answer was stored at that time."""

    hit: bool
    exact: bool
    right: bool
    reusable: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """Of `requests`, so many were hits, hits of an identical prompt, wrong hits, and had a right answer stored."""

    requests: int
    hits: int
    exact: int
    wrong: int
    reusable: int

    @property
    def beyond_exact(self) -> int:
        return self.hits - self.exact

    @property
    def wrong_per_hit(self) -> float | None:
        return self.wrong / self.hits if self.hits else None

    @property
    def recall(self) -> float | None:
        return (self.hits - self.wrong) / self.reusable if self.reusable else None

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.wrong, self.hits) if self.hits else None


def tally(outcomes: Iterable[Outcome]) -> Tally:
    seen = list(outcomes)
    return Tally(
        requests=len(seen),
        hits=sum(outcome.hit for outcome in seen),
        exact=sum(outcome.exact for outcome in seen),
        wrong=sum(outcome.hit and not outcome.right for outcome in seen),
        reusable=sum(outcome.reusable for outcome in seen),
    )


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Wilson's 95 % score interval of a proportion."""
    share = successes / trials
    scale = 1 + _Z**2 / trials
    centre = (share + _Z**2 / (2 * trials)) / scale
    half = _Z * math.sqrt(share * (1 - share) / trials + _Z**2 / (4 * trials**2)) / scale
    return max(0.0, centre - half), min(1.0, centre + half)
