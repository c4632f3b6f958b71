"""Counts of right and wrong hits, and their rates with confidence intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

_Z = 1.959964
"""Two-sided 95 %."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    The result of one request. `reusable`: a right answer was stored at that time.

    `likelihood` ranks a pair that was compared, whatever the threshold; None for all else.
    """

    hit: bool
    exact: bool
    right: bool
    reusable: bool
    likelihood: float | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """
    Of `requests`, so many were hits, hits of an identical prompt, wrong hits, and had a right answer stored. `trapped`
    are hits of requests that had none.

    `auc` is the area under the ROC curve of the pairs that were compared.
    """

    requests: int
    hits: int
    exact: int
    wrong: int
    reusable: int
    auc: float | None = None
    trapped: int = 0

    @property
    def traps_served(self) -> float | None:
        """The share of requests without a right answer that got a wrong one; `recall` is that of rewordings served."""
        traps = self.requests - self.reusable
        return self.trapped / traps if traps else None

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
        trapped=sum(outcome.hit and not outcome.reusable for outcome in seen),
        auc=area(*(_likelihoods(seen, reusable) for reusable in (True, False))),
    )


def _likelihoods(outcomes: Iterable[Outcome], reusable: bool) -> list[float]:
    return [each.likelihood for each in outcomes if each.likelihood is not None and each.reusable is reusable]


def area(right: Sequence[float], wrong: Sequence[float]) -> float | None:
    """
    How often a right pair ranks above a wrong one, of two alike half (Mann and Whitney, 1947).

    None unless there are both. 0.5 is chance, 1.0 a ranking in which some threshold makes no mistake.
    """
    if not right or not wrong:
        return None
    ranked = np.sort(wrong)
    below, not_above = (np.searchsorted(ranked, right, side) for side in ("left", "right"))
    return float(np.mean(below + not_above)) / (2 * len(wrong))


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Wilson's 95 % score interval of a proportion."""
    share = successes / trials
    scale = 1 + _Z**2 / trials
    centre = (share + _Z**2 / (2 * trials)) / scale
    half = _Z * math.sqrt(share * (1 - share) / trials + _Z**2 / (4 * trials**2)) / scale
    return max(0.0, centre - half), min(1.0, centre + half)
