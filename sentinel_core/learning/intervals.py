"""Exact intervals of a share, also where the shares are seen through a judge that errs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

ALPHA = 0.05
_STEPS = 60  # of a bisection: to the last bit of a double


@dataclass(frozen=True, slots=True)
class Measured:
    """
    A judge's errors on pairs of known label: `accepted` of `different` pairs, and `rejected` of `equal` ones.

    Without any pairs the errors are taken to be none.
    """

    accepted: int = 2
    different: int = 100
    rejected: int = 8
    equal: int = 100

    @property
    def is_exact(self) -> bool:
        return not self.different and not self.equal


NO_ERRORS = Measured(0, 0, 0, 0)


def clopper_pearson(count: int, trials: int, alpha: float = ALPHA) -> tuple[float, float]:
    """
    Return the exact interval of a share (Clopper and Pearson, 1934), of at least `1 - alpha` confidence.

    Without trials it is 0 to 1.
    """
    if 2 * count > trials:
        low, high = clopper_pearson(trials - count, trials, alpha)
        return 1 - high, 1 - low
    low = 0.0 if not count else _solved(count - 1, trials, 1 - alpha / 2)
    return low, _solved(count, trials, alpha / 2) if trials else 1.0


def true_rate(wrong: int, audits: int, errors: Measured) -> tuple[float, float, float]:
    """
    Return the share of wrong answers behind a judge's "different", and its interval's ends.

    Each of the three shares it rests on gets a third of the error, so that the interval holds all three's.
    """
    if errors.is_exact:
        low, high = clopper_pearson(wrong, audits)
        return wrong / audits, low, high
    third = ALPHA / 3
    seen_low, seen_high = clopper_pearson(wrong, audits, third)
    accepts_low, accepts_high = clopper_pearson(errors.accepted, errors.different, third)
    rejects_low, rejects_high = clopper_pearson(errors.rejected, errors.equal, third)
    accepts, rejects = _share(errors.accepted, errors.different), _share(errors.rejected, errors.equal)
    return (
        _corrected(wrong / audits, accepts, rejects),
        _corrected(seen_low, accepts_low, rejects_high, powerless=0.0),
        _corrected(seen_high, accepts_high, rejects_low),
    )


def _corrected(seen: float, accepts: float, rejects: float, *, powerless: float = 1.0) -> float:
    """Return the true share of an apparent one (Rogan and Gladen, 1978); `powerless` if errors are too many."""
    power = 1 - accepts - rejects
    return powerless if power <= 0 else min(1.0, max(0.0, (seen - rejects) / power))


def _share(count: int, trials: int) -> float:
    return count / trials if trials else 0.0


@lru_cache(maxsize=1_024)
def _solved(count: int, trials: int, probability: float) -> float:
    """Return the share at which at most `count` of the trials succeed with this probability, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(count, trials, middle) > probability else (low, middle)
    return (low + high) / 2


def _at_most(count: int, trials: int, share: float) -> float:
    """Return the binomial probability of at most `count` successes."""
    if share >= 1:
        return float(count >= trials)
    term = total = math.exp(trials * math.log1p(-share))
    for n in range(count):
        term *= (trials - n) / (n + 1) * share / (1 - share)
        total += term
    return total
