"""Exact intervals: known values, and coverage over many drawn audits."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.learning.intervals import NO_ERRORS, Measured, clopper_pearson, true_rate

REPLAYS, AUDITS, WRONG = 200, 150, 0.04


@pytest.mark.parametrize(
    ("count", "trials", "interval"),
    [
        (0, 0, (0.0, 1.0)),
        (0, 10, (0.0, 0.308497)),
        (5, 10, (0.187086, 0.812914)),
        (10, 10, (0.691503, 1.0)),
        (2, 100, (0.002431, 0.070384)),
        (30, 3_000, (0.006757, 0.014245)),
    ],
)
def test_an_interval_is_clopper_and_pearsons(count: int, trials: int, interval: tuple[float, float]) -> None:
    assert clopper_pearson(count, trials) == pytest.approx(interval, abs=1e-6)


@given(st.integers(0, 200), st.integers(1, 200))
def test_an_interval_holds_the_observed_share(count: int, trials: int) -> None:
    low, high = clopper_pearson(min(count, trials), trials)

    assert 0 <= low <= min(count, trials) / trials <= high <= 1


def covered(accepts: float, rejects: float, labelled: int) -> int:
    """Count the replays whose interval holds the true rate; the judge's errors are measured in each of them."""
    holds = 0
    for seed in range(REPLAYS):
        chance = random.Random(seed)  # noqa: S311  draws, not secrets
        errors = NO_ERRORS
        if labelled:
            accepted = sum(chance.random() < accepts for _ in range(labelled))
            rejected = sum(chance.random() < rejects for _ in range(labelled))
            errors = Measured(accepted, labelled, rejected, labelled)
        wrong = [chance.random() < WRONG for _ in range(AUDITS)]
        seen = sum(chance.random() >= accepts if each else chance.random() < rejects for each in wrong)
        _, low, high = true_rate(seen, AUDITS, errors)
        holds += low <= WRONG <= high
    return holds


def test_the_interval_holds_the_true_rate_of_a_judge_without_errors() -> None:
    assert covered(0.0, 0.0, 0) >= 0.95 * REPLAYS


def test_the_interval_holds_the_true_rate_of_a_judge_that_errs() -> None:
    assert covered(0.02, 0.08, 300) >= 0.95 * REPLAYS


def test_the_judges_errors_are_taken_out_and_widen_the_interval() -> None:
    rate, low, high = true_rate(40, 200, Measured(20, 1_000, 80, 1_000))

    assert rate == pytest.approx((0.2 - 0.08) / 0.9)
    assert 0 < low < rate < high < 1
    assert true_rate(10, 200, Measured(20, 1_000, 80, 1_000))[0] == 0.0
    assert true_rate(1, 2, Measured(5, 5, 5, 5)) == (1.0, 0.0, 1.0)
