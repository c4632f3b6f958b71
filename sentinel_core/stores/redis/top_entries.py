"""Counts which entries answer most, in Redis for all instances: each minute the most popular of one namespace."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from sentinel_core.cache.ports import Popular, Rank
from sentinel_core.cache.scope import entry_id
from sentinel_core.stores.days import day_of
from sentinel_core.stores.rankings import MAX_RANKINGS, RANKS, Rankings, Space
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.cargo import Load, may_pass
from sentinel_core.stores.redis.connection import Command, Reply, amount, listed, paired
from sentinel_core.stores.redis.daily_counters import KEEP_SECONDS
from sentinel_core.stores.redis.round_trips import Trips
from sentinel_core.support.clock import Clock

HOLD_SECONDS = 60.0
CARRIED = 20
"""Entries of one namespace that travel at once, of each rank; the others wait, and add up."""

KEPT = 1_000
"""Entries of one day and namespace that Redis keeps, of each rank."""


class RedisTops:
    """
    `Popularity` in Redis: two sorted sets of each namespace and day.

    A `Queue`: hits travel with a later round trip, of one namespace at a time. Hits that fail to arrive are
    ranked again, as far as a ranking has room.
    """

    def __init__(self, trips: Trips, *, clock: Clock, most: int = MAX_RANKINGS) -> None:
        self._trips = trips
        self._now = clock.now
        self._monotonic = clock.monotonic
        self._rankings = Rankings(most)
        trips.queues.append(self)

    def note(self, namespace: str, entry_id: str, saved_usd: float) -> None:
        self._rankings.add((namespace, day_of(self._now())), Popular(entry_id, 1, saved_usd), self._monotonic())

    def forget(self, namespace: str, places: Sequence[tuple[str, str]]) -> None:
        """Forget entries, by fingerprint and digest, that have not travelled yet."""
        self._rankings.forget(namespace, [entry_id(*place) for place in places])

    def take(self, now: float, *, is_flush: bool = False) -> Load | None:
        """Take the most popular entries of one namespace, a minute after the first of them was noted."""
        space = self._rankings.due(math.inf if is_flush else self._monotonic() - HOLD_SECONDS)
        return None if space is None else self._load(space, CARRIED)

    async def top(self, namespace: str, *, rank: Rank, day: str, limit: int) -> Sequence[Popular]:
        first, second = (key_names.tops(namespace, day, each) for each in (rank, _other(rank)))
        if (load := self._load((namespace, day), max(limit, CARRIED))) is not None:
            self._trips.ride(load)
            await self._trips.run([])
        [reply] = await self._trips.run([("ZRANGE", first, "0", str(limit - 1), "REV", "WITHSCORES")])
        scores = paired(reply)
        if not scores:
            return []
        [reply] = await self._trips.run([("ZMSCORE", second, *scores)])
        both = zip(scores.items(), listed(reply, len(scores)), strict=True)
        return [_popular(rank, entry_id, amount(score), amount(other or 0)) for (entry_id, score), other in both]

    def _load(self, space: Space, limit: int) -> Load | None:
        taken = self._rankings.take(space, limit, self._monotonic())
        if not taken:
            return None
        hits, saved = (key_names.tops(*space, rank) for rank in RANKS)
        adding: list[Command] = [("ZINCRBY", hits, str(each.hits), each.entry_id) for each in taken]
        adding += [("ZINCRBY", saved, f"{each.saved_usd:.9f}", each.entry_id) for each in taken]
        trimming: list[Command] = [("ZREMRANGEBYRANK", key, "0", str(-KEPT - 1)) for key in (hits, saved)]
        expiring: list[Command] = [("EXPIRE", key, str(KEEP_SECONDS)) for key in (hits, saved)]
        return Load([*adding, *trimming, *expiring], partial(self._unload, space, taken))

    def _unload(self, space: Space, taken: Sequence[Popular], replies: Sequence[Reply] | None) -> None:
        """Rank the hits again that did not arrive."""
        if replies is None or any(map(may_pass, replies)):
            for each in taken:
                self._rankings.add(space, each, self._monotonic())


def _other(rank: Rank) -> Rank:
    return "saved_usd" if rank == "hits" else "hits"


def _popular(rank: Rank, entry_id: str, score: float, other: float) -> Popular:
    hits, saved = (score, other) if rank == "hits" else (other, score)
    return Popular(entry_id, int(hits), saved)
