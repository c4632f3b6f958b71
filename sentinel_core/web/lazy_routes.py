"""Imports a group of routes before the first request for one of them, because a cold start serves few of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from sentinel_core.web.direct_routes import DirectRoutes


@dataclass(frozen=True, slots=True)
class RouteGroup:
    """
    Routes that are imported together by `routes`; each of their paths is one of `paths`, or lies below one.

    The routes of a group that `is_at_once` are there from the start.
    """

    paths: tuple[str, ...]
    routes: Callable[[], Sequence[BaseRoute]]
    is_at_once: bool = False


class LazyRoutes:
    """
    Adds each group to `routes` before the first request for it; all of them where a server lives on.

    The order of `routes` is that of the groups, whatever the order of the requests.
    """

    def __init__(self, app: DirectRoutes, routes: list[BaseRoute], groups: Sequence[RouteGroup]) -> None:
        self._app = app
        self._routes = routes
        self._groups = groups
        self._built: dict[int, Sequence[BaseRoute]] = {}
        self._waiting = {number: tuple(f"{path}/" for path in group.paths) for number, group in enumerate(groups)}
        self._add([number for number, group in enumerate(groups) if group.is_at_once])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._waiting:
            if scope["type"] == "lifespan":
                self.add_all()
            else:
                below = f"{scope['path']}/"
                self._add([number for number, paths in self._waiting.items() if below.startswith(paths)])
        await self._app(scope, receive, send)

    def add_all(self) -> None:
        """Add the groups that are not there yet."""
        self._add(list(self._waiting))

    def _add(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            self._built[number] = self._groups[number].routes()
            self._app.add(self._built[number])
            del self._waiting[number]
        if numbers:
            self._routes[:] = [route for number in sorted(self._built) for route in self._built[number]]


def routes_of(*routers: APIRouter) -> list[BaseRoute]:
    """Return the routes of routers themselves: an included router is asked twice per request."""
    return [route for router in routers for route in router.routes]
