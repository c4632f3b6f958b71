"""The entries that answer most, in this process alone."""

from __future__ import annotations

from collections.abc import Sequence

from sentinel_core.cache.ports import Popular, Rank
from sentinel_core.cache.scope import entry_id
from sentinel_core.stores.days import day_of
from sentinel_core.stores.rankings import MAX_RANKINGS, Rankings
from sentinel_core.support.clock import Clock


class MemoryTops:
    """`Popularity` of this process."""

    def __init__(self, clock: Clock, most: int = MAX_RANKINGS) -> None:
        self._now = clock.now
        self._rankings = Rankings(most)

    def note(self, namespace: str, entry_id: str, saved_usd: float) -> None:
        self._rankings.add((namespace, day_of(self._now())), Popular(entry_id, 1, saved_usd), 0.0)

    def forget(self, namespace: str, places: Sequence[tuple[str, str]]) -> int:
        """Forget entries, by fingerprint and digest; return in how many rankings they were."""
        return self._rankings.forget(namespace, [entry_id(*place) for place in places])

    async def top(self, namespace: str, *, rank: Rank, day: str, limit: int) -> Sequence[Popular]:
        ranking = self._rankings.get((namespace, day))
        return [] if ranking is None else ranking.ranked(rank, limit)
