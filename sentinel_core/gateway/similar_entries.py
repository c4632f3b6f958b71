"""Similarity search over stored entries, for the admin API."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sentinel_core.cache.ports import Candidate, Embedder, Inventory, Store
from sentinel_core.cache.scope import Query, digest
from sentinel_core.gateway.lookup import EMBED_SECONDS
from sentinel_core.matching.canonical_text import comparable

SCOPES = 50
"""Scopes searched by one call; each may take a round trip or two."""


@dataclass(frozen=True, slots=True)
class Near:
    """A candidate and the scope it is in."""

    fingerprint: str
    candidate: Candidate

    @property
    def digest(self) -> str:
        return digest(self.candidate.prompt)


@dataclass(frozen=True, slots=True)
class Alike:
    """Entries, nearest first; `after` is the last scope searched, None if there are no more."""

    found: Sequence[Near]
    after: str | None


class SimilarEntries:
    """Searches the scopes of a namespace, after learning the entries that other instances stored."""

    def __init__(self, store: Store, inventory: Inventory, embedder: Embedder) -> None:
        self._store = store
        self._inventory = inventory
        self._embedder = embedder

    async def alike(self, namespace: str, text: str, *, floor: float, limit: int, after: str = "") -> Alike:
        """
        Return up to `limit` entries of the next scopes with `similarity >= floor`.

        Raises PromptTooLongError for the text, another CacheError for store and embedder, and TimeoutError.
        """
        async with asyncio.timeout(EMBED_SECONDS):
            vector = await self._embedder.embed(comparable(text))
        fingerprints = await self._inventory.scopes(namespace, after=after, limit=SCOPES)
        found: list[Near] = []
        for fingerprint in fingerprints:
            await asyncio.sleep(0)  # where the store is this process's memory, nothing below waits
            anything = Query(namespace, fingerprint, text, "")
            await self._store.refresh(anything)
            near = await self._store.nearest(anything, vector, floor=floor, limit=limit)
            found += [Near(fingerprint, candidate) for candidate in near]
            found = sorted(found, key=lambda near: -near.candidate.similarity)[:limit]
        return Alike(found, fingerprints[-1] if len(fingerprints) == SCOPES else None)
