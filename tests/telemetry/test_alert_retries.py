"""When an alert is sent again, and when it is given up."""

from __future__ import annotations

import pytest

from sentinel_core.errors import AlertError, StoreError
from sentinel_core.telemetry import alerts
from sentinel_core.telemetry.alert_retries import Waiting

PAUSES = (1.0, 4.0)
LATE, REFUSED, DOWN = AlertError("answered 500"), AlertError("answered 410", retryable=False), StoreError("down")


def waiting(*, is_claimed: bool = True, attempts: int = 0) -> Waiting:
    return Waiting(alerts.of_provider("groq", 900.0), 100.0, is_claimed, attempts)


@pytest.mark.parametrize(
    ("is_claimed", "attempts", "error", "is_lost"),
    [
        (True, 0, LATE, False),
        (True, 1, TimeoutError(), False),
        (True, 2, LATE, True),
        (True, 0, REFUSED, True),
        (False, 0, REFUSED, True),
        (False, 9, DOWN, False),
    ],
)
def test_an_alert_is_lost_by_refusal_or_after_the_last_pause(
    is_claimed: bool, attempts: int, error: Exception, is_lost: bool
) -> None:
    assert waiting(is_claimed=is_claimed, attempts=attempts).is_lost(error, PAUSES) is is_lost


def test_each_attempt_waits_for_its_pause_and_the_last_repeats() -> None:
    alert, dues = waiting(is_claimed=False), []
    for _ in range(4):
        alert.postpone(100.0, PAUSES)
        dues.append(alert.due)

    assert dues == [101.0, 104.0, 104.0, 104.0]


def test_attempts_to_claim_do_not_count_as_attempts_to_send() -> None:
    alert = waiting(is_claimed=False, attempts=7)
    alert.claim()

    assert (alert.is_claimed, alert.attempts, alert.is_lost(LATE, PAUSES)) == (True, 0, False)
