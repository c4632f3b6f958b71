"""Walks through a namespace's entries page by page, along its scopes and their index streams, without a scan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from sentinel_core.entry import Entry
from sentinel_core.stores import keys
from sentinel_core.stores.mirror import Item, read_item
from sentinel_core.stores.purges import FIRST, Stamp, stamp, text_of
from sentinel_core.stores.reader import Reader
from sentinel_core.stores.trips import Trips
from sentinel_core.stores.wires import Reply, checked

MAX_STEPS = 50
"""Steps for one page, each within one scope; so a page may be short, or empty, and not the last."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry and where it is; `expires` is when Redis drops it, in Unix time."""

    fingerprint: str
    digest: str
    entry: Entry
    expires: int


@dataclass(frozen=True, slots=True)
class Page:
    """`cursor` leads to the next page; None after the last."""

    entries: tuple[Listed, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Position:
    """After this item of this scope; without an item, after the whole scope."""

    fingerprint: str = ""
    item: Stamp | None = None

    def __str__(self) -> str:
        return f"{self.fingerprint}:{'' if self.item is None else text_of(self.item)}"


def position(cursor: str | None) -> Position:
    """Raises ValueError for what is no cursor of ours."""
    if cursor is None:
        return Position()
    fingerprint, separator, item = cursor.rpartition(":")
    if not separator:
        raise ValueError("not a cursor")
    return Position(fingerprint, stamp(item) if item else None)


class Listing:
    """`index_key` gives the name of a fingerprint's stream."""

    def __init__(self, trips: Trips, reader: Reader, namespace: str, index_key: Callable[[str], str]) -> None:
        self._trips = trips
        self._reader = reader
        self._namespace = namespace
        self._index_key = index_key

    async def page(self, cursor: str | None, limit: int) -> Page:
        """Return up to `limit` entries after `cursor`; raises StoreError, and ValueError for what is no cursor."""
        at: Position | None = position(cursor)
        found: list[Listed] = []
        for _ in range(MAX_STEPS):
            if at is None or len(found) == limit:
                break
            more, at = await self._step(at, limit - len(found))
            found += more
        return Page(tuple(found), None if at is None else str(at))

    async def _step(self, at: Position, limit: int) -> tuple[list[Listed], Position | None]:
        """Read on in one scope, or go to the next; a position of None is the end."""
        if at.item is None:
            following = await self._scope_after(at.fingerprint)
            return [], None if following is None else Position(following, FIRST)
        [items] = checked(await self._trips.run([self._reading(at, limit)]))
        read = [read_item(item) for item in cast("list[Reply]", items)]
        if not read and at.item == FIRST:
            await self._trips.run([("ZREM", keys.scopes(self._namespace), at.fingerprint)])
        last = read[-1][0] if len(read) == limit else None
        entries = await self._entries(at.fingerprint, [item for _, item in read if item is not None])
        return entries, Position(at.fingerprint, last)

    def _reading(self, at: Position, limit: int) -> tuple[str, ...]:
        key = self._index_key(at.fingerprint)
        return "XRANGE", key, f"({text_of(at.item or FIRST)}", "+", "COUNT", str(limit)

    async def _scope_after(self, fingerprint: str) -> str | None:
        start = f"({fingerprint}" if fingerprint else "-"
        command = "ZRANGE", keys.scopes(self._namespace), start, "+", "BYLEX", "LIMIT", "0", "1"
        [scopes] = checked(await self._trips.run([command]))
        return next(iter(cast("list[str]", scopes)), None)

    async def _entries(self, fingerprint: str, items: Sequence[Item]) -> list[Listed]:
        if not items:
            return []
        names = [keys.entry(self._namespace, fingerprint, item.digest) for item in items]
        [values] = checked(await self._trips.run([("MGET", *names)]))
        await self._trips.trust()
        pairs = zip(items, cast("list[Reply]", values), strict=True)
        return [listed for item, value in pairs if (listed := self._listed(fingerprint, item, value)) is not None]

    def _listed(self, fingerprint: str, item: Item, reply: Reply) -> Listed | None:
        """What was stored again later has another expiry: it is listed where its newer item is."""
        value = self._reader.read(self._namespace, fingerprint, item.digest, reply)
        if value is None or value.expires != item.expires:
            return None
        return Listed(fingerprint, item.digest, value.entry, value.expires)
