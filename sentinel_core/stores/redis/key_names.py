"""Names the keys of Sentinel in Redis; the database may be shared with other applications."""

from __future__ import annotations

from sentinel_core.cache.scope import Query

ROOT = "sentinel:v1:"
PURGES = f"{ROOT}purges"
REMOVALS = f"{ROOT}removals"
"""A hash of purges whose bytes were freed, by their ids."""

UNDER_WAY = f"{ROOT}removals-under-way"
"""A hash of purges whose bytes may be left."""

SWEEPS = f"{ROOT}sweeps"
"""A hash of where cut sweeps go on, by namespace."""

REMOVING = f"{ROOT}removing"
"""Held by the instance that frees bytes."""

AUDIT = f"{ROOT}audit"
"""A stream of the audit log's records."""

CHECKPOINTS = f"{ROOT}audit-checkpoints"

JUDGING = f"{ROOT}judging"
"""A set of the namespaces in which pairs wait for a judge."""

RINGS = f"{ROOT}rings"
"""A sorted set of the owners whose latest requests are kept, by the time of the last one."""

API_KEYS = f"{ROOT}keys"
"""A set of the SHA-256 of all API keys, for listings."""


def entry(namespace: str, fingerprint: str, digest: str) -> str:
    return f"{ROOT}{namespace}:entry:{fingerprint}:{digest}"


def entry_of(query: Query) -> str:
    return entry(query.namespace, query.fingerprint, query.digest)


def index(namespace: str, embedder: str, fingerprint: str) -> str:
    """Name a scope's index stream; the embedder's id is part of it, so that vectors of two models never meet."""
    return f"{ROOT}{namespace}:index:{embedder}:{fingerprint}"


def vectors(namespace: str, embedder: str, fingerprint: str) -> str:
    """Name the vector engine's key for the items that no longer fit the stream."""
    return f"{ROOT}{namespace}:vectors:{embedder}:{fingerprint}"


def curated(namespace: str) -> str:
    """Name the hash of a namespace's curated answers by their ids."""
    return f"{ROOT}{namespace}:curated"


def curated_version(namespace: str) -> str:
    """Name the number of changes to a namespace's curated answers."""
    return f"{ROOT}{namespace}:curated-version"


def curated_log(namespace: str) -> str:
    """Name the stream of ids of changed curated answers."""
    return f"{ROOT}{namespace}:curated-log"


def ring(namespace: str, owner: str, kind: str) -> str:
    """Name the stream of an owner's latest requests or served hits; `owner` is a pseudonym, "" without a tenant."""
    return f"{ROOT}{namespace}:ring:{kind}:{owner}"


def series(owner: str, step: str, bucket: int) -> str:
    """Name the hash of an owner's sums by minute, hour or day, of the steps of one bucket; `owner` is a pseudonym."""
    return f"{ROOT}{owner}:series:{step}:{bucket}"


def learning(namespace: str) -> str:
    """Name the state of a namespace's learning, as an operator has set it."""
    return f"{ROOT}{namespace}:learning"


def judging(namespace: str) -> str:
    """Name the sorted set of a namespace's pairs that wait for a judge."""
    return f"{ROOT}{namespace}:judging"


def lease(query: Query) -> str:
    return f"{ROOT}{query.namespace}:lease:{query.fingerprint}:{query.digest}"


def scopes(namespace: str) -> str:
    """Name the sorted set of a namespace's fingerprints, all of score 0, for listings."""
    return f"{ROOT}{namespace}:scopes"


def stats(day: str, owner: str | None = None) -> str:
    """Name the counters of a UTC day (2026-01-31): of a namespace, or of the fleet."""
    return f"{ROOT}stats:{day}" if owner is None else f"{ROOT}{owner}:stats:{day}"


def tops(namespace: str, day: str, rank: str) -> str:
    """Name the sorted set of entries by hits, or by saved dollars."""
    return f"{ROOT}{namespace}:top-{rank}:{day}"


def api_key(sha256: str) -> str:
    return f"{ROOT}key:{sha256}"


def count(name: str) -> str:
    return f"{ROOT}count:{name}"


def alert(name: str) -> str:
    return f"{ROOT}alert:{name}"


def check(name: str) -> str:
    """Name a short-lived key of a health check."""
    return f"{ROOT}check:{name}"
