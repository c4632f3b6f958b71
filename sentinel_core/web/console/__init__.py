"""The console at `/console`: static files beside this module; all data comes by the API, with the caller's key."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

MODULES = (
    *("main", "dom", "api", "overview", "requests", "hits", "matching", "playground"),
    *("entries", "pinned", "operations", "operating", "experiment", "lab"),
)
STYLE = "/console/style.css"
PATHS = frozenset({"/console", STYLE, *(f"/console/{name}.js" for name in MODULES)})
"""Paths of this module; all are open without a key, since none holds data."""

_FOLDER = Path(__file__).parent
_REVALIDATED = {"cache-control": "no-cache"}
"""The modules import each other by fixed names, so files of two versions must not meet."""


def routes() -> Sequence[BaseRoute]:
    """Return the routes of the console; each answers GET and HEAD."""
    scripts = (Route(f"/console/{name}.js", _script) for name in MODULES)
    return [Route("/console", _page), Route(STYLE, _style), *scripts]


async def _page(request: Request) -> Response:
    from sentinel_core.web.docs import page

    return page((_FOLDER / "index.html").read_text("utf-8"))


async def _style(request: Request) -> Response:
    return _file("style.css", "text/css")


async def _script(request: Request) -> Response:
    return _file(request.scope["path"].rpartition("/")[2], "text/javascript")


def _file(name: str, media_type: str) -> Response:
    return Response((_FOLDER / name).read_bytes(), media_type=media_type, headers=_REVALIDATED)
