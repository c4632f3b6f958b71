"""Builds the ASGI application: routes, errors, and the layer around them all."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Sequence

from fastapi import APIRouter, FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

from sentinel_core import __version__
from sentinel_core.web import batch, chat, errors, operations, query
from sentinel_core.web.access import Door
from sentinel_core.web.controls import TAG, THRESHOLD, TTL
from sentinel_core.web.lane import Lane
from sentinel_core.web.service import ENTRY, Service

_log = logging.getLogger("sentinel")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9_.-]{8,64}")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_SENT = ("authorization", "x-api-key", "content-type", "cache-control", "x-request-id", THRESHOLD, TTL, TAG)
_TOLD = (
    *("age", "cache-status", "retry-after", "server-timing", "x-request-id", "x-sentinel-similarity", ENTRY),
    *(f"x-ratelimit-{what}-{unit}" for what in ("limit", "remaining", "reset") for unit in ("requests", "tokens")),
)
_SECURITY = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_NO_PAGE = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_SELDOM = ("/v1/admin", "/v1/cache", "/openapi.json")
"""Beginnings of paths, and what describes them."""

_DOCS = "/docs"  # the only page, with scripts from elsewhere
_NOT_KEPT = (b"cache-control", b"no-store")
_HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")


_ROUTERS = (query.router, chat.router, chat.listing, batch.router, operations.router)


def _seldom() -> Sequence[APIRouter]:
    """What few requests are for, built when one comes: together it would be a tenth of a cold start."""
    from sentinel_core.web import (
        admin,
        admin_entries,
        admin_near_misses,
        admin_numbers,
        admin_top,
        cache_entries,
        explain,
    )

    return (
        explain.router,
        cache_entries.router,
        cache_entries.writing,
        admin.router,
        admin.writing,
        admin_entries.searching,
        admin_entries.router,
        admin_numbers.router,
        admin_near_misses.router,
        admin_top.router,
    )


def create_app(
    service: Service,
    *,
    max_body_bytes: int,
    lifespan: Lifespan[FastAPI] | None = None,
    cors_origins: Sequence[str] = (),
) -> ASGIApp:
    """Build the application around a service; it imports nothing of any platform."""
    app = FastAPI(
        title="Sentinel",
        version=__version__,
        description="A semantic AI gateway: answers what was asked before, in these words or in others, for $0.",
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        # Sentinel keeps its own numbers; FastAPI's would ask the environment on every request.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.service = service
    app.state.max_body_bytes = max_body_bytes
    # The routes themselves, and first: an included router is asked twice per request, after the docs' routes.
    app.router.routes[:0] = _routes(_ROUTERS)
    errors.install(app)
    inner: ASGIApp = Door(Later(Lane(app, service), lambda: app.router.routes.extend(_routes(_seldom()))), service)
    if cors_origins:
        # Outside the door: a browser asks for leave before it sends the key.
        inner = CORSMiddleware(inner, cors_origins, _METHODS, _SENT, expose_headers=_TOLD)
    return Outermost(inner, service.clock.monotonic)


def _routes(routers: Sequence[APIRouter]) -> list[BaseRoute]:
    return [route for router in routers for route in router.routes]


class Later:
    """Calls `add` before the first request for what it adds, or that describes it; at once where a server lives on."""

    def __init__(self, app: ASGIApp, add: Callable[[], None]) -> None:
        self._app = app
        self._add: Callable[[], None] | None = add

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._add is not None and (scope["type"] == "lifespan" or _is_seldom(scope)):
            self._add()
            self._add = None
        await self._app(scope, receive, send)


def _is_seldom(scope: Scope) -> bool:
    path: str = scope.get("path", "").removeprefix(scope.get("root_path", ""))
    return path.startswith(_SELDOM)


class Outermost:
    """
    Stands around the application: stamps each request, and answers in our shape what nobody foresaw.

    A request id of the caller's is kept if it is well-formed, so that nothing odd reaches logs and headers.
    """

    def __init__(self, app: ASGIApp, monotonic: Callable[[], float]) -> None:
        self._app = app
        self._monotonic = monotonic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["sentinel.started"] = self._monotonic()
        scope["sentinel.request_id"] = _request_id(scope)
        answer = _Answering(send, scope)
        try:
            await self._app(scope, receive, answer)
        except Exception:  # noqa: BLE001  the last resort: no stack trace, no HTML
            _log.exception("request.crashed", extra={"fields": {"request_id": scope["sentinel.request_id"]}})
            if not answer.begun:
                await errors.internal()(scope, receive, answer)


class _Answering:
    """The way out: adds the headers every answer has, and knows whether it has begun."""

    def __init__(self, send: Send, scope: Scope) -> None:
        self._send = send
        self._scope = scope
        self._headers = [(b"x-request-id", scope["sentinel.request_id"].encode()), *_SECURITY]
        if not scope.get("path", "").startswith(_DOCS):
            self._headers.append(_NO_PAGE)
        if scope.get("scheme") == "https":
            self._headers.append(_HTTPS_ONLY)
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            own = message.get("headers", [])
            kept = [] if any(name == _NOT_KEPT[0] for name, _ in own) else [_NOT_KEPT]
            message["headers"] = [*own, *self._headers, *kept, *self._scope.get("sentinel.told", {}).items()]
        await self._send(message)


def _request_id(scope: Scope) -> str:
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    return given.decode("ascii") if _REQUEST_ID.fullmatch(given) else secrets.token_hex(12)
