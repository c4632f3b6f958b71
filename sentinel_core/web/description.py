"""The OpenAPI description: FastAPI's own of the routes, with keys, tags and refusals added."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

TAGS = [
    {"name": "query", "description": "One prompt or many, in Sentinel's own format."},
    {"name": "openai", "description": "The routes of OpenAI's API, for any OpenAI client."},
    {"name": "anthropic", "description": "The routes of Anthropic's API, for any Anthropic client."},
    {"name": "cache", "description": "Explain a decision; list, show, delete and judge your own entries."},
    {"name": "operations", "description": "Health and counters."},
    {"name": "admin", "description": "Keys, entries and numbers of all tenants. Needs the admin key."},
]
SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A key made with `sentinel keys create`; for `/v1/admin` the admin key. "
        "Not needed while no key exists.",
    },
    "x-api-key": {"type": "apiKey", "in": "header", "name": "x-api-key", "description": "The same key as a header."},
}
_KEY: list[dict[str, list[str]]] = [{"bearer": []}, {"x-api-key": []}]
_REFUSALS = {
    "401": "The key is missing, unknown, expired or revoked.",
    "402": "The key's budget is spent and the answer is not stored.",
    "429": "A limit of the key or of the provider is reached, or too many wrong keys came from this address;"
    " `Retry-After` names the seconds to wait.",
}
_OPEN = frozenset({"/health"})
_METHODS = frozenset({"get", "post", "put", "patch", "delete"})


def describe(app: FastAPI) -> dict[str, Any]:
    """Build the description of the routes that are there now."""
    document: dict[str, Any] = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, tags=TAGS
    )
    document.setdefault("components", {})["securitySchemes"] = SCHEMES
    for path, method, operation in _operations(document):
        operation["security"] = [] if path in _OPEN else _KEY
        for status in _refusals(path, method, operation["tags"]):
            operation["responses"].setdefault(status, _refusal(status, operation))
    return document


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in _METHODS:
                yield path, method, operation


def _refusals(path: str, method: str, tags: list[str]) -> list[str]:
    if path in _OPEN:
        return []
    asks = method == "post" and not {"query", "openai", "anthropic"}.isdisjoint(tags)
    return ["401", *(["402"] if asks else []), "429"]


def _refusal(status: str, operation: dict[str, Any]) -> dict[str, Any]:
    """Describe a refusal; its body is that of every other error of the operation."""
    return {**operation["responses"]["4XX"], "description": _REFUSALS[status]}
