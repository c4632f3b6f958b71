from __future__ import annotations

from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from sentinel_core.web.azure_paths import MODEL, AzurePaths, with_model

pytestmark = pytest.mark.anyio
HEADERS = [(b"api-key", b"k"), (b"accept", b"*/*")]


async def resolved(path: str, deployments: dict[str, str]) -> tuple[str, Any]:
    scopes: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(scope)

    scope: Scope = {"type": "http", "path": path, "headers": HEADERS}
    await AzurePaths(app, deployments)(scope, None, None)  # type: ignore[arg-type]
    assert scopes[0]["headers"] == [(b"x-api-key", b"k"), (b"accept", b"*/*")]
    return scopes[0]["path"], scopes[0].get(MODEL)


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/openai/deployments/mine/chat/completions", ("/v1/chat/completions", "openai/gpt-4.1-mini")),
        ("/openai/deployments/mine/embeddings", ("/v1/embeddings", "openai/gpt-4.1-mini")),
        ("/openai/deployments/gpt-4o/chat/completions", ("/v1/chat/completions", "gpt-4o")),
        ("/openai/responses", ("/v1/responses", None)),
        ("/openai/models/a", ("/v1/models/a", None)),
        ("/openai/deployments/mine/admin/keys", ("/openai/deployments/mine/admin/keys", None)),
        ("/openai/admin/keys", ("/openai/admin/keys", None)),
        ("/openai/deployments//chat/completions", ("/openai/deployments//chat/completions", None)),
        ("/v1/chat/completions", ("/v1/chat/completions", None)),
    ],
)
async def test_a_deployment_is_a_route_and_a_model(path: str, meant: tuple[str, Any]) -> None:
    assert await resolved(path, {"mine": "openai/gpt-4.1-mini", "*": ""}) == meant


async def test_a_deployment_without_a_model_keeps_its_path() -> None:
    path = "/openai/deployments/gpt-4o/chat/completions"

    assert await resolved(path, {"mine": "m"}) == (path, None)


@pytest.mark.parametrize(
    ("raw", "sent"),
    [
        (b"{}", b'{"model": "m"}'),
        (b'{"model": "other", "a": 1}', b'{"model": "m", "a": 1}'),
        (b"[1]", b"[1]"),
        (b"{", b"{"),
    ],
)
def test_the_model_of_a_body_is_that_of_its_deployment(raw: bytes, sent: bytes) -> None:
    assert with_model(raw, "m") == sent
