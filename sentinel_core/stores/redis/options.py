"""Options of the Redis store."""

from __future__ import annotations

from dataclasses import dataclass, field

from sentinel_core.stores.rankings import MAX_RANKINGS
from sentinel_core.stores.redis.scope_index import IndexOptions
from sentinel_core.support.breaker import Breaker


@dataclass(frozen=True, slots=True)
class RedisOptions:
    """
    An entry is kept for its ttl and `grace` seconds, at most for the index's `max_lifetime`. At most `rankings` wait to
    travel to Redis.

    After an erasure nothing of the same writer is stored for `in_flight` seconds: as long as a request may take.
    """

    grace: float = 3_600.0
    in_flight: float = 60.0
    rankings: int = MAX_RANKINGS
    index: IndexOptions = field(default_factory=IndexOptions)
    breaker: Breaker = field(default=Breaker(threshold=3, pause=2.0))
