"""One instance's copy of an index stream: the prompts of a scope, and their vectors."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from sys import intern
from typing import Any

import numpy as np

from sentinel_core.cache.entry import Entry
from sentinel_core.cache.ports import Purge, Vector
from sentinel_core.errors import CorruptEntryError, StoreError
from sentinel_core.matching import vectors
from sentinel_core.matching.vector_index import ScopeIndex
from sentinel_core.stores.redis.known_purges import FIRST, Stamp, stamp

DIGEST_BYTES = 250
"""A digest and its expiry in two dicts and a list, measured with tracemalloc."""

MIRROR_BYTES = 1_100
"""A mirror without items, with its keys, measured with tracemalloc."""

SLACK_SECONDS = 60
"""How far clocks may differ before an item is taken for expired too early; Redis decides in any case."""

WRITER_BYTES = 200
"""A writer's name and its place in a dict: names are shared among a writer's items, but most writers have few."""

_AUTHOR_DIGITS = 32
"""Of a pseudonym's 64; the name tells apart the writers of one namespace."""


@dataclass(frozen=True, slots=True)
class Item:
    """
    One entry in a stream; `vector` is encoded, "" if the entry has none.

    `writer` is as `writer_of` names it, so that the item can be erased when the entry has expired.
    """

    digest: str
    vector: str
    expires: int
    writer: str = ""

    def fields(self) -> tuple[str, ...]:
        named = ("w", self.writer) if self.writer else ()
        return "d", self.digest, "v", self.vector, "x", str(self.expires), *named


def writer_of(entry: Entry) -> str:
    """Return the short name of an entry's end user and API key; "" without both."""
    return f"{(entry.author or '')[:_AUTHOR_DIGITS]}/{entry.key}" if entry.author or entry.key else ""


def is_by(writer: str, purge: Purge) -> bool:
    """Whether an erasure names this writer."""
    author, _, key = writer.partition("/")
    wanted = None if purge.author is None else purge.author[:_AUTHOR_DIGITS]
    return bool(writer) and purge.is_erasure and wanted in (None, author) and purge.key in (None, key)


@dataclass(frozen=True, slots=True)
class PairItem:
    """A judged pair in a stream, sealed."""

    text: str

    def fields(self) -> tuple[str, ...]:
        return "p", self.text


class Mirror:
    """
    One scope's stream, as far as it was read: `last` is the id of the last item.

    `syncing` is set during a reading; it yields None, or the error. `is_foreign` says that
    something else lies under the stream's key, `has_overflowed` that older items live in the engine.
    """

    def __init__(self, last: Stamp = FIRST) -> None:
        self.index = ScopeIndex()
        self.last = last
        self.synced_at: float | None = None
        self.listed_at: float | None = None
        self.is_foreign = False
        self.has_overflowed = False
        self.syncing: asyncio.Future[StoreError | None] | None = None
        self.unread_pairs: list[PairItem] = []
        """Judged pairs that were read from the stream; who reads them takes them out."""
        self._expires: OrderedDict[str, int] = OrderedDict()
        self._writers: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._expires)

    @property
    def nbytes(self) -> int:
        return self.index.nbytes + DIGEST_BYTES * len(self._expires) + WRITER_BYTES * len(self._writers) + MIRROR_BYTES

    def learn(self, replies: Sequence[Any], now: float) -> int:
        """Take in the items of XRANGE that are not expired; return the number of malformed items."""
        read = [item for reply in replies if (item := self._read(reply)) is not None]
        items = [item for item in read if isinstance(item, Item)]
        self.unread_pairs += [item for item in read if isinstance(item, PairItem)]
        alive = {item.digest: item for item in items if item.expires > now - SLACK_SECONDS}
        for item in alive.values():
            self._note(item)
        malformed = len(replies) - len(read)
        return malformed + self._index([item for item in alive.values() if item.vector])

    def add(self, item: Item, vector: Vector | None) -> None:
        self._note(item)
        if vector is not None:
            self.index.add(item.digest, vector)

    def remove(self, digest: str) -> None:
        self._expires.pop(digest, None)
        self._writers.pop(digest, None)
        self.index.remove(digest)

    def clear(self) -> None:
        """Forget all items, but not how far the stream was read."""
        self.index = ScopeIndex()
        self._expires.clear()
        self._writers.clear()

    def erase(self, purge: Purge) -> list[str]:
        """Forget the items of one writer, vectors included; return their digests."""
        erased = [digest for digest, writer in self._writers.items() if is_by(writer, purge)]
        for digest in erased:
            self.remove(digest)
        if erased:
            self.index.pack()
        return erased

    def oldest(self, count: int) -> list[str]:
        return list(islice(self._expires, max(0, count)))

    def drop_expired(self, now: float) -> None:
        """Drop the oldest items while they are expired; the others go when they are read."""
        while self._expires:
            digest, expires = next(iter(self._expires.items()))
            if expires > now - SLACK_SECONDS:
                return
            self.remove(digest)

    def _note(self, item: Item) -> None:
        self._expires[item.digest] = item.expires
        self._expires.move_to_end(item.digest)
        self._writers.pop(item.digest, None)
        if item.writer:
            self._writers[item.digest] = intern(item.writer)

    def _read(self, reply: Any) -> Item | PairItem | None:
        at, item = read_item(reply)
        self.last = max(self.last, at)
        return item

    def _index(self, items: Sequence[Item]) -> int:
        """Decode all at once, or one by one where one is malformed."""
        if not items:
            return 0
        try:
            decoded = vectors.decode_many([item.vector for item in items])
        except CorruptEntryError:
            if len(items) == 1:
                self.remove(items[0].digest)
                return 1
            return sum(self._index([item]) for item in items)
        self.index.add_many([item.digest for item in items], decoded.astype(np.float32, copy=False))
        return 0


def read_item(reply: Any) -> tuple[Stamp, Item | PairItem | None]:
    """Read one item of XRANGE: its stamp (`FIRST` if malformed), and its fields (None if foreign)."""
    at = FIRST
    try:
        at = stamp(reply[0])
        fields = dict(zip(reply[1][::2], reply[1][1::2], strict=True))
        if "p" in fields:
            return at, PairItem(fields["p"])
        return at, Item(fields["d"], fields["v"], int(fields["x"]), fields.get("w", ""))
    except (ValueError, TypeError, KeyError, IndexError):
        return at, None
