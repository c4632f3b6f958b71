"""Rankings of the entries that answer most, by namespace and UTC day: bounded, in this process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TypeAlias

from sentinel_core.cache.ports import Popular, Rank

MAX_ENTRIES = 250
"""Entries kept of one ranking when it is cut; a cut is made at twice as many."""

MAX_RANKINGS = 100
"""Full ones take about 15 MB."""
RANKS: tuple[Rank, ...] = ("hits", "saved_usd")

Space: TypeAlias = tuple[str, str]
"""A namespace and a UTC day."""


@dataclass(slots=True)
class Ranking:
    """The most popular entries of one space; `since` is when the first of them was noted."""

    since: float
    entries: dict[str, Popular] = field(default_factory=dict)

    def add(self, entry: Popular) -> None:
        """Add hits and dollars to an entry's; at twice `MAX_ENTRIES` the least popular ones are evicted."""
        before = self.entries.get(entry.entry_id)
        if before is not None:
            entry = Popular(entry.entry_id, before.hits + entry.hits, before.saved_usd + entry.saved_usd)
        elif len(self.entries) >= 2 * MAX_ENTRIES:
            self.entries = {each.entry_id: each for each in self.most(MAX_ENTRIES // 2)}
        self.entries[entry.entry_id] = entry

    def ranked(self, rank: Rank, limit: int) -> list[Popular]:
        """Return the first entries; of two with the same rank the one with the lesser id comes first."""
        return _ranked(sorted(self.entries.values()), rank, limit)

    def most(self, limit: int) -> list[Popular]:
        """Return the first `limit` of each rank."""
        by_id = sorted(self.entries.values())
        return list({each.entry_id: each for rank in RANKS for each in _ranked(by_id, rank, limit)}.values())


def _ranked(by_id: Sequence[Popular], rank: Rank, limit: int) -> list[Popular]:
    """Sort without a function of Python for each entry: a full ranking is cut after 250 hits."""
    return sorted(by_id, key=attrgetter(rank), reverse=True)[:limit]


class Rankings:
    """Rankings by space, the oldest first; past `most` the oldest is evicted."""

    def __init__(self, most: int = MAX_RANKINGS) -> None:
        self._most = most
        self._rankings: OrderedDict[Space, Ranking] = OrderedDict()

    def add(self, space: Space, entry: Popular, since: float) -> None:
        ranking = self._rankings.get(space)
        if ranking is None:
            ranking = self._rankings[space] = Ranking(since)
            if len(self._rankings) > self._most:
                self._rankings.popitem(last=False)
        ranking.add(entry)

    def get(self, space: Space) -> Ranking | None:
        return self._rankings.get(space)

    def forget(self, namespace: str, entry_ids: Iterable[str]) -> int:
        """Forget entries of a namespace on all days; return in how many rankings they were."""
        entry_ids = list(entry_ids)
        rankings = [ranking for (owner, _), ranking in self._rankings.items() if owner == namespace]
        return sum(ranking.entries.pop(each, None) is not None for ranking in rankings for each in entry_ids)

    def due(self, since: float) -> Space | None:
        """Return the oldest space if it is at least as old as `since`."""
        space = next(iter(self._rankings), None)
        return space if space is not None and self._rankings[space].since <= since else None

    def take(self, space: Space, limit: int, since: float) -> Sequence[Popular]:
        """Remove and return the first `limit` of each rank; the age of the rest starts again at `since`."""
        ranking = self._rankings.pop(space, None)
        if ranking is None:
            return []
        taken = ranking.most(limit)
        for each in taken:
            del ranking.entries[each.entry_id]
        if ranking.entries:
            self._rankings[space] = Ranking(since, ranking.entries)
        return taken
