"""Builds the storage in Redis from the settings: imported only where a Redis is configured."""

from __future__ import annotations

from sentinel_core.app.memory_plan import plan_of
from sentinel_core.app.settings import Settings
from sentinel_core.cache.events import Events
from sentinel_core.stores.backend import Backend
from sentinel_core.stores.judged_pairs import MOST_PAIRS
from sentinel_core.stores.rankings import MAX_RANKINGS
from sentinel_core.stores.redis.api_keys import RedisKeys
from sentinel_core.stores.redis.audit_log import RedisAudit
from sentinel_core.stores.redis.connection import RedisConnection
from sentinel_core.stores.redis.encryption import Cipher
from sentinel_core.stores.redis.scope_index import IndexOptions
from sentinel_core.stores.redis.store import RedisOptions, RedisStore
from sentinel_core.stores.redis.vector_engine import UpstashVectors, VectorSets
from sentinel_core.support.clock import Clock


def backend(
    settings: Settings,
    wire: RedisConnection,
    *,
    embedder_id: str,
    is_upstash: bool,
    secret: bytes,
    cipher: Cipher | None,
    clock: Clock,
    events: Events,
) -> Backend:
    """Build everything that is stored, in Redis; `secret` seals it, and `cipher` encrypts entries."""
    store = RedisStore(
        wire,
        embedder_id=embedder_id,
        options=_options(settings),
        clock=clock,
        engine=UpstashVectors() if is_upstash else VectorSets(),
        secret=secret,
        cipher=cipher,
        events=events,
    )
    return Backend(
        entries=store,
        inventory=store,
        counts=store.counts(),
        popularity=store.tops(),
        keys=RedisKeys(wire, secret, store.faults),
        removals=store.removals,
        pairs=store.pairs,
        recall=store.search,
        audit=RedisAudit(wire),
        curated=store.curated,
        books=store,
        claims=store.claims(),
        waiting=store.waiting,
        learning_states=store.learning_states,
        rings=store.rings,
        series=store.series,
    )


def _options(settings: Settings) -> RedisOptions:
    plan, most = plan_of(settings), settings.max_scope_entries
    index = IndexOptions(max_items=most, max_bytes=plan.entries, judged_pairs=plan.most(MOST_PAIRS))
    in_flight, rankings = settings.request_timeout_seconds, plan.most(MAX_RANKINGS)
    return RedisOptions(grace=settings.stale_seconds, in_flight=in_flight, rankings=rankings, index=index)
