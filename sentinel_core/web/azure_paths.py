"""Azure-style paths as routes: `/openai/deployments/NAME/chat/completions`, with the header `api-key`."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

MODEL = "sentinel.azure_model"
"""Key of the scope that holds the model of the deployment."""
ANY = "*"
"""Stands for all deployments, each with the name of a model."""

_DEPLOYMENTS, _OPENAI = "/openai/deployments/", "/openai/"
_OF_DEPLOYMENTS = frozenset({"chat/completions", "completions", "embeddings", "responses"})
_OTHERS = ("responses", "models", "embeddings")


class AzurePaths:
    """
    Rewrites paths and key header; inside the `PathResolver`, before authentication.

    `deployments` maps each name to its model. The query, `api-version` in it, is not read. A deployment without a
    model keeps its path, which no route has.
    """

    def __init__(self, app: ASGIApp, deployments: Mapping[str, str]) -> None:
        self._app = app
        self._deployments = deployments

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._resolve(scope)
        await self._app(scope, receive, send)

    def _resolve(self, scope: Scope) -> None:
        scope["headers"] = [(b"x-api-key" if name == b"api-key" else name, value) for name, value in scope["headers"]]
        path: str = scope["path"]
        if path.startswith(_DEPLOYMENTS):
            name, _, rest = path.removeprefix(_DEPLOYMENTS).partition("/")
            model = self._deployments.get(name) or (name if ANY in self._deployments else None)
            if model and rest in _OF_DEPLOYMENTS:
                scope["path"], scope[MODEL] = f"/v1/{rest}", model
        elif path.startswith(_OPENAI) and path.removeprefix(_OPENAI).partition("/")[0] in _OTHERS:
            scope["path"] = f"/v1/{path.removeprefix(_OPENAI)}"


def with_model(raw: bytes, model: str) -> bytes:
    """Return a JSON body with the deployment's model in place of its own; anything but an object as it is."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return raw
    return json.dumps({**body, "model": model}).encode("ascii") if isinstance(body, dict) else raw
