"""Resolves the path of each request once, before authentication: the base path, and routes called without `/v1`."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

API = frozenset(
    {
        *("audio", "batches", "cache", "chat", "completions", "embeddings", "files", "images", "messages"),
        *("metrics", "models", "moderations", "query", "responses"),
    }
)
"""First segments below `/v1` that have aliases. Admin routes have none: each has one spelling only."""

PROMETHEUS = "/metrics"
"""Where Prometheus looks; not an alias of `/v1/metrics`, which is JSON."""

_PREFIXES = ("/v1/", "/", "/openai/v1/", "/v1/v1/", "/v1/openai/v1/")
"""Beginnings that clients make of a base URL with and without `/v1`; Groq's SDK adds `/openai/v1`."""


_COMMON = frozenset({"/v1/query", "/v1/chat/completions"})
"""Paths of most requests, which have no other spelling; to compare prefixes takes 3 µs."""


class PathResolver:
    """
    Rewrites `path` in the scope to the route's own path, and moves the base path to `app_root_path`.

    Authentication and routing both read the rewritten path, so they cannot disagree about it. Nothing is
    normalised beyond the base path and the aliases: case, double slashes and dot segments stay as they are.
    """

    def __init__(self, app: ASGIApp, base_path: str = "") -> None:
        self._app = app
        self._base_path = base_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._resolve(scope)
        await self._app(scope, receive, send)

    def _resolve(self, scope: Scope) -> None:
        path: str = scope["path"]
        mount: str = scope.get("root_path", "")
        public = self._base_path or mount
        if self._base_path or mount:
            for base in (self._base_path, mount):
                inner = below(path, base)
                if inner is not None:
                    path, public = inner, base
                    break
        scope["root_path"], scope["app_root_path"] = "", public
        scope["path"] = canonical(path)


def below(path: str, base: str) -> str | None:
    """Return the path below `base`, compared by whole segments; None if `base` is empty or does not lead there."""
    rest = path[len(base) :]
    if not base or not path.startswith(base) or rest[:1] not in ("", "/"):
        return None
    return rest or "/"


def canonical(path: str) -> str:
    """Return the route's own path for one of its aliases, and any other path unchanged."""
    if path in _COMMON or path == PROMETHEUS:
        return path
    for prefix in _PREFIXES:
        if path.startswith(prefix) and path[len(prefix) :].partition("/")[0] in API:
            return f"/v1/{path[len(prefix) :]}"
    return path


def base_path(scope: Scope) -> str:
    """Return the base path in front of the resolved path, for links in answers; "" at the root."""
    base: str = scope.get("app_root_path", "")
    return base
