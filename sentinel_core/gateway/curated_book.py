"""The curated answers of namespaces, as this process knows them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from weakref import WeakValueDictionary

from sentinel_core.cache import curated
from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.curated import CuratedEntry, CuratedStore, Record
from sentinel_core.cache.plan import CANDIDATES
from sentinel_core.cache.ports import Candidate, Embedder, Vector
from sentinel_core.cache.scope import Query
from sentinel_core.errors import CacheError, NotAllowedError
from sentinel_core.gateway.curated_shelf import Shelf, place_of, updated
from sentinel_core.matching import vectors
from sentinel_core.matching.canonical_text import comparable
from sentinel_core.support.bounded import BoundedMap
from sentinel_core.support.clock import Clock

SYNC_SECONDS = 1.0
"""Time after which a request asks whether another instance has changed a namespace's records."""

LOAD_SECONDS = 1.0
"""Longest wait for changed records; until they are read the former ones answer."""

MOST_NAMESPACES = 1_000
MOST_CHARACTERS = 100_000_000
"""Of all curated answers of one namespace, encoded, vectors included."""
_WIDE = 64  # neighbours looked at: some are of another scope or not valid, and an answer may have many questions


class CuratedBook:
    """Finds curated answers; a namespace without any costs a dict lookup."""

    def __init__(self, store: CuratedStore, embedder: Embedder, clock: Clock) -> None:
        self._store = store
        self._embedder = embedder
        self._now = clock.now
        self._monotonic = clock.monotonic
        self._shelves: BoundedMap[str, Shelf] = BoundedMap(MOST_NAMESPACES)
        self._writing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._loading: dict[str, asyncio.Task[Mapping[str, Record]]] = {}

    def has(self, namespace: str) -> bool:
        """Whether a namespace has curated answers, as far as is known here."""
        shelf = self._shelves.peek(namespace)
        return shelf is not None and shelf.has_some

    def begin(self, namespace: str) -> bool:
        """Ask for the version with the next round trip, if the last answer is old; return whether there are some."""
        shelf, now = self._shelves.get(namespace), self._monotonic()
        if shelf is None:
            shelf = Shelf()
            self._shelves.put(namespace, shelf)
        if shelf.asked is None or now - shelf.asked >= SYNC_SECONDS:
            shelf.asked = now
            self._store.ask_version(namespace, shelf)
        return shelf.has_some

    async def find(self, ask: CacheRequest, query: Query) -> CuratedEntry | None:
        """
        Return the answer to this very question, None without one or for a request that is not plain.

        Records that have changed are read first, for a second at most; a store that fails changes nothing.
        """
        shelf = self._shelves.peek(query.namespace)
        if shelf is None or (shelf.known is None and shelf.at is None):
            return None
        if shelf.known != shelf.at:
            with suppress(CacheError, TimeoutError):
                async with asyncio.timeout(LOAD_SECONDS):
                    await asyncio.shield(self._loading_of(query.namespace))
        return self._exact(ask, query)

    def _loading_of(self, namespace: str) -> asyncio.Task[Mapping[str, Record]]:
        """Return the load under way, which goes on after a request that waits no longer."""
        loading = self._loading.get(namespace)
        if loading is None:
            loading = self._loading[namespace] = asyncio.create_task(self._load(namespace))
            loading.add_done_callback(lambda task: self._end_loading(namespace, task))
        return loading

    def _end_loading(self, namespace: str, task: asyncio.Task[Mapping[str, Record]]) -> None:
        del self._loading[namespace]
        if not task.cancelled():
            task.exception()  # a store that fails changes nothing

    async def current(self, namespace: str) -> Mapping[str, Record]:
        """Return all records of a namespace, read only where they have changed; raises StoreError."""
        shelf = self._shelves.peek(namespace)
        if shelf is not None and shelf.at is not None and shelf.at == await self._store.version(namespace):
            return shelf.records
        return await self.load(namespace)

    async def load(self, namespace: str) -> Mapping[str, Record]:
        """Read what has changed in a namespace, all records the first time; raises StoreError."""
        with suppress(CacheError):
            if (loading := self._loading.get(namespace)) is not None:
                await asyncio.shield(loading)  # it may have begun before the last change
        return await asyncio.shield(self._loading_of(namespace))

    async def _load(self, namespace: str) -> Mapping[str, Record]:
        shelf = self._shelves.peek(namespace)
        reading = await self._store.read(namespace, "" if shelf is None else shelf.place)
        shelf = await updated(shelf, reading, self._monotonic(), self._embedder.id)
        self._shelves.put(namespace, shelf)
        return shelf.records

    def _exact(self, ask: CacheRequest, query: Query) -> CuratedEntry | None:
        shelf = self._shelves.peek(query.namespace)
        if shelf is None or not shelf.records or not curated.may_answer(ask):
            return None
        places = shelf.exact.get(query.digest, ())
        return next((each for place in places if (each := self._entry(shelf, place, ask)) is not None), None)

    def nearest(self, ask: CacheRequest, query: Query, vector: Vector, floor: float, leads: int = 1) -> list[Candidate]:
        """
        Return up to `CANDIDATES` answers to questions with `similarity >= floor`, nearest first.

        The nearest questions of so many answers, `leads`, come before other questions of these.
        """
        shelf = self._shelves.peek(query.namespace)
        if shelf is None or not shelf.records or not curated.may_answer(ask):
            return []
        found = shelf.index.nearest(vector, limit=_WIDE, floor=0.0)
        entries = ((self._entry(shelf, place_of(name), ask), similarity) for name, similarity in found)
        near = [Candidate(entry, similarity) for entry, similarity in entries if entry is not None]
        supported = _supported(near, is_cut=len(found) == _WIDE, wordings=shelf.wordings)
        return _chosen([each for each in supported if each.similarity >= floor], leads)

    async def put(self, namespace: str, records: Sequence[Record]) -> dict[str, Record]:
        """Store records that say something new, with their vectors; return these. Raises CacheError."""
        async with self._turn(namespace):
            old, changed = await self.current(namespace), dict[str, Record]()
            for record in records:
                revised = curated.revised(changed.get(record.id) or old.get(record.id), record, self._now())
                if revised is not None:
                    changed[record.id] = revised
            return await self._write(namespace, list(changed.values()))

    async def restore(self, namespace: str, records: Sequence[Record]) -> int:
        """
        Store records of a backup as they are, unless the one that is here is as new; return how many were stored.

        Vectors are computed where they are missing or another embedder's. Raises CacheError.
        """
        async with self._turn(namespace):
            old = await self.current(namespace)
            new = [each for each in records if each.id not in old or old[each.id].created < each.created]
            whole = {each.id: curated.encode(each) for each in new if self._is_whole(each)}
            if whole:
                self._check_room(namespace, whole)
                await self._store.write(namespace, whole)
            await self._write(namespace, [each for each in new if each.id not in whole])
            if whole:
                await self.load(namespace)
            return len(new)

    def _is_whole(self, record: Record) -> bool:
        return record.embedder == self._embedder.id and len(record.vectors) == len(record.questions)

    def _turn(self, namespace: str) -> asyncio.Lock:
        """Return the lock of a namespace's writers, which lasts while one of them holds it or waits for it."""
        return self._writing.setdefault(namespace, asyncio.Lock())

    async def roll_back(self, namespace: str, identifier: str) -> Record | None:
        """Return to the former version of a record; None if there is none. Raises CacheError."""
        async with self._turn(namespace):
            record = (await self.load(namespace)).get(identifier)
            before = None if record is None else curated.rolled_back(record, self._now())
            return None if before is None else (await self._write(namespace, [before]))[identifier]

    async def delete(self, namespace: str, identifier: str) -> bool:
        """Delete a record; return whether there was one. Raises StoreError."""
        async with self._turn(namespace):
            is_there = identifier in await self.load(namespace)
            if is_there:
                await self._store.write(namespace, {identifier: None})
                await self.load(namespace)
            return is_there

    async def _write(self, namespace: str, records: Sequence[Record]) -> dict[str, Record]:
        texts = [comparable(question) for record in records for question in record.questions]
        found = iter(await self._embedder.embed_many(texts) if texts else ())
        written = {}
        for record in records:
            encoded = (_encoded(next(found)) for _ in record.questions)
            written[record.id] = replace(record, vectors=tuple(encoded), embedder=self._embedder.id)
        if written:
            encoded_records = {name: curated.encode(each) for name, each in written.items()}
            self._check_room(namespace, encoded_records)
            await self._store.write(namespace, encoded_records)
            await self.load(namespace)
        return written

    def _check_room(self, namespace: str, texts: Mapping[str, str]) -> None:
        """Raise NotAllowedError where a namespace has no room for these records."""
        shelf = self._shelves.peek(namespace)
        if (Shelf() if shelf is None else shelf).size_with(texts) > MOST_CHARACTERS:
            message = f"entries: the answers of a namespace hold {MOST_CHARACTERS} characters at most"
            raise NotAllowedError(message, code="too_many_entries")

    def _entry(self, shelf: Shelf, place: tuple[str, int], ask: CacheRequest) -> CuratedEntry | None:
        record = shelf.records[place[0]]
        return record.entry(place[1]) if record.is_valid(self._now()) and record.is_for(ask) else None


def _supported(near: Sequence[Candidate], *, is_cut: bool, wordings: Mapping[str, int]) -> list[Candidate]:
    """Note at each candidate the support of its answer; equal answers of two records are one."""
    best: dict[str, float] = {}
    for each in near:
        best.setdefault(each.entry.completion.text, each.similarity)
    unseen = near[-1].similarity if near and is_cut else 0.0  # answers may follow that are as near as the last one
    found = []
    for each in near:
        text = each.entry.completion.text
        other = max((nearest for answer, nearest in best.items() if answer != text), default=unseen)
        entry = each.entry
        if isinstance(entry, CuratedEntry):
            support = 2 * best[text] - max(other, 0.0)
            entry = replace(entry, support=support, wordings=wordings.get(text, 1))
        found.append(Candidate(entry, each.similarity))
    return found


def _chosen(near: Sequence[Candidate], leads: int) -> list[Candidate]:
    """Return the nearest questions of the first answers, and the nearest others in the places that are left."""
    first: dict[str, int] = {}
    for at, each in enumerate(near):
        first.setdefault(each.entry.completion.text, at)
    places = list(first.values())[:leads]
    others = (at for at in range(len(near)) if at not in places)
    return [near[at] for at in sorted([*places, *islice(others, CANDIDATES - len(places))])]


def _encoded(vector: Vector | Exception) -> str:
    """Return a question's vector; "" where it is too long, so that it is answered in the same words only."""
    return "" if isinstance(vector, Exception) else vectors.encode(vector)
