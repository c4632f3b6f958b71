"""Purges of this process's entries, whose bytes are freed at once."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace

from sentinel_core.cache.events import Events
from sentinel_core.cache.purge import Purge, Removal
from sentinel_core.stores.memory import MemoryStore
from sentinel_core.stores.memory_counts import MemoryCounts
from sentinel_core.stores.memory_tops import MemoryTops
from sentinel_core.support.bounded import BoundedMap
from sentinel_core.support.clock import Clock

MOST_KEPT = 1_000


class MemoryRemovals:
    """`Removals` of this process; the records of the last ones are kept as long as it lives."""

    def __init__(
        self, store: MemoryStore, counts: MemoryCounts, tops: MemoryTops, events: Events, clock: Clock
    ) -> None:
        self._store = store
        self._counts = counts
        self._tops = tops
        self._events = events
        self._now = clock.now
        self._kept: BoundedMap[str, Removal] = BoundedMap(MOST_KEPT)

    async def begin(self, purge: Purge, counters: Sequence[str] = ()) -> Removal:
        begun = Removal(secrets.token_hex(16), purge, self._now())
        removed, ranked = await self._store.remove(purge), 0
        if purge.is_erasure:
            self._events.erased(purge)
            ranked = self._tops.forget(purge.namespace or "", removed)
            self._store.pairs.erase(purge.namespace or "", removed)
        done = replace(
            begun,
            finished=self._now(),
            entries=len(removed),
            vectors=len(removed),
            rankings=ranked,
            counters=sum(self._counts.forget(name) for name in counters),
        )
        self._kept.put(done.id, done)
        return done

    async def work(self, *, within: float) -> None:
        """Do nothing: all is done at once."""

    async def get(self, identifier: str) -> Removal | None:
        return self._kept.peek(identifier)

    async def recent(self) -> Sequence[Removal]:
        return [removal for _, removal in self._kept.items()][::-1]
