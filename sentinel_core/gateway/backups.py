"""Reads a namespace's answers and judged pairs page by page for a backup, and puts them back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sentinel_core.cache.backup import Saved, SavedEntry, SavedPair
from sentinel_core.cache.curated import Record
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.pairs import Pairs
from sentinel_core.cache.ports import Embedder, Inventory, Store, Vector
from sentinel_core.cache.purge import Removals
from sentinel_core.cache.scope import Query
from sentinel_core.errors import CorruptEntryError
from sentinel_core.gateway.curated_book import CuratedBook
from sentinel_core.matching import vectors
from sentinel_core.matching.canonical_text import VERSION, comparable

_ENTRIES, _CURATED, _PAIRS = "e", "c", "p"
_AT_ONCE = 32  # saves under way: each is a round trip


@dataclass(frozen=True, slots=True)
class BackupPage:
    """`cursor` leads to the next page; None after the last."""

    saved: tuple[Saved, ...]
    cursor: str | None


@dataclass(slots=True)
class Restored:
    """
    Numbers of answers and pairs that are new or newer, and that were there as new.

    `erased` are the places (fingerprint and digest) of answers whose writer was erased since.
    """

    changed: int = 0
    same: int = 0
    erased: set[tuple[str, str]] = field(default_factory=set)


class Backups:
    """Backup and restore over any store."""

    def __init__(
        self,
        store: Store,
        inventory: Inventory,
        removals: Removals,
        embedder: Embedder,
        book: CuratedBook | None,
        pairs: Pairs,
    ) -> None:
        self._store = store
        self._inventory = inventory
        self._removals = removals
        self._embedder = embedder
        self._book = book
        self._pairs = pairs

    @property
    def embedder_id(self) -> str:
        """Embedder and spelling of the vectors: those of two ids never meet."""
        return f"{self._embedder.id}-{VERSION}"

    async def page(self, namespace: str, cursor: str, limit: int) -> BackupPage:
        """Return about `limit` answers or pairs; raises StoreError, and ValueError for a malformed cursor."""
        kind, at = cursor[:1] or _ENTRIES, cursor[1:]
        if kind == _CURATED:
            return await self._curated_page(namespace, at, limit)
        if kind == _PAIRS:
            found, following = await self._pairs.page(namespace, at, limit)
            saved_pairs = tuple(SavedPair(*each) for each in found)
            return BackupPage(saved_pairs, None if following is None else f"{_PAIRS}{following}")
        if kind != _ENTRIES:
            raise ValueError("not a cursor")
        page = await self._inventory.entries(namespace, cursor=at or None, limit=limit)
        saved = [SavedEntry(each.fingerprint, each.digest, _settled(each.vector), each.entry) for each in page.entries]
        return BackupPage(tuple(saved), _CURATED if page.cursor is None else f"{_ENTRIES}{page.cursor}")

    async def restore(self, namespace: str, saved: Sequence[Saved], *, embeds: bool) -> Restored:
        """
        Store the answers and pairs that are not there, or older there; with `embeds`, compute vectors here.

        An answer whose writer was erased after it was given stays erased. Raises StoreError, and EmbeddingError.
        """
        entries = [each for each in saved if isinstance(each, SavedEntry)]
        records = [each for each in saved if isinstance(each, Record)]
        outcome = await self._restore_entries(namespace, entries, embeds=embeds)
        if records and self._book is not None:
            changed = await self._book.restore(namespace, records)
            outcome.changed += changed
            outcome.same += len(records) - changed
        if pairs := [(each.fingerprint, each.pair) for each in saved if isinstance(each, SavedPair)]:
            changed = await self._pairs.restore(namespace, pairs)
            outcome.changed += changed
            outcome.same += len(pairs) - changed
        return outcome

    async def _curated_page(self, namespace: str, after: str, limit: int) -> BackupPage:
        if self._book is None:
            return BackupPage((), _PAIRS)
        records = await self._book.current(namespace)
        names = sorted(name for name in records if name > after)
        chosen = names[:limit]
        return BackupPage(
            tuple(records[name] for name in chosen), f"{_CURATED}{chosen[-1]}" if len(names) > limit else _PAIRS
        )

    async def _restore_entries(self, namespace: str, saved: Sequence[SavedEntry], *, embeds: bool) -> Restored:
        missing = await self._missing(namespace, saved)
        erased = await self._erased(namespace, [each.entry for each in missing]) if missing else []
        kept = [each for each, is_erased in zip(missing, erased, strict=True) if not is_erased]
        gone = [each for each, is_erased in zip(missing, erased, strict=True) if is_erased]
        await self._save(namespace, kept, await self._vectors(kept, embeds=embeds))
        return Restored(len(kept), len(saved) - len(missing), {(each.fingerprint, each.digest) for each in gone})

    async def _missing(self, namespace: str, saved: Sequence[SavedEntry]) -> list[SavedEntry]:
        """Return the answers that are not stored, or only in an older version."""
        there = await self._store.load_many([_query(namespace, each) for each in saved]) if saved else ()
        return [each for each, entry in zip(saved, there, strict=True) if _is_older(entry, each.entry)]

    async def _save(self, namespace: str, saved: Sequence[SavedEntry], found: Sequence[Vector | None]) -> None:
        turns = asyncio.Semaphore(_AT_ONCE)

        async def save(each: SavedEntry, vector: Vector | None) -> None:
            async with turns:
                await self._store.save(_query(namespace, each), each.entry, vector)

        try:
            async with asyncio.TaskGroup() as saves:
                for each, vector in zip(saved, found, strict=True):
                    saves.create_task(save(each, vector))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def _erased(self, namespace: str, entries: Sequence[Entry]) -> list[bool]:
        """Return which entries are covered by an erasure that came after them."""
        removals = [
            each
            for each in await self._removals.recent()
            if each.purge.is_erasure and each.purge.namespace in (None, namespace)
        ]
        return [any(entry.created < one.started and one.purge.covers(entry) for one in removals) for entry in entries]

    async def _vectors(self, saved: Sequence[SavedEntry], *, embeds: bool) -> list[Vector | None]:
        if embeds and saved:
            found = await self._embedder.embed_many([comparable(each.entry.prompt) for each in saved])
            return [None if isinstance(vector, Exception) else vector for vector in found]
        return [_decoded(each.vector) for each in saved]


def _query(namespace: str, saved: SavedEntry) -> Query:
    return Query(namespace, saved.fingerprint, saved.entry.prompt, saved.digest)


def _is_older(there: Entry | None, saved: Entry) -> bool:
    return there is None or there.created < saved.created


def _settled(vector: str) -> str:
    """Return a vector as it will be written after it was read: the second writing differs from the first."""
    return vectors.encode(vectors.decode(vector)) if vector else ""


def _decoded(text: str) -> Vector | None:
    with suppress(CorruptEntryError):
        return vectors.decode(text) if text else None
    return None
