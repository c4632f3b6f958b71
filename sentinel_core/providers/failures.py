"""Turns what a provider answers instead of a completion into our errors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from sentinel_core.errors import (
    ProviderError,
    ProviderKeyError,
    ProviderProtocolError,
    ProviderRateLimitedError,
    ProviderRejectedError,
    ProviderUnavailableError,
)

MAX_RETRY_AFTER = 3600.0
FLEX_CAPACITY_EXCEEDED = 498
"""Groq's own: the flex tier has no room just now (console.groq.com/docs/errors)."""


def from_status(status: int, payload: Any, *, provider: str, retry_after: float | None = None) -> ProviderError:
    """Translate an answer with this status; `payload` is its JSON, or None where it was not JSON."""
    if status in (401, 403):
        return ProviderKeyError(f"{provider} refused the gateway's key", provider=provider)
    if status == 402:
        return ProviderKeyError(f"the gateway's account at {provider} is out of credit", provider=provider)
    if status == 429:
        return ProviderRateLimitedError(
            f"{provider} limits the gateway's rate", provider=provider, retry_after=retry_after
        )
    if status in (408, FLEX_CAPACITY_EXCEEDED) or 500 <= status < 600:
        return ProviderUnavailableError(
            f"{provider} answered with status {status}", provider=provider, retry_after=retry_after
        )
    if 400 <= status < 500:
        return _rejected(status, error_object(payload), provider)
    return ProviderProtocolError(f"{provider} answered with status {status}", provider=provider)


def _rejected(status: int, error: dict[str, object], provider: str) -> ProviderRejectedError:
    message = error.get("message")
    said = message if isinstance(message, str) and message else f"{provider} rejected the request"
    return ProviderRejectedError(said, provider=provider, status=status, error=error)


def from_event(payload: Mapping[str, Any], *, provider: str) -> ProviderError:
    """
    Translate an error sent with status 200: in a stream, or in place of `choices`.

    Groq gives the status it could not send as `status_code`, OpenRouter as `code`; without one it is an outage.
    """
    error = error_object(payload)
    for name in ("status_code", "code"):
        status = error.get(name)
        if isinstance(status, int) and 400 <= status < 600:
            return from_status(status, payload, provider=provider)
    return ProviderUnavailableError(f"{provider} broke off with an error", provider=provider)


def in_place_of_stream(payload: Any, *, provider: str) -> ProviderError:
    """Translate JSON that came with status 200 where a stream was asked for."""
    if isinstance(payload, dict) and payload.get("error"):
        return from_event(payload, provider=provider)
    return ProviderProtocolError(f"{provider} did not stream its answer", provider=provider)


def error_object(payload: Any) -> dict[str, object]:
    """
    Return the `{message, type, code, ...}` inside, however the provider wraps it.

    Gemini puts its object in a list, Mistral at the top, Ollama sends a bare string.
    """
    if isinstance(payload, list):
        payload = payload[0] if payload else None
    if not isinstance(payload, dict):
        return {}
    error = payload.get("error", payload)
    if isinstance(error, dict):
        return error
    return {"message": error} if isinstance(error, str) else {}


def retry_after(value: str | None, *, now: float) -> float | None:
    """
    Read a `Retry-After` header as seconds from `now` (Unix time), at most an hour; None where it makes no sense.

    Seconds or a date, as RFC 9110 section 10.2.3 has it; fractions too, which providers send.
    """
    seconds = None if value is None else _seconds(value.strip(), now)
    if seconds is None or seconds != seconds:
        return None
    return min(max(0.0, seconds), MAX_RETRY_AFTER)


def _seconds(value: str, now: float) -> float | None:
    try:
        return float(value)
    except ValueError:
        pass
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now if isinstance(date, datetime) else None
