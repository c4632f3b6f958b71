"""Counts which entries answer most: in this process, or in Redis for all instances, a few of each minute's most."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from sentinel_core.cache.ports import Popular, Rank
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import Command, amount, checked, listed, paired
from sentinel_core.stores.redis.daily_counters import KEEP_SECONDS, day_of
from sentinel_core.stores.redis.round_trips import Trips

HOLD_SECONDS = 60.0
CARRIED = 20
"""Entries of one namespace that travel at once, of each rank; the others wait, and add up."""

KEPT = 1_000
"""Entries of one day and namespace that Redis keeps, of each rank."""

_MOST_ENTRIES, _MOST_SPACES = 500, 100
_RANKS: tuple[Rank, ...] = ("hits", "saved_usd")

Space: TypeAlias = tuple[str, str]
"""A namespace and a UTC day."""


@dataclass(slots=True)
class Tops:
    """The most popular entries of one space; past twice `_MOST_ENTRIES` those that answered least are forgotten."""

    since: float
    entries: dict[str, Popular] = field(default_factory=dict)

    def add(self, entry_id: str, saved_usd: float) -> None:
        before = self.entries.get(entry_id)
        if before is None:
            if len(self.entries) >= 2 * _MOST_ENTRIES:
                self.entries = {each.entry_id: each for each in self.most(_MOST_ENTRIES // 2)}
            self.entries[entry_id] = Popular(entry_id, 1, saved_usd)
        else:
            self.entries[entry_id] = Popular(entry_id, before.hits + 1, before.saved_usd + saved_usd)

    def ranked(self, rank: Rank, limit: int) -> list[Popular]:
        return sorted(self.entries.values(), key=lambda each: (-getattr(each, rank), each.entry_id))[:limit]

    def most(self, limit: int) -> list[Popular]:
        """Return the first `limit` of each rank."""
        return list({each.entry_id: each for rank in _RANKS for each in self.ranked(rank, limit)}.values())


class _Spaces:
    """Tops by space, the one that has waited longest first; past `_MOST_SPACES` that one is forgotten."""

    def __init__(self) -> None:
        self._spaces: OrderedDict[Space, Tops] = OrderedDict()

    def add(self, space: Space, entry_id: str, saved_usd: float, since: float) -> None:
        tops = self._spaces.get(space)
        if tops is None:
            tops = self._spaces[space] = Tops(since)
            if len(self._spaces) > _MOST_SPACES:
                self._spaces.popitem(last=False)
        tops.add(entry_id, saved_usd)

    def get(self, space: Space) -> Tops | None:
        return self._spaces.get(space)

    def waiting(self, since: float) -> Space | None:
        """Return the space that has waited longest, if it was there by then."""
        space = next(iter(self._spaces), None)
        return space if space is not None and self._spaces[space].since <= since else None

    def take(self, space: Space, limit: int, since: float) -> list[Popular]:
        """Take the first `limit` of each rank; the rest waits from now on."""
        tops = self._spaces.pop(space, None)
        if tops is None:
            return []
        taken = tops.most(limit)
        for each in taken:
            del tops.entries[each.entry_id]
        if tops.entries:
            self._spaces[space] = Tops(since, tops.entries)
        return taken


class MemoryTops:
    """`Popularity` in this process alone."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._spaces = _Spaces()

    def note(self, namespace: str, entry_id: str, saved_usd: float) -> None:
        self._spaces.add((namespace, day_of(self._now())), entry_id, saved_usd, 0.0)

    async def top(self, namespace: str, *, rank: Rank, day: str, limit: int) -> Sequence[Popular]:
        tops = self._spaces.get((namespace, day))
        return [] if tops is None else tops.ranked(rank, limit)


class RedisTops:
    """
    `Popularity` in Redis: two sorted sets of each namespace and day.

    What was noted travels with a later round trip, of one namespace at a time; what fails to arrive, or is not
    a minute old when the process ends, is lost.
    """

    def __init__(self, trips: Trips, *, now: Callable[[], float], monotonic: Callable[[], float]) -> None:
        self._trips = trips
        self._now = now
        self._monotonic = monotonic
        self._spaces = _Spaces()

    def note(self, namespace: str, entry_id: str, saved_usd: float) -> None:
        moment = self._monotonic()
        self._spaces.add((namespace, day_of(self._now())), entry_id, saved_usd, moment)
        due = self._spaces.waiting(moment - HOLD_SECONDS)
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
        taken = self._spaces.take(space, limit, self._monotonic())
        if not taken:
            return []
        hits, saved = (key_names.tops(*space, rank) for rank in _RANKS)
        adding: list[Command] = [("ZINCRBY", hits, str(each.hits), each.entry_id) for each in taken]
        adding += [("ZINCRBY", saved, f"{each.saved_usd:.9f}", each.entry_id) for each in taken]
        trimming: list[Command] = [("ZREMRANGEBYRANK", key, "0", str(-KEPT - 1)) for key in (hits, saved)]
        return [*adding, *trimming, *(("EXPIRE", key, str(KEEP_SECONDS)) for key in (hits, saved))]


def _other(rank: Rank) -> Rank:
    return "saved_usd" if rank == "hits" else "hits"


def _popular(rank: Rank, entry_id: str, score: float, other: float) -> Popular:
    hits, saved = (score, other) if rank == "hits" else (other, score)
    return Popular(entry_id, int(hits), saved)
