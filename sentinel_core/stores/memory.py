"""Keeps entries in this process: the default when no Redis is configured."""

from __future__ import annotations

import asyncio
import heapq
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sentinel_core.cache.entry import Entry, encode
from sentinel_core.cache.ports import Candidate, Listed, Page, Purge, Vector
from sentinel_core.cache.scope import Query
from sentinel_core.matching.vector_index import ScopeIndex
from sentinel_core.support.clock import Clock

_THREAD_FROM = 20_000  # vectors; above it a search takes longer than handing it to a thread
MAX_LOOKS = 2_500
"""Entries looked at for one page."""

_OVERHEAD_BYTES = 600  # objects and dict slots around an entry, measured with tracemalloc


@dataclass(frozen=True, slots=True)
class _Kept:
    entry: Entry
    expires: float
    size: int


_Key = tuple[str, str, str]


class MemoryStore:
    """
    A `Store` bounded by entries and bytes; the least recently used entry goes first.

    An entry is there for its ttl plus `grace` seconds from its creation; a hit does not prolong it.
    """

    def __init__(self, *, max_entries: int, max_bytes: int, grace: float, clock: Clock) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._grace = grace
        self._now = clock.now
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._indexes: dict[tuple[str, str], ScopeIndex] = {}
        self._bytes = 0

    async def load(self, query: Query) -> Entry | None:
        return self._get((*query.scope, query.digest))

    async def load_many(self, queries: Sequence[Query]) -> Sequence[Entry | None]:
        return [await self.load(query) for query in queries]

    async def refresh(
        self, query: Query, *, lease_seconds: float | None = None, stale_entry: Entry | None = None
    ) -> bool:
        """Return True: this process is the only one that stores."""
        return True

    async def nearest(self, query: Query, vector: Vector, *, floor: float, limit: int) -> Sequence[Candidate]:
        near = await self._near(query, vector, floor=floor, limit=limit)
        found = ((self._get((*query.scope, digest)), similarity) for digest, similarity in near)
        return [Candidate(entry, similarity) for entry, similarity in found if entry is not None]

    async def glimpse(self, query: Query, vector: Vector, *, floor: float) -> tuple[str, float] | None:
        return next(iter(await self._near(query, vector, floor=floor, limit=1)), None)

    async def wait(self, query: Query, *, timeout: float, stale_entry: Entry | None = None) -> Entry | None:
        return None

    async def save(self, query: Query, entry: Entry, vector: Vector | None) -> None:
        key = (*query.scope, query.digest)
        self._drop(key)
        size = len(encode(entry)) + _OVERHEAD_BYTES + (0 if vector is None else vector.nbytes)
        self._kept[key] = _Kept(entry, entry.created + entry.ttl + self._grace, size)
        self._bytes += size
        if vector is not None:
            self._indexes.setdefault(query.scope, ScopeIndex()).add(query.digest, vector)
        while len(self._kept) > self._max_entries or self._bytes > self._max_bytes:
            self._drop(next(iter(self._kept)))

    async def renew(self, query: Query) -> None:
        """Do nothing: there are no leases."""

    async def release(self, query: Query, *, soon: bool = False) -> None:
        """Do nothing: there are no leases."""

    async def purge(self, purge: Purge) -> None:
        for key in [key for key, kept in self._kept.items() if _covers(purge, key, kept.entry)]:
            self._drop(key)

    async def delete(self, namespace: str, fingerprint: str, digest: str) -> bool:
        there = self._get((namespace, fingerprint, digest)) is not None
        self._drop((namespace, fingerprint, digest))
        return there

    async def entries(
        self,
        namespace: str,
        *,
        cursor: str | None = None,
        limit: int = 50,
        wanted: Callable[[Entry], bool] | None = None,
    ) -> Page:
        most, after = limit if wanted is None else MAX_LOOKS, _place(cursor)
        places = await asyncio.to_thread(_first_places, list(self._kept), namespace, after, most)
        found: list[Listed] = []
        for after in places:
            kept = self._kept.get((namespace, *after))
            if kept is not None and kept.expires > self._now() and (wanted is None or wanted(kept.entry)):
                found.append(Listed(*after, kept.entry, kept.expires))
            if len(found) == limit:
                break
        goes_on = len(places) == most or len(found) == limit
        return Page(tuple(found), ":".join(after) if goes_on else None)

    async def scopes(self, namespace: str, *, after: str = "", limit: int = 50) -> Sequence[str]:
        return await asyncio.to_thread(_first_scopes, list(self._kept), namespace, after, limit)

    async def count(self) -> int:
        return len(self._kept)

    async def check(self) -> None:
        """This process answers, hence so does its memory."""

    async def aclose(self) -> None:
        """Nothing to give back."""

    async def _near(self, query: Query, vector: Vector, *, floor: float, limit: int) -> Sequence[tuple[str, float]]:
        index = self._indexes.get(query.scope)
        if index is None:
            return []
        if len(index) < _THREAD_FROM:
            return index.nearest(vector, limit=limit, floor=floor)
        return await asyncio.to_thread(index.nearest, vector, limit=limit, floor=floor)

    def _get(self, key: _Key) -> Entry | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.expires <= self._now():
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return kept.entry

    def _drop(self, key: _Key) -> None:
        kept = self._kept.pop(key, None)
        if kept is None:
            return
        self._bytes -= kept.size
        scope = key[0], key[1]
        index = self._indexes.get(scope)
        if index is not None and index.remove(key[2]) and not index:
            del self._indexes[scope]


def _place(cursor: str | None) -> tuple[str, str]:
    """Raises ValueError for what is no cursor of ours."""
    if cursor is None:
        return "", ""
    fingerprint, digest = cursor.split(":")
    return fingerprint, digest


def _first_places(keys: Sequence[_Key], namespace: str, after: tuple[str, str], most: int) -> list[tuple[str, str]]:
    return heapq.nsmallest(most, (key[1:] for key in keys if key[0] == namespace and key[1:] > after))


def _first_scopes(keys: Sequence[_Key], namespace: str, after: str, most: int) -> list[str]:
    return heapq.nsmallest(most, {key[1] for key in keys if key[0] == namespace and key[1] > after})


def _covers(purge: Purge, key: _Key, entry: Entry) -> bool:
    return (
        purge.namespace in (None, key[0])
        and purge.model in (None, entry.completion.model)
        and (purge.tag is None or purge.tag in entry.tags)
        and (purge.before is None or entry.created < purge.before)
    )
