"""The guide at `/guide`: the Markdown files beside this module, one a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sentinel_core.support.off_loop import off_loop
from sentinel_core.web.paths import base_path

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

PAGES = {
    "clients": "Clients and routes",
    "surfaces": "Surfaces",
    "settings": "Settings",
    "keys-and-limits": "Keys and limits",
    "adoption": "Estimate and own answers",
    "policy": "Policy and modes",
    "privacy": "Users and privacy",
    "upstreams": "Upstreams",
    "alerts": "Alerts",
    "redis": "Redis",
    "evaluation": "Evaluation",
    "learning": "Judge and learning",
    "benchmarks": "Benchmarks",
    "security": "Security",
    "deploy": "Deploy",
    "server": "A small server",
    "troubleshooting": "Troubleshooting",
    "architecture": "Architecture",
}
"""Titles by name, in the order of the contents; `NAME.md` holds the page."""

STYLE = "/guide/style.css"
PATHS = frozenset({"/guide", STYLE, *(f"/guide/{name}" for name in PAGES)})
"""Paths of this module; all are open without a key."""

_COMMENT = re.compile("<!--.*?-->\n?", re.DOTALL)
_FOLDER = Path(__file__).parent
_TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - Sentinel</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{base}/guide/style.css">
</head>
<body>
<nav aria-label="Guide"><a href="{base}/guide">Sentinel guide</a> {links} <a href="{base}/docs">API</a></nav>
<main>
{body}
</main>
</body>
</html>
"""


def routes() -> Sequence[BaseRoute]:
    """Return the routes of the guide; each answers GET and HEAD."""
    return [Route("/guide", _contents), Route(STYLE, _style), *(Route(f"/guide/{name}", _page) for name in PAGES)]


async def _contents(request: Request) -> Response:
    items = "\n".join(f"- [{title}]({name}.md)" for name, title in PAGES.items())
    return await _answer("Guide", f"# Guide\n\n{items}\n", base_path(request.scope))


async def _page(request: Request) -> Response:
    name = request.scope["path"].removeprefix("/guide/")
    return await _answer(PAGES[name], (_FOLDER / f"{name}.md").read_text("utf-8"), base_path(request.scope))


async def _style(request: Request) -> Response:
    from sentinel_core.web.docs import asset

    return asset(_FOLDER / "style.css", "text/css")


async def _answer(title: str, markdown: str, base: str) -> Response:
    """Answer with a page; rendering, which takes up to 30 ms the first time, leaves the event loop."""
    from sentinel_core.web.docs import page

    links = " ".join(f'<a href="{base}/guide/{name}">{shown}</a>' for name, shown in PAGES.items())
    body = await off_loop(partial(rendered, markdown, base), is_large=True)
    return page(_TEMPLATE.format(title=title, base=base, links=links, body=body))


@lru_cache(maxsize=32)
def rendered(markdown: str, base: str) -> str:
    """Render a page as HTML; a link to `NAME.md` becomes one to `/guide/NAME`. Raw HTML is shown, comments are not."""
    parser = _parser()
    tokens = parser.parse(_COMMENT.sub("", markdown))
    for token in (inner for block in tokens for inner in block.children or ()):
        href = str(token.attrGet("href") or "") if token.type == "link_open" else ""
        name, dot_md, anchor = href.partition(".md")
        if dot_md and name in PAGES:
            token.attrSet("href", f"{base}/guide/{name}{anchor}")
    html: str = parser.renderer.render(tokens, parser.options, {})
    return html


def _parser() -> MarkdownIt:
    # Imported late: it takes 40 ms, and only readers of the guide need it.
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table")
