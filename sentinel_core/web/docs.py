"""`/`, `/docs` and `/openapi.json`: where a newcomer arrives. All files come from this machine."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sentinel_core import __version__
from sentinel_core.support.off_loop import off_loop
from sentinel_core.web.paths import base_path

if TYPE_CHECKING:
    from fastapi import FastAPI

STYLE, BUNDLE, START = "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/docs/init.js"
PATHS = frozenset({"/", "/docs", "/openapi.json", STYLE, BUNDLE, START})
"""Paths of this module; all are open without a key."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content-security policy of the pages: no inline script or style, nothing from another site."""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sentinel API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<noscript>This page needs JavaScript. <a href="openapi.json">The description as JSON</a>,
<a href="guide">the guide</a>.</noscript>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/init.js"></script>
</body>
</html>
"""
_ASSETS = Path(__file__).parent / "assets"
_KEPT = {"cache-control": "public, max-age=3600"}
"""For files that change with the version only."""


def routes() -> Sequence[BaseRoute]:
    """Return the routes of these pages; each answers GET and HEAD."""
    return [
        Route("/", index),
        Route("/docs", _docs),
        Route("/openapi.json", _description),
        Route(STYLE, _style),
        Route(BUNDLE, _bundle),
        Route(START, _start),
    ]


async def index(request: Request) -> Response:
    """Redirect a browser to the console; name the routes to a script, in one line of JSON."""
    if "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(f"{base_path(request.scope)}/console", 307, {"vary": "accept"})
    content = {"name": "sentinel", "version": __version__, "routes": served(request.app)}
    return JSONResponse(content, headers={"vary": "accept"})


_GROUPS = ("/v1/audio/", "/v1/images/")


def served(app: FastAPI) -> list[str]:
    """Name the routes for callers, by path; those of the operator are in the description only."""
    app.state.routes.add_all()
    paths = [
        route.path
        for route in app.routes
        if isinstance(route, Route) and route.include_in_schema and not route.path.startswith("/v1/cache/")
    ]
    own = {path for path in paths if path.startswith("/v1/") and not path.startswith("/v1/admin") and "{" not in path}
    groups = {path: f"{path[: path.index('/', 4)]}/…" for path in own if path.startswith(_GROUPS)}
    own = {groups.get(path, path) for path in own}
    return [*sorted(own), "/v1/cache/…", "/health", "/docs", "/guide", "/console"]


async def _docs(request: Request) -> Response:
    return page(_PAGE)


def page(html: str) -> Response:
    """Answer with a page under the strict policy."""
    return Response(html, media_type="text/html", headers={"content-security-policy": POLICY})


async def _description(request: Request) -> Response:
    """Answer with the bytes written last for the same base path; those of another are written off the event loop."""
    app, base = request.app, base_path(request.scope)
    known: tuple[str, bytes] | None = getattr(app.state, "description", None)
    if known is None or known[0] != base:
        known = app.state.description = base, await off_loop(partial(_written, app, base), is_large=True)
    return Response(known[1], media_type="application/json")


def _written(app: FastAPI, base: str) -> bytes:
    """Return the description as JSON: the first takes 200 ms, the same one for another base path 5 ms."""
    document = app.openapi()
    return bytes(JSONResponse({**document, "servers": [{"url": base}]} if base else document).body)


async def _style(request: Request) -> Response:
    return asset(_swagger() / "swagger-ui.min.css", "text/css")


async def _bundle(request: Request) -> Response:
    return asset(_swagger() / "swagger-ui-bundle.min.js", "text/javascript")


async def _start(request: Request) -> Response:
    return asset(_ASSETS / "docs.js", "text/javascript")


def asset(path: Path, media_type: str) -> Response:
    """Answer with a file of the package; callers who do not read it hold the same bytes."""
    return Response(_read(path), media_type=media_type, headers=_KEPT)


@cache
def _read(path: Path) -> bytes:
    return path.read_bytes()


@cache
def _swagger() -> Path:
    """Find Swagger UI where the pinned Powertools ship it, without importing them."""
    package = importlib.util.find_spec("aws_lambda_powertools")
    assert package is not None and package.origin is not None  # noqa: S101, PT018  pinned in requirements.txt
    return Path(package.origin).parent / "event_handler" / "openapi" / "swagger_ui"
