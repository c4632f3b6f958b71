"""The layers around the routes: request context, authentication, response headers."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sentinel_core.support.clock import Clock
from sentinel_core.support.route_marks import HEADER, PASSED, is_loop
from sentinel_core.web import errors
from sentinel_core.web.context import RawHeaders, RequestContext, context_of
from sentinel_core.web.presenting import anthropic_rate_headers, rate_headers

_log = logging.getLogger("sentinel")
_MARKS = HEADER.encode()
_REQUEST_ID = re.compile(rb"[A-Za-z0-9_.-]{8,64}")

_SECURITY = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]

_NO_PAGE = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
"""For all that is not a page; pages bring a policy of their own."""

HINT = b"x-sentinel-hint"

_NOT_KEPT = (b"cache-control", b"no-store")

_DEFAULTS = (_NO_PAGE, _NOT_KEPT)

_HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")


class RequestContextMiddleware:
    """
    Wraps the application: stamps each request, and answers unforeseen errors in our shape.

    A request id of the caller's is kept if it is well-formed, so that nothing odd reaches logs and headers. A request
    that this gateway, whose mark is `mark`, has sent itself is refused before anything is done for it.
    """

    def __init__(self, app: ASGIApp, clock: Clock, mark: str = "") -> None:
        self._app = app
        self._monotonic = clock.monotonic
        self._mark = mark

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        context = context_of(scope)
        context.started = self._monotonic()
        given, passed = _given(scope["headers"])
        context.request_id = given or os.urandom(12).hex()
        answer = CommonHeaders(send, scope, context)
        if scope.get("method") == "HEAD":
            scope = {**scope, "method": "GET"}  # RFC 9110 section 9.3.2: as GET, without the content
        try:
            if passed and is_loop(passed, self._mark):
                await errors.loop(scope)(scope, receive, answer)
                return
            token = PASSED.set(passed) if passed or PASSED.get() else None
            try:
                await self._app(scope, receive, answer)
            finally:
                if token is not None:
                    PASSED.reset(token)
        except Exception:  # noqa: BLE001  the last resort: no stack trace, no HTML
            _log.exception("request.crashed", extra={"fields": {"request_id": context.request_id}})
            if not answer.begun:
                await errors.internal(scope)(scope, receive, answer)


class CommonHeaders:
    """The way out: adds the headers every answer has, and knows whether it has begun."""

    def __init__(self, send: Send, scope: Scope, context: RequestContext) -> None:
        self._send = send
        self._context = context
        self._scope = scope
        self._is_head = scope.get("method") == "HEAD"
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            message["headers"] = self._completed(message.get("headers", []))
        elif self._is_head:
            message["body"] = b""
        await self._send(message)

    def _completed(self, own: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        context = self._context
        rates = [meter.rates for meter in context.meters]
        request_id = context.request_id.encode()
        if errors.is_anthropic(self._scope):
            own = [*own, (b"request-id", request_id), *anthropic_rate_headers(rates, time.time())]
        hint = () if context.hint is None else ((HINT, context.hint.encode("ascii")),)
        headers = [*own, *hint, (b"x-request-id", request_id), *_SECURITY]
        if self._scope.get("scheme") == "https":
            headers.append(_HTTPS_ONLY)
        names = [name for name, _ in own]
        headers += [header for header in _DEFAULTS if header[0] not in names]
        if rates:
            headers += rate_headers(rates)
        return headers


def _given(headers: RawHeaders) -> tuple[str, str]:
    """Return the caller's request id and the marks of gateways, "" for those that are not there or not well-formed."""
    request_id = passed = None
    for name, value in headers:
        if name == b"x-request-id" and request_id is None:
            request_id = value.decode("ascii") if _REQUEST_ID.fullmatch(value) else ""
        elif name == _MARKS and passed is None:
            passed = value.decode("latin-1")
    return request_id or "", passed or ""
