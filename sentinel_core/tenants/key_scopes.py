"""Scopes of keys: kinds of routes, and parts of the admin API."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, TypeAlias

from pydantic import Field

_SCOPE = r"^(answer|cache|curate|metrics|admin:[a-z][a-z-]*)$"
KeyScope: TypeAlias = Annotated[str, Field(max_length=40, pattern=_SCOPE)]

ANSWER, CACHE, CURATE, METRICS = "answer", "cache", "curate", "metrics"
USUAL = frozenset({ANSWER, CACHE, CURATE, METRICS})
"""Scopes of a key for which none were named."""

ADMIN = "admin:"
_READING = frozenset({"GET", "HEAD"})
_ADMIN_PATH, _EXPLAIN = "/v1/admin/", "/v1/cache/explain"


def needed(method: str, path: str) -> str:
    """
    Return the scope that a request needs.

    `cache` reads a tenant's own entries, requests and decisions, `curate` deletes entries and judges answers,
    `metrics` reads counters; `answer` is for all other routes. `admin:<part>` opens the admin routes under that part,
    of all tenants.
    """
    if path == _ADMIN_PATH.rstrip("/"):
        return ADMIN
    if path.startswith(_ADMIN_PATH):
        return ADMIN + path[len(_ADMIN_PATH) :].split("/", 1)[0].split(".", 1)[0]
    if path in ("/v1/metrics", "/metrics"):
        return METRICS
    if path.startswith("/v1/cache/"):
        return CACHE if method in _READING or path == _EXPLAIN else CURATE
    return ANSWER


def rights(scopes: Collection[str]) -> frozenset[str]:
    """Return the scopes of a key; the usual ones if none were named."""
    return frozenset(scopes) or USUAL
