"""Finds the entries nearest to a vector: in the mirror, in the engine where the scope is too large, then in Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TypeAlias

from sentinel_core.cache.entry import Entry
from sentinel_core.cache.ports import Candidate, Vector
from sentinel_core.cache.scope import Query
from sentinel_core.matching import vectors
from sentinel_core.matching.vector_index import cosines
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import listed
from sentinel_core.stores.redis.entry_reader import Reader
from sentinel_core.stores.redis.envelope import Value
from sentinel_core.stores.redis.mirror import Mirror
from sentinel_core.stores.redis.round_trips import Trips
from sentinel_core.stores.redis.scope_index import Scopes

TRIES = 3
"""How often to look again when all that was found is gone from Redis."""

_THREAD_FROM = 20_000  # vectors; above it a search takes longer than handing it to a thread

Near: TypeAlias = Sequence[tuple[str, float]]


class Search:
    """
    Mirror and engine only name candidates, since any writer to Redis can put vectors there.

    The similarity is computed from the vector that is sealed with the entry.
    """

    def __init__(self, trips: Trips, scopes: Scopes, reader: Reader) -> None:
        self._trips = trips
        self._scopes = scopes
        self._reader = reader

    async def nearest(self, query: Query, vector: Vector, *, floor: float, limit: int) -> list[Candidate]:
        mirror = self._scopes.mirrors.get(query.scope)
        if mirror is None:
            return []
        for _ in range(TRIES):
            near = await _in_mirror(mirror, vector, floor=floor, limit=limit)
            in_engine = await self._in_engine(query, mirror, vector, limit)
            if not near and not in_engine:
                break
            if found := await self._fetch(query, mirror, near, in_engine, vector):
                above = [candidate for candidate in found if candidate.similarity >= floor]
                return sorted(above, key=lambda candidate: -candidate.similarity)[:limit]
        return []

    async def glimpse(self, query: Query, vector: Vector, *, floor: float) -> tuple[str, float] | None:
        """Look in the mirror only, which costs no round trip."""
        mirror = self._scopes.mirrors.get(query.scope)
        return None if mirror is None else next(iter(await _in_mirror(mirror, vector, floor=floor, limit=1)), None)

    async def load_pair(self, query: Query, digest: str) -> tuple[Entry | None, Entry | None]:
        """Load two entries of a scope in the round trip that learns its new items, if they are due."""
        digests = (query.digest, digest)
        loading = [("GET", key_names.entry(*query.scope, each)) for each in digests]
        replies = await self._scopes.refresh(query, self._trips, loading)
        await self._trips.trust()
        own, other = (self._reader.read(*query.scope, *each) for each in zip(digests, replies, strict=True))
        return None if own is None else own.entry, None if other is None else other.entry

    def revision(self, query: Query) -> int | None:
        mirror = self._scopes.mirrors.get(query.scope)
        if mirror is None or (self._scopes.engine is not None and self._scopes.is_over(mirror)):
            return None
        return mirror.index.revision

    def has_nearer_since(self, query: Query, revision: int, vector: Vector, floor: float) -> bool:
        mirror = self._scopes.mirrors.get(query.scope)
        return mirror is None or mirror.index.has_nearer_since(revision, vector, floor)

    async def _in_engine(self, query: Query, mirror: Mirror, vector: Vector, limit: int) -> list[str]:
        engine = self._scopes.engine
        if engine is None or not self._scopes.is_over(mirror):
            return []
        [reply] = await self._trips.run([engine.nearest(self._scopes.engine_key(query), vector, limit)])
        return [digest for digest in engine.digests(reply) if digest not in mirror.index]

    async def _fetch(
        self, query: Query, mirror: Mirror, near: Near, in_engine: Sequence[str], vector: Vector
    ) -> list[Candidate]:
        """Ask Redis for the entries; forget those that are gone or have no vector."""
        digests = [*(digest for digest, _ in near), *in_engine]
        fetched = await self._trips.run([("MGET", *(key_names.entry(*query.scope, digest) for digest in digests))])
        await self._trips.trust()
        replies = listed(fetched[0], len(digests))
        read = [self._reader.read(*query.scope, *each) for each in zip(digests, replies, strict=True)]
        found = {
            digest: value for digest, value in zip(digests, read, strict=True) if value is not None and value.vector
        }
        self._forget(query, mirror, [digest for digest in digests if digest not in found], in_engine)
        return _candidates(list(found.values()), vector)

    def _forget(self, query: Query, mirror: Mirror, gone: Sequence[str], in_engine: Sequence[str]) -> None:
        for digest in gone:
            mirror.remove(digest)
        self._scopes.mirrors.settle(query.scope)
        engine, key = self._scopes.engine, self._scopes.engine_key(query)
        if engine is not None:
            self._trips.later([engine.remove(key, digest) for digest in gone if digest in in_engine])


async def _in_mirror(mirror: Mirror, vector: Vector, *, floor: float, limit: int) -> Near:
    if len(mirror) < _THREAD_FROM:
        return mirror.index.nearest(vector, limit=limit, floor=floor)
    return await asyncio.to_thread(mirror.index.nearest, vector, limit=limit, floor=floor)


def _candidates(values: Sequence[Value], vector: Vector) -> list[Candidate]:
    if not values:
        return []
    stored = vectors.decode_many([value.vector for value in values])
    pairs = zip(values, cosines(stored, vector).tolist(), strict=True)
    return [Candidate(value.entry, similarity) for value, similarity in pairs]
