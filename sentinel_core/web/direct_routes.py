"""The short way to the JSON routes."""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.types import Receive, Scope, Send

from sentinel_core.errors import ProviderError, RequestError
from sentinel_core.web import errors
from sentinel_core.web.json_route import JsonRoute
from sentinel_core.web.service import Service


class DirectRoutes:
    """
    Takes a POST to a JSON route straight to it, and all else the way of the application.

    A route that reads its own body needs nothing of the layers in between, and passing them costs more
    than finding an entry. Failures are answered as the application's handlers answer them.
    """

    def __init__(self, app: FastAPI, service: Service) -> None:
        self._app = app
        self._service = service
        self._handlers = {
            route.path: route.get_route_handler()
            for route in app.routes
            if isinstance(route, JsonRoute) and route.methods == {"POST"} and not route.param_convertors
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_direct = scope.get("method") == "POST" and not scope.get("root_path")
        handle = self._handlers.get(scope["path"]) if is_direct else None
        if handle is None:
            await self._app(scope, receive, send)
            return
        scope["app"] = self._app
        request = Request(scope, receive, send)
        try:
            try:
                response = await handle(request)
            except (RequestError, ProviderError) as error:
                response = errors.answer(self._service, request, error)
            await response(scope, receive, send)
        except Exception:
            self._service.record_crash(request)
            raise
