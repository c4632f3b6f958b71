"""The curated answers of one namespace, as this process knows them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from sentinel_core.cache import curated
from sentinel_core.cache.curated import Reading, Record
from sentinel_core.cache.scope import digest
from sentinel_core.errors import CorruptEntryError
from sentinel_core.matching import vectors
from sentinel_core.matching.canonical_text import comparable
from sentinel_core.matching.vector_index import ScopeIndex

FEW_CHARACTERS = 500_000
"""Length of changed records up to which they are decoded and indexed on the event loop: about 10 ms."""


@dataclass(slots=True)
class Shelf:
    """
    Records with their indexes: by digests of questions, and by vectors.

    `at` is the version that they are of, `place` their place in the log of changes, `known` the version of the store
    as far as this process knows, `asked` when it asked, a monotonic reading. `sizes` are characters of encoded records.
    """

    at: str | None = None
    known: str | None = None
    asked: float | None = None
    place: str = ""
    records: dict[str, Record] = field(default_factory=dict)
    exact: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    index: ScopeIndex = field(default_factory=ScopeIndex)
    wordings: Counter[str] = field(default_factory=Counter)
    sizes: dict[str, int] = field(default_factory=dict)

    @property
    def has_some(self) -> bool:
        """Whether there are records, as far as is known here."""
        return self.known is not None or bool(self.records)

    def learn(self, version: str | None) -> None:
        self.known = version

    def measure(self, texts: Mapping[str, str | None]) -> None:
        """Note the lengths of encoded records; None was removed."""
        for name, text in texts.items():
            if text is None:
                self.sizes.pop(name, None)
            else:
                self.sizes[name] = len(text)

    def size_with(self, texts: Mapping[str, str]) -> int:
        """Return the characters of all records once these are stored."""
        return sum(self.sizes.values()) + sum(len(text) - self.sizes.get(name, 0) for name, text in texts.items())

    def fill(self, records: Iterable[Record], embedder: str) -> None:
        """Add records that are not here; vectors of another embedder are left out."""
        encoded: dict[str, str] = {}
        for record in records:
            self.records[record.id] = record
            self.wordings[record.answer] += _wordings(record)
            for number, question in enumerate(record.questions):
                places = self.exact.setdefault(digest(question), [])
                places.append((record.id, number))
                if len(places) > 1:  # those that name more of the scope come first
                    places.sort(key=lambda place: (_breadth(self.records[place[0]]), place))
                if record.embedder == embedder and number < len(record.vectors) and record.vectors[number]:
                    encoded[name_of(record.id, number)] = record.vectors[number]
        self._add_vectors(encoded)

    def change(self, changes: Mapping[str, Record | None], embedder: str) -> None:
        """Put changed records in the place of former ones; None removes one."""
        for name in changes:
            if (old := self.records.pop(name, None)) is not None:
                self._remove(old)
        self.fill([each for each in changes.values() if each is not None], embedder)

    def _remove(self, record: Record) -> None:
        self.wordings[record.answer] -= _wordings(record)
        if self.wordings[record.answer] <= 0:
            del self.wordings[record.answer]
        for number, question in enumerate(record.questions):
            self.index.remove(name_of(record.id, number))
            places = self.exact[digest(question)]
            places.remove((record.id, number))
            if not places:
                del self.exact[digest(question)]

    def _add_vectors(self, encoded: Mapping[str, str]) -> None:
        if not encoded:
            return
        try:
            self.index.add_many(list(encoded), vectors.decode_many(list(encoded.values())))
        except CorruptEntryError:
            for place, text in encoded.items():
                with suppress(CorruptEntryError):
                    self.index.add(place, vectors.decode(text))


def name_of(identifier: str, number: int) -> str:
    """Name a question in the index of vectors."""
    return f"{identifier}#{number}"


def place_of(name: str) -> tuple[str, int]:
    """Return the record and the number of a question by its name."""
    identifier, _, number = name.rpartition("#")
    return identifier, int(number)


async def updated(shelf: Shelf | None, reading: Reading, now: float, embedder: str) -> Shelf:
    """Return the shelf after a reading: the same one where little has changed, else another one, made in a thread."""
    if shelf is not None and not reading.is_whole and _length(reading) <= FEW_CHARACTERS:
        shelf.change(_decoded(reading.records), embedder)
        shelf.measure(reading.records)
        shelf.at = shelf.known = reading.version
        shelf.asked, shelf.place = now, reading.place
        return shelf
    kept = Shelf() if shelf is None or reading.is_whole else shelf
    rebuilt = await asyncio.to_thread(_rebuilt, dict(kept.records), reading, now, embedder)
    rebuilt.sizes = dict(kept.sizes)
    rebuilt.measure(reading.records)
    return rebuilt


def _rebuilt(records: dict[str, Record], reading: Reading, now: float, embedder: str) -> Shelf:
    """Decode and index all records, which takes a second for 20,000: too long for the event loop."""
    shelf = Shelf(reading.version, reading.version, now, reading.place)
    whole: dict[str, Record | None] = {**records, **_decoded(reading.records)}
    shelf.change(whole, embedder)
    return shelf


def _length(reading: Reading) -> int:
    return sum(len(text) for text in reading.records.values() if text is not None)


def _decoded(texts: Mapping[str, str | None]) -> dict[str, Record | None]:
    """Decode records; one that is corrupt is None, as is one that is under another's name."""
    found: dict[str, Record | None] = {}
    for name, text in texts.items():
        found[name] = None
        with suppress(CorruptEntryError):
            record = None if text is None else curated.decode(text)
            found[name] = record if record is not None and record.id == name else None
    return found


def _wordings(record: Record) -> int:
    return len(set(map(comparable, record.questions)))


def _breadth(record: Record) -> int:
    """Return how many parts of the scope a record leaves open."""
    return [record.model, record.system, record.surface].count(None)
