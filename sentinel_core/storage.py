"""Chooses where entries and keys are kept: a part of the composition root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from sentinel_core import canonical
from sentinel_core.alerts import Alert
from sentinel_core.gateway import Clock
from sentinel_core.lists import keys_by_name, pools_by_tenant, static_keys
from sentinel_core.ports import Counts, KeyStore, Popularity, Store
from sentinel_core.settings import Settings
from sentinel_core.stores.cipher import Cipher
from sentinel_core.stores.counts import MemoryCounts
from sentinel_core.stores.engine import UpstashVectors, VectorSets
from sentinel_core.stores.memory import MemoryStore
from sentinel_core.stores.redis import RedisOptions, RedisStore
from sentinel_core.stores.redis_keys import RedisKeys
from sentinel_core.stores.scopes import IndexOptions
from sentinel_core.stores.tops import MemoryTops
from sentinel_core.stores.wires import Wire
from sentinel_core.tenants.directory import Directory
from sentinel_core.tenants.files import SECRET_FILE, FileKeys, secret_in
from sentinel_core.tenants.limits import Limiter
from sentinel_core.transport import LeanTransport

EntryStore: TypeAlias = RedisStore | MemoryStore

NAMES = {
    "upstash": "upstash (Redis over HTTP)",
    "redis": "redis (over TCP)",
    "memory": "memory (this process; set UPSTASH_REDIS_REST_URL or SENTINEL_REDIS_URL to keep entries)",
}


def entry_store(
    settings: Settings,
    wire: Wire | None,
    *,
    embedder_id: str,
    clock: Clock,
    on_forged: Callable[[Mapping[str, str]], None] | None = None,
    on_open: Callable[[], None] = lambda: None,
) -> EntryStore:
    """
    Build the store of entries: in Redis where there is a wire, else in this process.

    `on_open` hears when Redis is given up for a while.
    """
    if wire is not None:
        index = IndexOptions(max_items=settings.max_scope_entries, max_bytes=settings.max_memory_mb * 1_048_576)
        return RedisStore(
            wire,
            embedder_id=f"{embedder_id}-{canonical.VERSION}",
            options=RedisOptions(grace=settings.stale_seconds, index=index),
            now=clock.now,
            monotonic=clock.monotonic,
            engine=UpstashVectors() if kind(settings) == "upstash" else VectorSets(),
            secret=sealing_secret(settings),
            cipher=cipher(settings),
            on_forged=on_forged,
            on_open=on_open,
        )
    return MemoryStore(
        max_entries=settings.max_entries,
        max_bytes=settings.max_memory_mb * 1_048_576,
        grace=settings.stale_seconds,
        now=clock.now,
    )


def wire(settings: Settings) -> Wire | None:
    """
    Build the way to Redis, if one is configured; opens no connection yet.

    Each client is imported where it is chosen: redis-py alone is a tenth of a cold start.
    """
    timeout = settings.store_timeout_ms / 1000
    chosen = kind(settings)
    if chosen == "upstash" and settings.upstash_redis_rest_url and settings.upstash_redis_rest_token:
        from sentinel_core.stores.upstash_wire import UpstashWire

        token = settings.upstash_redis_rest_token.get_secret_value()
        return UpstashWire(settings.upstash_redis_rest_url, token, timeout=timeout, transport=LeanTransport())
    if chosen == "redis" and settings.redis_url:
        from sentinel_core.stores.tcp_wire import TcpWire

        return TcpWire(settings.redis_url.get_secret_value(), timeout=timeout)
    return None


def kind(settings: Settings) -> str:
    """Return `memory`, `upstash` or `redis`."""
    if settings.store is not None:
        return settings.store
    if settings.upstash_redis_rest_url is not None:
        return "upstash"
    return "memory" if settings.redis_url is None else "redis"


def directory(settings: Settings, wire: Wire | None, store: EntryStore, clock: Clock) -> Directory | None:
    """Ask for keys if any are set up, or if the operator said so; the local server is open until then."""
    if not asks_for_keys(settings):
        return None
    return Directory(
        key_store(settings, wire, store.note_forged if isinstance(store, RedisStore) else None),
        secret=namespace_secret(settings),
        static=static_keys(settings.api_keys),
        pools=pools_by_tenant(settings.shared_pools),
        now=clock.now,
        monotonic=clock.monotonic,
    )


def asks_for_keys(settings: Settings) -> bool:
    if settings.open is not None:
        return not settings.open
    files = Path(settings.keys_file), Path(settings.keys_file).with_name(SECRET_FILE)
    return bool(settings.api_keys) or settings.namespace_secret is not None or any(path.exists() for path in files)


def key_store(
    settings: Settings, wire: Wire | None, on_forged: Callable[[Mapping[str, str]], None] | None = None
) -> KeyStore:
    """Build the store of keys: where the entries are, or else in a file. Those in Redis are sealed as entries are."""
    if wire is None:
        return FileKeys(Path(settings.keys_file))
    return RedisKeys(wire, sealing_secret(settings), on_forged)


def namespace_secret(settings: Settings) -> bytes:
    """Return what keeps tenants apart; raises ConfigurationError where there is none and none can be kept."""
    if settings.namespace_secret is not None:
        return settings.namespace_secret.get_secret_value().encode()
    return secret_in(Path(settings.keys_file).with_name(SECRET_FILE))


def sealing_secret(settings: Settings) -> bytes:
    """Return what seals values in Redis: nothing, on an open gateway without a secret that all instances share."""
    return namespace_secret(settings) if asks_for_keys(settings) or settings.namespace_secret is not None else b""


def cipher(settings: Settings) -> Cipher | None:
    """Return what encrypts entries in Redis; raises ConfigurationError where the library for it is not installed."""
    keys = settings.encryption_keys
    return None if keys is None else Cipher(keys_by_name(keys.get_secret_value()))


def counts(store: Store, clock: Clock) -> Counts:
    """Count where the entries are: for all instances in Redis, else in this process."""
    return store.counts() if isinstance(store, RedisStore) else MemoryCounts(clock.monotonic)


def limiter(settings: Settings, counts: Counts, clock: Clock, on_alert: Callable[[Alert], None]) -> Limiter:
    """Build what limits each key; `on_alert` hears how far their budgets are spent."""
    return Limiter(
        counts,
        now=clock.now,
        is_rate_strict=settings.rates_without_store == "closed",
        is_budget_lax=settings.budgets_without_store == "open",
        on_alert=on_alert,
    )


def popularity(store: EntryStore, clock: Clock) -> Popularity:
    """Note hits where the entries are."""
    return store.tops() if isinstance(store, RedisStore) else MemoryTops(clock.now)
