"""Builds the storage and the directory of keys from the settings: a part of the composition root."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sentinel_core.app.list_settings import keys_by_name
from sentinel_core.app.memory_plan import plan_of
from sentinel_core.app.settings import Settings
from sentinel_core.cache.events import NO_EVENTS, Events
from sentinel_core.cache.ports import Counts
from sentinel_core.matching import canonical_text
from sentinel_core.stores.audit_file import FileAudit
from sentinel_core.stores.backend import Backend
from sentinel_core.stores.backup_sealer import BackupSealer
from sentinel_core.stores.judged_pairs import MOST_PAIRS
from sentinel_core.stores.memory import MemoryStore
from sentinel_core.stores.memory_counts import MemoryCounts
from sentinel_core.stores.memory_curated import MemoryCurated
from sentinel_core.stores.memory_removals import MemoryRemovals
from sentinel_core.stores.memory_tops import MemoryTops
from sentinel_core.stores.rankings import MAX_RANKINGS
from sentinel_core.support.clock import Clock
from sentinel_core.support.http import LeanTransport
from sentinel_core.telemetry.audit import AuditStore
from sentinel_core.tenants.key_directory import Directory
from sentinel_core.tenants.key_file import SECRET_FILE, FileKeys, secret_in
from sentinel_core.tenants.key_store import KeyStore
from sentinel_core.tenants.limits import Limiter
from sentinel_core.web.body_room import BodyRoom

if TYPE_CHECKING:
    from sentinel_core.stores.redis.connection import RedisConnection
    from sentinel_core.stores.redis.encryption import Cipher

NAMES = {
    "upstash": "upstash (Redis over HTTP)",
    "redis": "redis (over TCP)",
    "memory": "memory (this process; set UPSTASH_REDIS_REST_URL or SENTINEL_REDIS_URL to keep entries)",
}


def backend(
    settings: Settings,
    wire: RedisConnection | None,
    *,
    embedder_id: str,
    clock: Clock,
    events: Events = NO_EVENTS,
) -> Backend:
    """Build everything that is stored: in Redis where there is a connection, else in this process."""
    if wire is None:
        return _in_memory(settings, clock, events)
    from sentinel_core.app import redis_stores

    return redis_stores.backend(
        settings,
        wire,
        embedder_id=f"{embedder_id}-{canonical_text.VERSION}",
        is_upstash=kind(settings) == "upstash",
        secret=sealing_secret(settings),
        cipher=cipher(settings),
        clock=clock,
        events=events,
    )


def body_room(settings: Settings) -> BodyRoom:
    """Return the room for large bodies: a quarter of the memory for callers, and some of the largest at least."""
    least = max(4 * settings.max_body_bytes, 2 * settings.max_answer_bytes)
    return BodyRoom(max(settings.max_memory_mb * 1_048_576 // 4, least))


def _in_memory(settings: Settings, clock: Clock, events: Events) -> Backend:
    plan = plan_of(settings)
    store = MemoryStore(
        max_entries=settings.max_entries,
        max_bytes=plan.entries,
        judged_pairs=plan.most(MOST_PAIRS),
        grace=settings.stale_seconds,
        clock=clock,
        in_flight=settings.request_timeout_seconds,
    )
    counts, tops = MemoryCounts(clock), MemoryTops(clock, plan.most(MAX_RANKINGS))
    return Backend(
        entries=store,
        inventory=store,
        counts=counts,
        popularity=tops,
        keys=key_store(settings, None),
        audit=audit_store(settings, None),
        curated=MemoryCurated(),
        removals=MemoryRemovals(store, counts, tops, events, clock),
        pairs=store.pairs,
        recall=store,
    )


def wire(settings: Settings) -> RedisConnection | None:
    """
    Build the connection to Redis, None where none is configured; opens no socket yet.

    What is for Redis is imported only if it is used: redis-py alone is a tenth of a cold start.
    """
    timeout = settings.store_timeout_ms / 1000
    chosen = kind(settings)
    if chosen == "upstash" and settings.upstash_redis_rest_url and settings.upstash_redis_rest_token:
        from sentinel_core.stores.redis.upstash import UpstashConnection

        token = settings.upstash_redis_rest_token.get_secret_value()
        return UpstashConnection(settings.upstash_redis_rest_url, token, timeout=timeout, transport=LeanTransport())
    if chosen == "redis" and settings.redis_url:
        from sentinel_core.stores.redis.detection import DetectedConnection

        return DetectedConnection(settings.redis_url.get_secret_value(), timeout=timeout)
    return None


def kind(settings: Settings) -> str:
    """Return `memory`, `upstash` or `redis`."""
    if settings.store is not None:
        return settings.store
    if settings.upstash_redis_rest_url is not None:
        return "upstash"
    return "memory" if settings.redis_url is None else "redis"


def directory(settings: Settings, keys: KeyStore, clock: Clock) -> Directory:
    """Build the directory of keys; raises ConfigurationError if no secret can be kept."""
    return Directory(
        keys,
        secret=namespace_secret(settings),
        static=settings.api_keys,
        pools=settings.shared_pools,
        clock=clock,
    )


def asks_for_keys(settings: Settings) -> bool:
    """Return whether callers need a key: if one is set up here, or if the operator said so."""
    if settings.open is not None:
        return not settings.open
    files = Path(settings.keys_file), Path(settings.keys_file).with_name(SECRET_FILE)
    return bool(settings.api_keys) or settings.namespace_secret is not None or any(path.exists() for path in files)


def secret_without_keys(settings: Settings) -> Path | None:
    """Return the file of the secret if it alone makes the server ask for keys: no file of keys lies beside it."""
    secret = Path(settings.keys_file).with_name(SECRET_FILE)
    is_said = settings.open is not None or settings.api_keys or settings.namespace_secret is not None
    return None if is_said or Path(settings.keys_file).exists() or not secret.exists() else secret


def key_store(settings: Settings, wire: RedisConnection | None) -> KeyStore:
    """Build the store of API keys: in Redis, sealed as entries are, or else in a file."""
    if wire is None:
        return FileKeys(Path(settings.keys_file))
    from sentinel_core.stores.redis.api_keys import RedisKeys

    return RedisKeys(wire, sealing_secret(settings))


def namespace_secret(settings: Settings) -> bytes:
    """Return the secret that keeps tenants apart; raises ConfigurationError if none is set and none can be kept."""
    if settings.namespace_secret is not None:
        return settings.namespace_secret.get_secret_value().encode()
    return secret_in(Path(settings.keys_file).with_name(SECRET_FILE))


def sealing_secret(settings: Settings) -> bytes:
    """Return the secret that seals values in Redis; empty on an open gateway without a shared secret."""
    return namespace_secret(settings) if asks_for_keys(settings) or settings.namespace_secret is not None else b""


def audit_store(settings: Settings, wire: RedisConnection | None) -> AuditStore:
    """Build the store of the audit log: in Redis, or else in a file beside that of keys."""
    if wire is None:
        return FileAudit(Path(settings.keys_file).parent)
    from sentinel_core.stores.redis.audit_log import RedisAudit

    return RedisAudit(wire)


def cipher(settings: Settings) -> Cipher | None:
    """Return the cipher of entries in Redis, None without keys; raises ConfigurationError if its library is missing."""
    if settings.encryption_keys is None:
        return None
    from sentinel_core.stores.redis.encryption import Cipher

    return Cipher(keys_by_name(settings.encryption_keys.get_secret_value()))


def backup_sealer(settings: Settings) -> BackupSealer:
    """Return the sealer of backups: by the secret and the encryption keys that seal values in Redis."""
    return BackupSealer(sealing_secret(settings), cipher(settings))


def limiter(settings: Settings, counts: Counts, clock: Clock, events: Events) -> Limiter:
    """Build the limiter of all keys."""
    return Limiter(
        counts,
        clock=clock,
        is_rate_strict=settings.rates_without_store == "closed",
        is_budget_lax=settings.budgets_without_store == "open",
        events=events,
    )
