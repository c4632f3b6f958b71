"""Arms of an experiment, and intervals of their differences."""

from __future__ import annotations

import random

import pytest

from sentinel_core.cache.experiment import BUCKETS, Arm, arm_of, label_of, of_intervals, of_label, of_ratios

Sums = list[tuple[float, float]]


def test_a_caller_has_one_arm_and_a_share_of_all_has_b() -> None:
    arms = [arm_of("looser", 0.3, f"user:{number}") for number in range(5_000)]

    assert arms[0] == arm_of("looser", 0.3, "user:0")
    assert sum(arm.policy == "b" for arm in arms) / 5_000 == pytest.approx(0.3, abs=0.03)
    assert {arm.bucket for arm in arms} == set(range(BUCKETS))
    other = [arm_of("other", 0.3, f"user:{number}").policy for number in range(5_000)]
    both = sum(one.policy == two == "b" for one, two in zip(arms, other, strict=True))
    assert both / 5_000 == pytest.approx(0.09, abs=0.02)


@pytest.mark.parametrize("arm", [None, Arm("a.b-c", "a", 0)])
def test_a_label_is_read_as_it_was(arm: Arm | None) -> None:
    assert of_label(label_of(arm)) == arm


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([], [(1, 2)] * 16, (None, 0.5, (None, None, None))),
        ([(1, 2)] * 3, [(2, 2)] * 16, (0.5, 1.0, (0.5, None, None))),
        ([(1, 2)] * 16, [(2, 2)] * 16, (0.5, 1.0, (0.5, 0.5, 0.5))),
        ([(0, 0)] * 16, [(0, 0)] * 16, (None, None, (None, None, None))),
    ],
)
def test_borders_of_differences(a: Sums, b: Sums, expected: object) -> None:
    assert of_ratios(a, b) == expected


def sums(draw: random.Random, share: float) -> Sums:
    """Requests of 120 callers, who differ in how many they ask and how often they hit."""
    found = [[0.0, 0.0] for _ in range(BUCKETS)]
    for caller in range(120):
        own, requests = draw.betavariate(4 * share, 4 * (1 - share)), draw.randint(1, 40)
        found[caller % BUCKETS][0] += sum(draw.random() < own for _ in range(requests))
        found[caller % BUCKETS][1] += requests
    return [(above, below) for above, below in found]


def test_the_interval_holds_the_true_difference_though_callers_differ() -> None:
    draw, held, runs = random.Random(3), 0, 200  # noqa: S311  a simulation
    for _ in range(runs):
        *_, difference = of_ratios(sums(draw, 0.3), sums(draw, 0.4))
        assert difference.low is not None
        assert difference.high is not None
        held += difference.low <= 0.1 <= difference.high

    assert held / runs >= 0.92


def test_a_difference_of_shares_with_intervals_is_newcombes() -> None:
    it = of_intervals((0.1, 0.05, 0.2), (0.3, 0.2, 0.45))

    assert it.value == pytest.approx(0.2)
    assert it.low == pytest.approx(0.2 - (0.1**2 + 0.1**2) ** 0.5)
    assert it.high == pytest.approx(0.2 + (0.15**2 + 0.05**2) ** 0.5)
    assert of_intervals(None, (0.3, 0.2, 0.45)) == (None, None, None)
