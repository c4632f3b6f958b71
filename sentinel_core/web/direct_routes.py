"""Dispatches POSTs to JSON routes without FastAPI's middleware."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from fastapi import FastAPI, Request, Response
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from sentinel_core.errors import SentinelError
from sentinel_core.web import errors
from sentinel_core.web.json_route import JsonRoute


class DirectRoutes:
    """
    Dispatches a POST to a JSON route directly, and every other request through the application.

    A route that reads its own body needs none of the layers in between, and passing them costs more
    than finding an entry. Both ways share one error handler.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._handlers: dict[str, Callable[[Request], Awaitable[Response]]] = {}

    def add(self, routes: Iterable[BaseRoute]) -> None:
        """Dispatch to those of these routes that are JSON routes, too."""
        for route in routes:
            if isinstance(route, JsonRoute) and route.methods == {"POST"} and not route.param_convertors:
                self._handlers[route.path] = route.get_route_handler()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        handle = self._handlers.get(scope["path"]) if scope.get("method") == "POST" else None
        if handle is None:
            await self._app(scope, receive, send)
            return
        scope["app"] = self._app
        request = Request(scope, receive, send)
        try:
            response = await handle(request)
        except Exception as error:
            response = await errors.handle(request, error)
            await response(scope, receive, send)
            if not isinstance(error, SentinelError):
                raise
            return
        await response(scope, receive, send)
