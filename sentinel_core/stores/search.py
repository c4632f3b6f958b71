"""Finds the entries nearest to a vector: in the mirror, in the engine where the scope is too large, then in Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeAlias, cast

from sentinel_core.entry import Entry
from sentinel_core.ports import Candidate, Vector
from sentinel_core.scope import Query
from sentinel_core.stores import keys
from sentinel_core.stores.engine import vector_of
from sentinel_core.stores.mirror import Mirror
from sentinel_core.stores.scopes import Scopes
from sentinel_core.stores.trips import Trips
from sentinel_core.stores.wires import Reply, checked

TRIES = 3
"""How often to look again when all that was found is gone from Redis."""

_THREAD_FROM = 20_000  # vectors; above it a search takes longer than handing it to a thread

Near: TypeAlias = Sequence[tuple[str, float]]


class Search:
    """`read` turns a stored value into an entry, or into None where it is not there any more."""

    def __init__(self, trips: Trips, scopes: Scopes, read: Callable[[Query, Reply], Entry | None]) -> None:
        self._trips = trips
        self._scopes = scopes
        self._read = read

    async def nearest(self, query: Query, vector: Vector, *, floor: float, limit: int) -> list[Candidate]:
        mirror = self._scopes.mirrors.get(query.scope)
        if mirror is None:
            return []
        for _ in range(TRIES):
            near = await _in_mirror(mirror, vector, floor=floor, limit=limit)
            elsewhere = await self._in_engine(query, mirror, vector, limit)
            if not near and not elsewhere:
                break
            if found := await self._fetch(query, mirror, near, elsewhere, vector):
                above = [candidate for candidate in found if candidate.similarity >= floor]
                return sorted(above, key=lambda candidate: -candidate.similarity)[:limit]
        return []

    async def _in_engine(self, query: Query, mirror: Mirror, vector: Vector, limit: int) -> list[str]:
        engine = self._scopes.engine
        if engine is None or not self._scopes.is_over(mirror):
            return []
        [reply] = await self._trips.run([engine.nearest(self._scopes.engine_key(query), vector, limit)])
        return [digest for digest in engine.digests(reply) if digest not in mirror.index]

    async def _fetch(
        self, query: Query, mirror: Mirror, near: Near, elsewhere: Sequence[str], vector: Vector
    ) -> list[Candidate]:
        """Ask Redis for the entries, and the engine for its vectors; what is gone is forgotten."""
        names = [keys.entry(*query.scope, digest) for digest in (*(digest for digest, _ in near), *elsewhere)]
        engine, key = self._scopes.engine, self._scopes.engine_key(query)
        reading = [] if engine is None else [engine.read(key, digest) for digest in elsewhere]
        fetched, *read = await self._trips.run([("MGET", *names), *reading])
        await self._trips.trust()
        [values] = cast("list[list[Reply]]", checked([fetched]))
        entries = [self._read(query, value) for value in values]
        for (digest, _), entry in zip(near, entries, strict=False):
            if entry is None:
                mirror.remove(digest)
        self._scopes.mirrors.settle(query.scope)
        if engine is not None:
            gone = zip(elsewhere, entries[len(near) :], strict=True)
            self._trips.later([engine.remove(key, digest) for digest, entry in gone if entry is None])
        similarities = [*(similarity for _, similarity in near), *(_cosine(reply, vector) for reply in read)]
        pairs = zip(entries, similarities, strict=True)
        return [Candidate(entry, similarity) for entry, similarity in pairs if entry is not None]


async def _in_mirror(mirror: Mirror, vector: Vector, *, floor: float, limit: int) -> Near:
    if len(mirror) < _THREAD_FROM:
        return mirror.index.nearest(vector, limit=limit, floor=floor)
    return await asyncio.to_thread(mirror.index.nearest, vector, limit=limit, floor=floor)


def _cosine(reply: Reply, vector: Vector) -> float:
    """Return the cosine with a vector the engine gave back; far below any threshold where it gave none."""
    stored = vector_of(reply)
    return -1.0 if stored is None else float(stored @ vector)
