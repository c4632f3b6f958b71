"""Names everything Sentinel keeps in Redis; the database may be shared with others."""

from __future__ import annotations

from sentinel_core.cache.scope import Query

ROOT = "sentinel:v1:"
PURGES = f"{ROOT}purges"
API_KEYS = f"{ROOT}keys"
"""A set of the SHA-256 of all API keys: what a listing walks along."""


def entry(namespace: str, fingerprint: str, digest: str) -> str:
    return f"{ROOT}{namespace}:entry:{fingerprint}:{digest}"


def entry_of(query: Query) -> str:
    return entry(query.namespace, query.fingerprint, query.digest)


def index(namespace: str, embedder: str, fingerprint: str) -> str:
    """The embedder's id is part of the name: vectors of two models never meet."""
    return f"{ROOT}{namespace}:index:{embedder}:{fingerprint}"


def vectors(namespace: str, embedder: str, fingerprint: str) -> str:
    """What has outgrown the stream, under the same rule as `index`."""
    return f"{ROOT}{namespace}:vectors:{embedder}:{fingerprint}"


def lease(query: Query) -> str:
    return f"{ROOT}{query.namespace}:lease:{query.fingerprint}:{query.digest}"


def scopes(namespace: str) -> str:
    """A sorted set of this namespace's fingerprints, all of score 0: what a listing walks along."""
    return f"{ROOT}{namespace}:scopes"


def stats(day: str, owner: str | None = None) -> str:
    """`day` as in 2026-01-31, UTC; `owner` is a namespace, without one it is everyone's."""
    return f"{ROOT}stats:{day}" if owner is None else f"{ROOT}{owner}:stats:{day}"


def tops(namespace: str, day: str, rank: str) -> str:
    """A sorted set of entries by hits, or by what they saved."""
    return f"{ROOT}{namespace}:top-{rank}:{day}"


def api_key(sha256: str) -> str:
    return f"{ROOT}key:{sha256}"


def count(name: str) -> str:
    return f"{ROOT}count:{name}"


def alert(name: str) -> str:
    return f"{ROOT}alert:{name}"


def check(name: str) -> str:
    """A short-lived key of a health check."""
    return f"{ROOT}check:{name}"
