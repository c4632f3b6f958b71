"""The layer that traces requests, around the whole application; there only where a collector is set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sentinel_core.support.trace import TRACE, Trace
from sentinel_core.web.paths import PROMETHEUS

if TYPE_CHECKING:
    from sentinel_core.telemetry.otlp import OpenSpan, Otlp

_UNTRACED = ("/health", PROMETHEUS)
"""Beginnings of the paths that machines poll."""


class Work(Protocol):
    """Work of the process from its first request to its last one."""

    async def begin(self) -> None:
        """Begin it."""

    async def finish(self) -> None:
        """Finish it; never raises."""


class Traced:
    """Gives each request a span, and runs `work` for as long as the application lives."""

    def __init__(self, app: ASGIApp, otlp: Otlp, work: Work) -> None:
        self._app = app
        self._otlp = otlp
        self._work = work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, _Lifespan(send, self._work))
        elif scope["type"] != "http" or scope["path"].startswith(_UNTRACED):
            await self._app(scope, receive, send)
        else:
            await self._traced(scope, receive, send)

    async def _traced(self, scope: Scope, receive: Receive, send: Send) -> None:
        method: str = scope["method"]
        opened, trace = self._otlp.begin(method, scope["headers"])
        answer = _Watched(send)
        token = TRACE.set(trace)
        try:
            await self._app(scope, receive, answer)
        finally:
            TRACE.reset(token)
            self._end(opened, trace, scope, answer.status)

    def _end(self, opened: OpenSpan, trace: Trace, scope: Scope, status: int) -> None:
        self._otlp.end(opened, trace, method=scope["method"], route=_route(scope, trace), status=status)


class _Watched:
    """The way out; knows the status of the answer, 0 before it begins."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


class _Lifespan:
    """Begins the work when the application is ready, and finishes it when the application has ended."""

    def __init__(self, send: Send, work: Work) -> None:
        self._send = send
        self._work = work

    async def __call__(self, message: Message) -> None:
        if message["type"] == "lifespan.startup.complete":
            await self._work.begin()
        elif message["type"].startswith("lifespan.shutdown."):
            await self._work.finish()
        await self._send(message)


def _route(scope: Scope, trace: Trace) -> str | None:
    """Return the template of the path: paths themselves have no bound. None for a path without a route."""
    route: Any = scope.get("route")
    path: str | None = getattr(route, "path", None)
    if path is None and trace.answered:
        path = trace.answered[0].route
    return path
