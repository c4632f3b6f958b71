"""When a failing provider is left alone."""

from __future__ import annotations

import pytest

from sentinel_core.support.breaker import Breaker

CLOSED = Breaker(threshold=2, pause=10.0)
OPEN = CLOSED.failed(100.0).failed(100.0)


def test_it_opens_at_the_threshold_and_not_before() -> None:
    assert CLOSED.failed(100.0).wait(100.0) == 0.0
    assert OPEN.wait(100.0) == 10.0


def test_a_success_between_failures_starts_the_count_again() -> None:
    assert CLOSED.failed(100.0).succeeded() == CLOSED
    assert CLOSED.failed(100.0).succeeded().failed(101.0).wait(101.0) == 0.0


@pytest.mark.parametrize(("now", "wait"), [(100.0, 10.0), (109.5, 0.5), (110.0, 0.0), (500.0, 0.0)])
def test_it_is_open_for_its_pause(now: float, wait: float) -> None:
    assert OPEN.wait(now) == wait


def test_after_the_pause_only_one_may_try() -> None:
    assert OPEN.asked(110.0).wait(110.0) == 10.0


def test_a_trial_that_succeeds_closes_it() -> None:
    assert OPEN.asked(110.0).succeeded() == CLOSED


def test_a_trial_that_fails_opens_it_for_another_pause() -> None:
    assert OPEN.asked(110.0).failed(112.0).wait(112.0) == 10.0


def test_a_trial_that_never_ends_lets_another_try_a_pause_later() -> None:
    assert OPEN.asked(110.0).wait(120.0) == 0.0


def test_asking_a_closed_breaker_changes_nothing() -> None:
    assert CLOSED.asked(100.0) == CLOSED


def test_only_going_from_closed_to_open_is_an_opening() -> None:
    failed_once = CLOSED.failed(100.0)

    assert failed_once.opens(OPEN)
    assert not CLOSED.opens(failed_once)
    assert not OPEN.opens(OPEN.asked(110.0).failed(120.0))
