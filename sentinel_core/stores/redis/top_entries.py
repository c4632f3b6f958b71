"""Counts which entries answer most, in Redis for all instances: each minute the most popular of one namespace."""

from __future__ import annotations

from collections.abc import Sequence

from sentinel_core.cache.ports import Popular, Rank
from sentinel_core.stores.days import day_of
from sentinel_core.stores.rankings import RANKS, Rankings, Space
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import Command, amount, checked, listed, paired
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

    What was noted travels with a later round trip, of one namespace at a time; what fails to arrive, or is not
    a minute old when the process ends, is lost.
    """

    def __init__(self, trips: Trips, *, clock: Clock) -> None:
        self._trips = trips
        self._now = clock.now
        self._monotonic = clock.monotonic
        self._rankings = Rankings()

    def note(self, namespace: str, entry_id: str, saved_usd: float) -> None:
        moment = self._monotonic()
        self._rankings.add((namespace, day_of(self._now())), Popular(entry_id, 1, saved_usd), moment)
        due = self._rankings.due(moment - HOLD_SECONDS)
        if due is not None:
            self._trips.later(self._carrying(due, CARRIED))

    async def top(self, namespace: str, *, rank: Rank, day: str, limit: int) -> Sequence[Popular]:
        first, second = (key_names.tops(namespace, day, each) for each in (rank, _other(rank)))
        # By itself, for what was left for a later round trip goes last in it.
        checked(await self._trips.run(self._carrying((namespace, day), max(limit, CARRIED))))
        [reply] = await self._trips.run([("ZRANGE", first, "0", str(limit - 1), "REV", "WITHSCORES")])
        scores = paired(reply)
        if not scores:
            return []
        [reply] = await self._trips.run([("ZMSCORE", second, *scores)])
        both = zip(scores.items(), listed(reply, len(scores)), strict=True)
        return [_popular(rank, entry_id, amount(score), amount(other or 0)) for (entry_id, score), other in both]

    def _carrying(self, space: Space, limit: int) -> list[Command]:
        taken = self._rankings.take(space, limit, self._monotonic())
        if not taken:
            return []
        hits, saved = (key_names.tops(*space, rank) for rank in RANKS)
        adding: list[Command] = [("ZINCRBY", hits, str(each.hits), each.entry_id) for each in taken]
        adding += [("ZINCRBY", saved, f"{each.saved_usd:.9f}", each.entry_id) for each in taken]
        trimming: list[Command] = [("ZREMRANGEBYRANK", key, "0", str(-KEPT - 1)) for key in (hits, saved)]
        return [*adding, *trimming, *(("EXPIRE", key, str(KEEP_SECONDS)) for key in (hits, saved))]


def _other(rank: Rank) -> Rank:
    return "saved_usd" if rank == "hits" else "hits"


def _popular(rank: Rank, entry_id: str, score: float, other: float) -> Popular:
    hits, saved = (score, other) if rank == "hits" else (other, score)
    return Popular(entry_id, int(hits), saved)
