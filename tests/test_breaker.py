from __future__ import annotations

import pytest

from sentinel_core.breaker import Breaker, BreakerState

OPEN = Breaker(limit=3, pause=2.0, failures=3, retry_at=12.0)


def test_it_opens_at_the_limit_and_not_before() -> None:
    breaker = Breaker(limit=3, pause=2.0)
    states = []
    for _ in range(3):
        breaker = breaker.failed(10.0)
        states.append(breaker.state(10.0))
    assert states == [BreakerState.CLOSED, BreakerState.CLOSED, BreakerState.OPEN]
    assert breaker == OPEN


@pytest.mark.parametrize(
    ("now", "state"), [(10.0, BreakerState.OPEN), (11.999, BreakerState.OPEN), (12.0, BreakerState.TRYING)]
)
def test_a_pause_ends_when_it_is_over(now: float, state: BreakerState) -> None:
    assert OPEN.state(now) is state


def test_closed_lets_everyone_through_unchanged() -> None:
    assert Breaker(failures=2).attempt(0.0) == Breaker(failures=2)


def test_open_lets_nobody_through() -> None:
    assert OPEN.attempt(11.0) is None


def test_after_the_pause_one_tries_and_the_others_wait() -> None:
    trying = OPEN.attempt(12.0)
    assert trying is not None
    assert trying.attempt(12.0) is None
    assert trying.attempt(13.9) is None


def test_a_trial_that_never_reports_holds_up_one_pause_only() -> None:
    trying = OPEN.attempt(12.0)
    assert trying is not None
    assert trying.attempt(14.0) is not None


def test_success_closes_and_forgets() -> None:
    assert OPEN.succeeded() == Breaker(limit=3, pause=2.0)
    assert Breaker(failures=2).succeeded() == Breaker()


def test_a_failed_trial_opens_for_another_pause() -> None:
    assert OPEN.failed(12.5).state(14.4) is BreakerState.OPEN
    assert OPEN.failed(12.5).state(14.5) is BreakerState.TRYING
