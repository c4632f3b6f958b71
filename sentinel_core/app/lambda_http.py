"""HTTP events of Lambda as requests to the ASGI application, and its answers as Lambda takes them."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from mangum import Mangum

if TYPE_CHECKING:
    from mangum.types import ASGI
    from starlette.types import Scope

    from sentinel_core.app.lambda_event_kinds import Event

_log = logging.getLogger("sentinel")

_LARGEST_ANSWER = 6 * 1024 * 1024
_LONGEST_ESCAPE = 6
"""Bytes that JSON may need for a character."""

_MALFORMED = "the event is malformed"
_TOO_LARGE = "the answer is larger than the 6 MB that Lambda hands over; ask for fewer in one request"
_UNREADABLE = (ValueError, TypeError, AttributeError, LookupError)
"""Errors of Mangum on a malformed event; the application answers its own itself."""


class HttpEvents:
    """Translates the events of API Gateway and of Function URLs for one application, with Mangum."""

    def __init__(self, app: ASGI) -> None:
        self._adapter: Any = Mangum(app, lifespan="off")

    def answer(self, event: Event, context: Any) -> Event:
        """Return the application's answer, or an error in its place: 400, 413 or 500."""
        try:
            answer: Event = self._adapter(event, context)
        except _UNREADABLE as error:
            return _malformed(error)
        except Exception:  # noqa: BLE001  the last resort: what is answered must be JSON
            _log.exception("invocation.crashed")
            return _error(500, "internal error", "internal_error")
        return answer if _fits(answer) else _error(413, _TOO_LARGE, "answer_too_large")

    def request(self, event: Event, context: Any) -> tuple[Scope, bytes] | Event:
        """Return the ASGI scope and the body of the request, or the answer to a malformed event."""
        try:
            request = self._adapter.infer(event, context)
            scope, body = request.scope, request.body
        except _UNREADABLE as error:
            return _malformed(error)
        return scope, body

    def rehearse(self, path: str) -> None:
        """Ask for a path before any caller does; FastAPI prepares a route when a request first passes it by."""
        self._adapter(_get(path), _Rehearsing())


class _Rehearsing:
    """A context with time enough."""

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


def _get(path: str) -> Event:
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "localhost"},
        "requestContext": {"http": {"method": "GET", "path": path, "sourceIp": "127.0.0.1"}},
    }


def _fits(answer: Event) -> bool:
    """Whether Lambda can hand it over; most answers are too small to be measured."""
    if len(answer["body"]) < _LARGEST_ANSWER // _LONGEST_ESCAPE:
        return True
    return len(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")) <= _LARGEST_ANSWER


def _malformed(error: Exception) -> Event:
    _log.warning("event.malformed", extra={"fields": {"error": type(error).__name__}})
    return _error(400, _MALFORMED, "malformed_event")


def _error(status: int, message: str, code: str) -> Event:
    kind = "internal_error" if code == "internal_error" else "invalid_request_error"
    body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    headers = {"content-type": "application/json"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body), "isBase64Encoded": False}
