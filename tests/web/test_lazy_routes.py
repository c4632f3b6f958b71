from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Scope

from sentinel_core.web.direct_routes import DirectRoutes
from sentinel_core.web.lazy_routes import LazyRoutes, RouteGroup
from sentinel_core.web.route_groups import GROUPS

pytestmark = pytest.mark.anyio


async def _answer(request: Request) -> Response:
    return PlainTextResponse(request.scope["path"])


def _route(path: str, built: list[str]) -> Callable[[], Sequence[BaseRoute]]:
    def routes() -> Sequence[BaseRoute]:
        built.append(path)
        return [Route(path, _answer)]

    return routes


def _world(built: list[str]) -> tuple[FastAPI, LazyRoutes]:
    app = FastAPI(openapi_url=None)
    groups = [RouteGroup((path,), _route(path, built), is_at_once=path == "/q") for path in ("/q", "/a", "/b", "/")]
    return app, LazyRoutes(DirectRoutes(app), app.router.routes, groups)


async def _ask(app: LazyRoutes, scope: Scope) -> list[int]:
    statuses: list[int] = []

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])  # type: ignore[arg-type]

    async def receive() -> dict[str, object]:
        return {"type": "lifespan.shutdown"}

    await app({"method": "GET", "headers": [], "query_string": b"", **scope}, receive, send)  # type: ignore[arg-type]
    return statuses


@pytest.mark.parametrize(
    ("scope", "added", "status"),
    [
        ({"type": "http", "path": "/q"}, [], [200]),
        ({"type": "http", "path": "/a"}, ["/a"], [200]),
        ({"type": "http", "path": "/a/deeper"}, ["/a"], [404]),
        ({"type": "http", "path": "/ab"}, [], [404]),
        ({"type": "http", "path": "/"}, ["/"], [200]),
        ({"type": "lifespan"}, ["/a", "/b", "/"], []),
    ],
)
async def test_a_group_is_added_once_before_its_first_request(
    scope: Scope, added: list[str], status: list[int]
) -> None:
    built: list[str] = []
    _, lazy = _world(built)

    for _ in range(2):
        assert await _ask(lazy, scope) == status

    assert built == ["/q", *added]


async def test_routes_stand_in_the_order_of_their_groups() -> None:
    app, lazy = _world([])

    await _ask(lazy, {"type": "http", "path": "/b"})
    await _ask(lazy, {"type": "http", "path": "/a"})

    assert [route.path for route in app.router.routes if isinstance(route, Route)] == ["/q", "/a", "/b"]


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.paths[0])
def test_each_route_lies_at_or_below_a_path_of_its_group(group: RouteGroup) -> None:
    below = tuple(f"{path}/" for path in group.paths)
    paths = [route.path for route in group.routes() if isinstance(route, Route)]

    assert paths
    assert [path for path in paths if not f"{path}/".startswith(below)] == []


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.paths[0])
def test_each_path_of_a_group_leads_to_a_route_of_it(group: RouteGroup) -> None:
    paths = [route.path for route in group.routes() if isinstance(route, Route)]

    assert [path for path in group.paths if not any(f"{each}/".startswith(f"{path}/") for each in paths)] == []
