"""When a failed call is made again."""

from __future__ import annotations

import pytest

from sentinel_core.errors import (
    ProviderError,
    ProviderKeyError,
    ProviderProtocolError,
    ProviderRateLimitedError,
    ProviderRejectedError,
    ProviderTimeoutError,
    ProviderUnavailableError,
)
from sentinel_core.providers.retries import Retries

RULE = Retries(attempts=4, backoff=1.0, jitter=0.25, least=0.5)
DOWN = ProviderUnavailableError("down", provider="groq")
TIMEOUT = ProviderTimeoutError("late", provider="groq")


def limited(seconds: float | None) -> ProviderRateLimitedError:
    return ProviderRateLimitedError("slow down", provider="groq", retry_after=seconds)


def test_pauses_double_and_end_with_the_attempts() -> None:
    pauses = [RULE.pause(DOWN, attempt=attempt, left=100.0, chance=0.0) for attempt in (1, 2, 3, 4, 5)]

    assert pauses == [1.0, 2.0, 4.0, None, None]


def test_jitter_only_lengthens() -> None:
    assert RULE.pause(DOWN, attempt=1, left=100.0, chance=0.5) == 1.125


@pytest.mark.parametrize(("left", "pause"), [(1.5, 1.0), (1.49, None), (0.0, None), (-1.0, None)])
def test_no_pause_reaches_past_the_deadline(left: float, pause: float | None) -> None:
    assert RULE.pause(DOWN, attempt=1, left=left, chance=0.0) == pause


def test_a_timeout_which_may_be_billed_is_never_repeated() -> None:
    assert RULE.pause(TIMEOUT, attempt=1, left=1000.0, chance=0.0) is None


@pytest.mark.parametrize(("seconds", "pause"), [(None, 1.0), (0.0, 0.0), (3.0, 3.0), (20.0, None)])
def test_retry_after_replaces_the_backoff_if_the_deadline_allows(seconds: float | None, pause: float | None) -> None:
    assert RULE.pause(limited(seconds), attempt=1, left=15.0, chance=0.0) == pause


@pytest.mark.parametrize(
    "error",
    [
        ProviderKeyError("key", provider="groq"),
        ProviderProtocolError("rubbish", provider="groq"),
        ProviderRejectedError("no", provider="groq", status=404),
    ],
)
def test_what_will_not_get_better_is_not_tried_again(error: ProviderError) -> None:
    assert RULE.pause(error, attempt=1, left=100.0, chance=0.0) is None
