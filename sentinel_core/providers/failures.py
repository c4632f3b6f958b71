"""Translates a provider's error answers into our errors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from sentinel_core.errors import (
    ProviderError,
    ProviderKeyError,
    ProviderLoopError,
    ProviderProtocolError,
    ProviderQuotaError,
    ProviderRateLimitedError,
    ProviderRejectedError,
    ProviderUnavailableError,
)

MAX_RETRY_AFTER = 3600.0
FLEX_CAPACITY_EXCEEDED = 498
"""Groq's own: the flex tier has no room just now (console.groq.com/docs/errors)."""

MAX_MESSAGE = 4_000
MAX_NAME = 200
MAX_PROBLEMS = 8
STRUCK = "[removed]"

_QUOTA = re.compile(r"insufficient.?(quota|balance|credit|fund)|billing|exceeded_current_quota|payment_required")
_KEY = re.compile(r"api.?key|auth|token|credential|forbidden|permission_denied|access_denied")
_RATE = re.compile(r"rate.?limit|too.?many.?requests|resource_exhausted")
_REQUEST = re.compile(r"invalid_request|not_found|content_(filter|policy)|moderation|context_length|bad_request")


def from_status(status: int, payload: Any, *, provider: str, retry_after: float | None = None) -> ProviderError:
    """Translate an answer with this status; `payload` is its JSON, or None where it was not JSON."""
    error = error_object(payload)
    if status == 402 or (status in (403, 429) and _names(_QUOTA, error)):
        return _quota(status, error, provider)
    if status == 401 or (status == 403 and not _is_about_the_request(payload, error)):
        return ProviderKeyError(f"{provider} refused the gateway's key", provider=provider)
    if status == 429:
        return ProviderRateLimitedError(
            f"{provider} limits the gateway's rate", provider=provider, retry_after=retry_after
        )
    if status == 508:
        message = f"the base URL of {provider} leads back to this gateway: set it to the provider's own address"
        return ProviderLoopError(message, provider=provider)
    if status in (408, FLEX_CAPACITY_EXCEEDED) or 500 <= status < 600:
        return ProviderUnavailableError(
            f"{provider} answered with status {status}", provider=provider, retry_after=retry_after
        )
    if 400 <= status < 500:
        return _rejected(status, error, provider)
    if 300 <= status < 400:
        message = f"{provider} redirects to another address (status {status}): set its base URL to where it answers"
        return ProviderProtocolError(message, provider=provider)
    return ProviderProtocolError(f"{provider} answered with status {status}", provider=provider)


def _rejected(status: int, error: dict[str, str | None], provider: str) -> ProviderRejectedError:
    message = error.get("message") or f"{provider} rejected the request"
    return ProviderRejectedError(message, provider=provider, status=status, error=error)


def _quota(status: int, error: dict[str, str | None], provider: str) -> ProviderQuotaError:
    message = f"the gateway's account at {provider} is out of credit"
    return ProviderQuotaError(message, provider=provider, status=status, code=error.get("code"))


def _names(pattern: re.Pattern[str], error: Mapping[str, str | None]) -> bool:
    return any(pattern.search((error.get(name) or "").lower()) for name in ("code", "type"))


def _is_about_the_request(payload: Any, error: Mapping[str, str | None]) -> bool:
    """Whether a 403 refuses this request, by moderation or for a blocked model, and not the gateway's key."""
    wrapped = payload.get("error") if isinstance(payload, dict) else None
    metadata = wrapped.get("metadata") if isinstance(wrapped, dict) else None
    if isinstance(metadata, dict) and (metadata.get("reasons") or metadata.get("flagged_input")):
        return True
    code = error.get("code") or ""
    return bool(code) and not code.isdecimal() and _KEY.search(code.lower()) is None


def from_event(payload: Mapping[str, Any], *, provider: str) -> ProviderError:
    """
    Translate an error sent with status 200: in a stream, or in place of `choices`.

    Groq gives the status it could not send as `status_code`, OpenRouter as `code`; others only name a kind.
    Without either it is an outage.
    """
    wrapped = payload.get("error")
    for name in ("status_code", "code", "status"):
        status = _status(wrapped.get(name)) if isinstance(wrapped, dict) else None
        if status is not None:
            return from_status(status, payload, provider=provider)
    error = error_object(payload)
    if _names(_QUOTA, error) or _names(_RATE, error):
        return from_status(429, payload, provider=provider)
    if _names(_REQUEST, error):
        return from_status(400, payload, provider=provider)
    return ProviderUnavailableError(f"{provider} broke off with an error", provider=provider)


def _status(value: Any) -> int | None:
    if isinstance(value, str) and value.isdecimal() and len(value) == 3:
        value = int(value)
    return value if type(value) is int and 400 <= value < 600 else None


def in_place_of_stream(payload: Any, *, provider: str) -> ProviderError:
    """Translate JSON that came with status 200 where a stream was asked for."""
    if isinstance(payload, dict) and payload.get("error"):
        return from_event(payload, provider=provider)
    return ProviderProtocolError(f"{provider} did not stream its answer", provider=provider)


def error_object(payload: Any) -> dict[str, str | None]:
    """
    Return `message`, `type`, `param` and `code` of a provider's error as text, however it is wrapped.

    Gemini puts its object in a list, Mistral at the top, Ollama sends a bare string; FastAPI servers call the
    message `detail`. Numbers become text, other types and fields are left out.
    """
    if isinstance(payload, list):
        payload = payload[0] if payload else None
    if not isinstance(payload, dict):
        return {}
    listed = payload.get("errors")
    error = payload.get("error", listed[0] if isinstance(listed, list) and listed else payload)
    if isinstance(error, str):
        return {"message": error}
    if not isinstance(error, dict):
        return {}
    message = _text(error.get("message")) or _detail(error.get("detail"))
    found = {"message": message, **{name: _text(error.get(name)) for name in ("type", "param", "code")}}
    return {name: text for name, text in found.items() if text is not None}


def _detail(value: Any) -> str | None:
    """Read FastAPI's `detail`: a text, or a list of `{loc, msg}`."""
    if not isinstance(value, list):
        return _text(value)
    problems = [problem for problem in value[:MAX_PROBLEMS] if isinstance(problem, dict)]
    return "; ".join(f"{_path(problem.get('loc'))}: {_text(problem.get('msg'))}" for problem in problems) or None


def _path(location: Any) -> str:
    return ".".join(str(part) for part in location) if isinstance(location, list) else "body"


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return format(value, "g") if isinstance(value, float) else str(value)[:MAX_NAME]


def struck(error: ProviderError, secrets: Iterable[str]) -> ProviderError:
    """Replace each secret in the provider's own words, which may quote the request, and shorten them."""
    if isinstance(error, ProviderRejectedError):
        error.error = {name: text and _without(text, secrets, name) for name, text in error.error.items()}
        error.args = (_without(str(error), secrets, "message"),)
    if isinstance(error, ProviderQuotaError):
        error.code = _without(error.code, secrets, "code")
    return error


def _without(text: str, secrets: Iterable[str], name: str) -> str:
    for secret in secrets:
        text = text.replace(secret, STRUCK)
    return text[: MAX_MESSAGE if name == "message" else MAX_NAME]


def wait_asked_for(headers: Mapping[str, str], *, now: float) -> float | None:
    """Return the seconds to wait by `retry-after-ms`, which OpenAI's SDKs read first, or else by `retry-after`."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    wait = None if milliseconds is None else _bounded(milliseconds / 1000)
    return retry_after(headers.get("retry-after"), now=now) if wait is None else wait


def retry_after(value: str | None, *, now: float) -> float | None:
    """
    Read a `Retry-After` header as seconds from `now` (Unix time), at most an hour; None where it makes no sense.

    Seconds or a date, as RFC 9110 section 10.2.3 has it; fractions too, which providers send.
    """
    seconds = None if value is None else _seconds(value, now)
    return None if seconds is None else _bounded(seconds)


def _bounded(seconds: float) -> float | None:
    return None if seconds != seconds else min(max(0.0, seconds), MAX_RETRY_AFTER)


def _number(value: str) -> float | None:
    try:
        return float(value.strip())
    except ValueError:
        return None


def _seconds(value: str, now: float) -> float | None:
    seconds = _number(value)
    if seconds is not None:
        return seconds
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now if isinstance(date, datetime) else None
