"""Keeps entries in this process: the default when no Redis is configured."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sentinel_core.cache.entry import Entry, EntryFilter
from sentinel_core.cache.ports import Candidate, Listed, Page, Purge, Vector
from sentinel_core.cache.scope import Query
from sentinel_core.matching import vectors
from sentinel_core.matching.vector_index import ScopeIndex
from sentinel_core.stores.judged_pairs import MOST_PAIRS, JudgedPairs
from sentinel_core.stores.memory_pages import LOOK_BYTES, PAGE_BYTES, Place, first_places, first_scopes, place_of
from sentinel_core.stores.shares import Shares
from sentinel_core.stores.sizes import size_of
from sentinel_core.stores.unwanted import Unwanted
from sentinel_core.support.clock import Clock

_THREAD_FROM = 20_000  # vectors; above it a search takes longer than handing it to a thread
_STEP = 500
MAX_LOOKS = 2_500
"""Entries looked at for one page."""

OVERHEAD_BYTES = 550
"""Keys, objects and dict slots around an entry, measured with tracemalloc."""

SCOPE_BYTES = 500
"""A scope's index without vectors, measured with tracemalloc."""


@dataclass(frozen=True, slots=True)
class _Kept:
    entry: Entry
    expires: float
    size: int


@dataclass(slots=True)
class _Space:
    """Entries of one namespace, the least recently used first, with an index for each fingerprint."""

    kept: OrderedDict[Place, _Kept] = field(default_factory=OrderedDict)
    indexes: dict[str, ScopeIndex] = field(default_factory=dict)


class MemoryStore:
    """
    A `Store` bounded by entries and bytes, vectors included.

    Past a bound, the namespace that holds most loses its least recently used entry. An entry is there for its ttl
    plus `grace` seconds from its creation; a hit does not prolong it.
    """

    def __init__(
        self,
        *,
        max_entries: int,
        max_bytes: int,
        grace: float,
        clock: Clock,
        in_flight: float = 60.0,
        judged_pairs: int = MOST_PAIRS,
    ) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._grace = grace
        self._now = clock.now
        self._spaces: dict[str, _Space] = {}
        self._bytes, self._counts = Shares(), Shares()
        self._unwanted = Unwanted(clock, in_flight)
        self.pairs = JudgedPairs(clock, most=judged_pairs)

    @property
    def nbytes(self) -> int:
        """The bytes of entries and indexes, about."""
        return int(self._bytes.total)

    async def load(self, query: Query) -> Entry | None:
        return self._get(query.namespace, (query.fingerprint, query.digest))

    async def load_many(self, queries: Sequence[Query]) -> Sequence[Entry | None]:
        return [await self.load(query) for query in queries]

    async def load_pair(self, query: Query, digest: str) -> tuple[Entry | None, Entry | None]:
        other = self._get(query.namespace, (query.fingerprint, digest))
        return await self.load(query), other

    def revision(self, query: Query) -> int | None:
        index = self._index_of(query)
        return None if index is None else index.revision

    def has_nearer_since(self, query: Query, revision: int, vector: Vector, floor: float) -> bool:
        index = self._index_of(query)
        return index is None or index.has_nearer_since(revision, vector, floor)

    def _index_of(self, query: Query) -> ScopeIndex | None:
        space = self._spaces.get(query.namespace)
        return None if space is None else space.indexes.get(query.fingerprint)

    async def refresh(
        self, query: Query, *, lease_seconds: float | None = None, stale_entry: Entry | None = None
    ) -> bool:
        """Return True: this process is the only one that stores."""
        return True

    async def nearest(self, query: Query, vector: Vector, *, floor: float, limit: int) -> Sequence[Candidate]:
        near = await self._near(query, vector, floor=floor, limit=limit)
        places = (((query.fingerprint, digest), similarity) for digest, similarity in near)
        found = ((self._get(query.namespace, place), similarity) for place, similarity in places)
        return [Candidate(entry, similarity) for entry, similarity in found if entry is not None]

    async def glimpse(self, query: Query, vector: Vector, *, floor: float) -> tuple[str, float] | None:
        return next(iter(await self._near(query, vector, floor=floor, limit=1)), None)

    async def wait(self, query: Query, *, timeout: float, stale_entry: Entry | None = None) -> Entry | None:
        return None

    async def save(self, query: Query, entry: Entry, vector: Vector | None) -> None:
        place = query.fingerprint, query.digest
        if self._unwanted.has(query.namespace, entry):
            return
        self._drop(query.namespace, place)
        size = size_of(entry) + OVERHEAD_BYTES
        space = self._spaces.setdefault(query.namespace, _Space())
        space.kept[place] = _Kept(entry, entry.created + entry.ttl + self._grace, size)
        self._bytes.add(query.namespace, size)
        self._counts.add(query.namespace, 1)
        if vector is not None:
            self._index(query, space, vector)
        self._evict()

    async def renew(self, query: Query) -> None:
        """Do nothing: there are no leases."""

    async def release(self, query: Query, *, soon: bool = False) -> None:
        """Do nothing: there are no leases."""

    async def purge(self, purge: Purge) -> None:
        await self.remove(purge)

    async def remove(self, purge: Purge) -> list[tuple[str, str]]:
        """
        Drop all that the purge covers, in steps between which other requests are served.

        Return the fingerprints and digests of the dropped entries.
        """
        removed: list[tuple[str, str]] = []
        self._note_purge(purge)
        for namespace in [*self._spaces] if purge.namespace is None else [purge.namespace]:
            for step, place in enumerate(self._places(namespace)):
                kept = self._kept(namespace, place)
                if kept is not None and purge.covers(kept.entry):
                    self._drop(namespace, place)
                    removed.append(place)
                if step % _STEP == _STEP - 1:
                    await asyncio.sleep(0)
            if purge.is_erasure and namespace in self._spaces:
                for index in self._spaces[namespace].indexes.values():
                    index.pack()
        return removed

    def _note_purge(self, purge: Purge) -> None:
        self._unwanted.note(purge)
        if purge == Purge(purge.namespace):
            self.pairs.forget(purge.namespace)

    async def delete(self, namespace: str, fingerprint: str, digest: str) -> bool:
        there = self._get(namespace, (fingerprint, digest)) is not None
        self._drop(namespace, (fingerprint, digest))
        return there

    async def entries(
        self,
        namespace: str,
        *,
        cursor: str | None = None,
        limit: int = 50,
        wanted: EntryFilter | None = None,
    ) -> Page:
        most, after = limit if wanted is None else MAX_LOOKS, place_of(cursor)
        places = await asyncio.to_thread(first_places, self._places(namespace), after, most)
        found: list[Listed] = []
        is_full, looked, shown = False, 0, 0
        for after in places:
            kept = self._kept(namespace, after)
            if kept is not None and kept.expires > self._now() and (wanted is None or wanted.accepts(kept.entry)):
                found.append(Listed(*after, kept.entry, kept.expires, self._vector(namespace, after)))
                shown += kept.size
            if is_full := len(found) == limit or shown > PAGE_BYTES:
                break
            looked += 0 if kept is None else kept.size
            if looked > LOOK_BYTES:
                looked = 0
                await asyncio.sleep(0)
        goes_on = len(places) == most or is_full
        return Page(tuple(found), ":".join(after) if goes_on else None)

    async def scopes(self, namespace: str, *, after: str = "", limit: int = 50) -> Sequence[str]:
        return await asyncio.to_thread(first_scopes, self._places(namespace), after, limit)

    async def count(self) -> int:
        return int(self._counts.total)

    async def check(self) -> None:
        """Do nothing: this process answers, hence so does its memory."""

    async def aclose(self) -> None:
        """Nothing to give back."""

    async def _near(self, query: Query, vector: Vector, *, floor: float, limit: int) -> Sequence[tuple[str, float]]:
        space = self._spaces.get(query.namespace)
        index = None if space is None else space.indexes.get(query.fingerprint)
        if index is None:
            return []
        if len(index) < _THREAD_FROM:
            return index.nearest(vector, limit=limit, floor=floor)
        return await asyncio.to_thread(index.nearest, vector, limit=limit, floor=floor)

    def _places(self, namespace: str) -> list[Place]:
        return list(self._spaces[namespace].kept) if namespace in self._spaces else []

    def _kept(self, namespace: str, place: Place) -> _Kept | None:
        space = self._spaces.get(namespace)
        return None if space is None else space.kept.get(place)

    def _vector(self, namespace: str, place: Place) -> str:
        index = self._spaces[namespace].indexes.get(place[0])
        vector = None if index is None else index.vector(place[1])
        return "" if vector is None else vectors.encode(vector)

    def _get(self, namespace: str, place: Place) -> Entry | None:
        kept = self._kept(namespace, place)
        if kept is None:
            return None
        if kept.expires <= self._now():
            self._drop(namespace, place)
            return None
        self._spaces[namespace].kept.move_to_end(place)
        return kept.entry

    def _index(self, query: Query, space: _Space, vector: Vector) -> None:
        index = space.indexes.get(query.fingerprint)
        before = 0 if index is None else index.nbytes + SCOPE_BYTES
        if index is None:
            index = space.indexes[query.fingerprint] = ScopeIndex()
        index.add(query.digest, vector)
        self._bytes.add(query.namespace, index.nbytes + SCOPE_BYTES - before)

    def _evict(self) -> None:
        while (is_full := self._bytes.total > self._max_bytes) or self._counts.total > self._max_entries:
            namespace = (self._bytes if is_full else self._counts).largest()
            if namespace is None:
                return
            self._drop(namespace, next(iter(self._spaces[namespace].kept)))

    def _drop(self, namespace: str, place: Place) -> None:
        space = self._spaces.get(namespace)
        kept = None if space is None else space.kept.pop(place, None)
        if space is None or kept is None:
            return
        self._bytes.add(namespace, -kept.size)
        self._counts.add(namespace, -1)
        self._unindex(namespace, space, place)
        if not space.kept:
            del self._spaces[namespace]

    def _unindex(self, namespace: str, space: _Space, place: Place) -> None:
        fingerprint, digest = place
        index = space.indexes.get(fingerprint)
        if index is None:
            return
        before = index.nbytes + SCOPE_BYTES
        index.remove(digest)
        if not index:
            del space.indexes[fingerprint]
        self._bytes.add(namespace, (index.nbytes + SCOPE_BYTES if index else 0) - before)
