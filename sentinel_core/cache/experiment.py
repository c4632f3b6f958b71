"""Two policies side by side: the arm of each caller, and the differences between both arms."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import NamedTuple

BUCKETS = 16
"""Groups of callers in each arm: figures vary between callers more than between requests of one."""

FEWEST_BUCKETS = 4
"""Groups with requests in each arm below which a difference has no interval."""

_Z = 1.959963985


class Arm(NamedTuple):
    """
    The place of one caller in an experiment.

    `policy` is `b` for the experiment's values, and `a` for those without it.
    """

    experiment: str
    policy: str
    bucket: int

    @property
    def label(self) -> str:
        return f"{self.experiment}/{self.policy}"


def label_of(arm: Arm | None) -> str:
    """Return an arm's label, "" for none."""
    return "" if arm is None else arm.label


def of_label(label: str) -> Arm | None:
    """Return an arm without its bucket; None for the label "" of none."""
    experiment, _, policy = label.rpartition("/")
    return Arm(experiment, policy, 0) if experiment else None


class Difference(NamedTuple):
    """A figure of arm b less that of arm a, with its 95 % interval; None where it is not known."""

    value: float | None
    low: float | None
    high: float | None


def arm_of(experiment: str, share: float, caller: str) -> Arm:
    """Return the arm of a caller: the same in every instance, `b` for a `share` of all."""
    drawn = hashlib.sha256(f"{experiment}\n{caller}".encode("utf-8", "surrogatepass")).digest()
    draw = int.from_bytes(drawn[:6]) / 0x1_0000_0000_0000
    return Arm(experiment, "b" if draw < share else "a", drawn[6] % BUCKETS)


def of_ratios(
    a: Sequence[tuple[float, float]], b: Sequence[tuple[float, float]]
) -> tuple[float | None, float | None, Difference]:
    """
    Return a ratio in each arm and their difference, from sums by bucket: numerator and denominator.

    The interval is of the jackknife over buckets (Quenouille and Tukey), so that callers count, not requests.
    """
    a, b = ([each for each in arm if each[1] > 0] for arm in (a, b))
    first, second = _ratio(a), _ratio(b)
    if first is None or second is None:
        return first, second, Difference(None, None, None)
    value, fewest = second - first, min(len(a), len(b))
    if fewest < FEWEST_BUCKETS:
        return first, second, Difference(value, None, None)
    half = _student(fewest - 1) * math.sqrt(_variance(a) + _variance(b))
    return first, second, Difference(value, value - half, value + half)


def of_intervals(a: tuple[float, float, float] | None, b: tuple[float, float, float] | None) -> Difference:
    """
    Return the difference of two shares of which the intervals are known: share, low and high of each.

    Newcombe (1998), method 10, with the intervals given.
    """
    if a is None or b is None:
        return Difference(None, None, None)
    value = b[0] - a[0]
    return Difference(value, value - math.hypot(b[0] - b[1], a[2] - a[0]), value + math.hypot(b[2] - b[0], a[0] - a[1]))


def _ratio(sums: Sequence[tuple[float, float]]) -> float | None:
    whole = sum(below for _, below in sums)
    return sum(above for above, _ in sums) / whole if whole else None


def _variance(sums: Sequence[tuple[float, float]]) -> float:
    above, below, count = sum(each for each, _ in sums), sum(each for _, each in sums), len(sums)
    without = [(above - one) / (below - other) for one, other in sums]
    mean = sum(without) / count
    return (count - 1) / count * sum((each - mean) ** 2 for each in without)


def _student(freedom: int) -> float:
    """Return Student's t of 97.5 % (Abramowitz and Stegun 26.7.5), within 1 % from 3 degrees of freedom on."""
    z = _Z
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92_160,
    )
    return z + sum(term / float(freedom ** (at + 1)) for at, term in enumerate(terms))
