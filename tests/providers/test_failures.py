"""Errors out of what providers answer instead of a completion."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sentinel_core.errors import (
    ProviderError,
    ProviderKeyError,
    ProviderProtocolError,
    ProviderQuotaError,
    ProviderRateLimitedError,
    ProviderRejectedError,
    ProviderUnavailableError,
)
from sentinel_core.providers import failures

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, ProviderProtocolError),
        (400, ProviderRejectedError),
        (401, ProviderKeyError),
        (402, ProviderQuotaError),
        (403, ProviderKeyError),
        (404, ProviderRejectedError),
        (408, ProviderUnavailableError),
        (413, ProviderRejectedError),
        (422, ProviderRejectedError),
        (429, ProviderRateLimitedError),
        (498, ProviderUnavailableError),
        (499, ProviderRejectedError),
        (500, ProviderUnavailableError),
        (503, ProviderUnavailableError),
        (599, ProviderUnavailableError),
        (600, ProviderProtocolError),
    ],
)
def test_every_status_has_its_error(status: int, kind: type[ProviderError]) -> None:
    error = failures.from_status(status, None, provider="groq")

    assert type(error) is kind
    assert error.provider == "groq"


def test_a_rejection_passes_on_status_and_error_object() -> None:
    said = {"message": "no such model", "type": "invalid_request_error", "code": "model_not_found"}

    error = failures.from_status(404, {"error": said}, provider="groq")

    assert isinstance(error, ProviderRejectedError)
    assert (error.status, error.error, str(error)) == (404, said, "no such model")


def test_a_rejection_without_a_readable_body_still_says_something() -> None:
    error = failures.from_status(400, "rubbish", provider="groq")

    assert isinstance(error, ProviderRejectedError)
    assert (error.error, str(error)) == ({}, "groq rejected the request")


def test_a_refused_key_does_not_repeat_what_the_provider_said() -> None:
    error = failures.from_status(401, {"error": {"message": "Incorrect API key: sk-abc***"}}, provider="openai")

    assert "sk-abc" not in str(error)


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        ({"error": {"message": "m"}}, {"message": "m"}),
        ([{"error": {"message": "m"}}], {"message": "m"}),
        ({"object": "error", "message": "m"}, {"message": "m"}),
        ({"error": "m"}, {"message": "m"}),
        ({"error": None}, {}),
        ([], {}),
        (None, {}),
        (7, {}),
        ({"error": {"message": 5, "code": 429, "param": ["a"], "type": None}}, {"message": "5", "code": "429"}),
        ({"error": {"message": {"a": 1}, "code": True, "metadata": {"raw": "x"}}}, {}),
        ({"detail": "no"}, {"message": "no"}),
        ({"detail": [{"loc": ["body", "n"], "msg": "too large"}]}, {"message": "body.n: too large"}),
    ],
)
def test_the_error_object_is_found_however_it_is_wrapped(payload: Any, found: dict[str, object]) -> None:
    assert failures.error_object(payload) == found


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ({"error": {"message": "m"}}, ProviderUnavailableError),
        ({"error": {"code": 429}}, ProviderRateLimitedError),
        ({"error": {"code": "tool_use_failed", "status_code": 400}}, ProviderRejectedError),
        ({"error": {"code": 200}}, ProviderUnavailableError),
        ({"error": "over capacity"}, ProviderUnavailableError),
    ],
)
def test_an_error_sent_with_status_200_uses_the_status_inside(payload: Any, kind: type[ProviderError]) -> None:
    assert type(failures.from_event(payload, provider="groq")) is kind


@pytest.mark.parametrize(
    ("status", "error", "kind", "code"),
    [
        (429, {"code": "insufficient_quota"}, ProviderQuotaError, "insufficient_quota"),
        (429, {"type": "exceeded_current_quota_error"}, ProviderQuotaError, "insufficient_quota"),
        (403, {"code": "billing_not_active"}, ProviderQuotaError, "billing_not_active"),
        (402, {"message": "Insufficient Balance", "code": 402}, ProviderQuotaError, "insufficient_quota"),
        (429, {"code": "rate_limit_exceeded"}, ProviderRateLimitedError, "rate_limit_exceeded"),
        (403, {"code": "model_permission_blocked_org"}, ProviderRejectedError, "model_permission_blocked_org"),
        (403, {"code": "unsupported_country_region_territory"}, ProviderRejectedError, None),
        (403, {"code": 403, "metadata": {"reasons": ["violence"]}}, ProviderRejectedError, "403"),
        (403, {"code": "invalid_api_key"}, ProviderKeyError, "provider_key_refused"),
        (403, {"message": "Forbidden"}, ProviderKeyError, "provider_key_refused"),
    ],
)
def test_errors_that_time_cannot_mend_keep_their_code(
    status: int, error: dict[str, Any], kind: type[ProviderError], code: str | None
) -> None:
    found = failures.from_status(status, {"error": error}, provider="groq")

    assert type(found) is kind
    own = found.error.get("code") if isinstance(found, ProviderRejectedError) else found.code
    assert own == (code or error["code"])
    assert found.is_final == (kind is not ProviderRateLimitedError)


def test_secrets_are_struck_from_every_field_of_a_rejection() -> None:
    said = {"message": "bad key gsk_0123456789", "code": "gsk_0123456789", "param": "x" * 300}
    error = failures.struck(failures.from_status(400, {"error": said}, provider="groq"), ["gsk_0123456789"])

    assert isinstance(error, ProviderRejectedError)
    assert (str(error), error.error) == (
        "bad key [removed]",
        {"message": "bad key [removed]", "code": "[removed]", "param": "x" * 200},
    )


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("0", 0.0),
        (" 2.5 ", 2.5),
        ("-3", 0.0),
        ("1e9", 3600.0),
        ("inf", 3600.0),
        ("Sun, 22 Nov 2026 12:00:07 GMT", 7.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("Sun, 22 Nov 9999 11:00:00 GMT", 3600.0),
        ("Sun, 22 Nov 2026 12:00:07", 7.0),
    ],
)
def test_retry_after_is_read_as_seconds_or_date_and_capped(value: str | None, seconds: float | None) -> None:
    assert failures.retry_after(value, now=NOON) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after-ms": "20", "retry-after": "9"}, 0.02),
        ({"retry-after-ms": "10000"}, 10.0),
        ({"retry-after-ms": "1e9"}, failures.MAX_RETRY_AFTER),
        ({"retry-after-ms": "-1", "retry-after": "9"}, 0.0),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"retry-after-ms": "nan", "retry-after": "9"}, 9.0),
        ({"retry-after-ms": "", "retry-after": "9"}, 9.0),
        ({"retry-after": "9"}, 9.0),
        ({}, None),
    ],
)
def test_milliseconds_to_wait_come_first(headers: dict[str, str], seconds: float | None) -> None:
    assert failures.wait_asked_for(headers, now=NOON) == seconds
