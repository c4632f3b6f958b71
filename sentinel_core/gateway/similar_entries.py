"""What those who look after entries ask, apart from any request: which of them are like this text."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sentinel_core.cache.ports import Candidate, Embedder, Inventory, Store
from sentinel_core.cache.scope import Query, digest
from sentinel_core.gateway.lookup import EMBED_SECONDS
from sentinel_core.matching.canonical_text import comparable

SCOPES = 50
"""Scopes searched at once; each may be a round trip or two."""


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
    """The nearest first; `after` is the last scope that was searched, None where there are no more."""

    found: Sequence[Near]
    after: str | None


class SimilarEntries:
    """Searches the scopes of a namespace as this instance sees them, once it has learned what others stored."""

    def __init__(self, store: Store, inventory: Inventory, embedder: Embedder) -> None:
        self._store = store
        self._inventory = inventory
        self._embedder = embedder

    async def alike(self, namespace: str, text: str, *, floor: float, limit: int, after: str = "") -> Alike:
        """
        Return up to `limit` entries of the next scopes with `similarity >= floor`.

        Raises CacheError, of which PromptTooLongError is the text's fault, and TimeoutError.
        """
        async with asyncio.timeout(EMBED_SECONDS):
            vector = await self._embedder.embed(comparable(text))
        fingerprints = await self._inventory.scopes(namespace, after=after, limit=SCOPES)
        found: list[Near] = []
        for fingerprint in fingerprints:
            anything = Query(namespace, fingerprint, text, "")
            await self._store.refresh(anything)
            near = await self._store.nearest(anything, vector, floor=floor, limit=limit)
            found += [Near(fingerprint, candidate) for candidate in near]
        found.sort(key=lambda near: -near.candidate.similarity)
        return Alike(found[:limit], fingerprints[-1] if len(fingerprints) == SCOPES else None)
