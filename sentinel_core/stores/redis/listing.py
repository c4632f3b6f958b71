"""Walks through a namespace's entries page by page, along its scopes and their index streams, without a scan."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sentinel_core.cache.entry import Entry, EntryFilter
from sentinel_core.cache.ports import Listed, Page
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import Command, Reply, checked, listed
from sentinel_core.stores.redis.entry_reader import Reader
from sentinel_core.stores.redis.known_purges import FIRST, Stamp, stamp, text_of
from sentinel_core.stores.redis.mirror import Item, PairItem, read_item
from sentinel_core.stores.redis.round_trips import Trips

MAX_STEPS = 50
"""Steps for one page, each of three round trips; so a page may be short, or empty, and not the last."""

STRIDE = 50
"""Entries read of one scope in one step where not all are wanted."""

SCOPES = 16
"""Scopes read in one step: a tenant with many users has many small ones."""

MOST_VALUES = 100
"""Values that make one step end at its scope."""

_CURSOR = re.compile(r"([0-9a-f]{64}):(?:[0-9]{1,19}-[0-9]{1,19})?")


@dataclass(frozen=True, slots=True)
class Position:
    """After this item of this scope; without an item, after the whole scope."""

    fingerprint: str = ""
    item: Stamp | None = None

    def __str__(self) -> str:
        return f"{self.fingerprint}:{'' if self.item is None else text_of(self.item)}"


def position(cursor: str | None) -> Position:
    """Read a cursor; raise ValueError for a malformed one."""
    if cursor is None:
        return Position()
    if not _CURSOR.fullmatch(cursor):
        raise ValueError("not a cursor")
    fingerprint, item = cursor.split(":")
    return Position(fingerprint, stamp(item) if item else None)


_Scope: TypeAlias = tuple[Position, Sequence[tuple[Stamp, Item | PairItem | None]]]
"""Where reading began, and what was read."""


class Listing:
    """A walk; `index_key` names a fingerprint's stream, `wanted` selects entries (None: all of them)."""

    def __init__(
        self,
        trips: Trips,
        reader: Reader,
        namespace: str,
        index_key: Callable[[str], str],
        wanted: EntryFilter | None = None,
    ) -> None:
        self._trips = trips
        self._reader = reader
        self._namespace = namespace
        self._index_key = index_key
        self._wanted = wanted

    async def page(self, cursor: str | None, limit: int) -> Page:
        """Return up to `limit` entries after `cursor`; raise StoreError, and ValueError for a malformed cursor."""
        at: Position | None = position(cursor)
        found: list[Listed] = []
        for _ in range(MAX_STEPS):
            if at is None or len(found) == limit:
                break
            more, at = await self._step(at, limit - len(found))
            found += more
        return Page(tuple(found), None if at is None else str(at))

    async def scopes(self, after: str, limit: int) -> list[str]:
        """Return up to `limit` fingerprints, ascending; raises StoreError."""
        start = f"({after}" if after else "-"
        command = "ZRANGE", key_names.scopes(self._namespace), start, "+", "BYLEX", "LIMIT", "0", str(limit)
        [scopes] = await self._trips.run([command])
        return [str(scope) for scope in listed(scopes)]

    async def _step(self, at: Position, limit: int) -> tuple[list[Listed], Position | None]:
        """Read on in one scope, or in the scopes that follow it; a position of None is the end."""
        if at.item is not None:
            return await self._read([at], limit)
        following = await self.scopes(at.fingerprint, SCOPES)
        return await self._read([Position(scope, FIRST) for scope in following], limit)

    async def _read(self, places: Sequence[Position], limit: int) -> tuple[list[Listed], Position | None]:
        """Read on from each place, and return where to go on: within the first scope that was not read to its end."""
        count = limit if self._wanted is None else STRIDE
        replies = checked(await self._trips.run([self._reading(at, count) for at in places])) if places else []
        read = [[read_item(item) for item in listed(items)] for items in replies]
        await self._forget([at for at, items in zip(places, read, strict=True) if not items and at.item == FIRST])
        scopes = [*_together(zip(places, read, strict=True), count)]
        found = await self._entries(
            [(at.fingerprint, place, item) for at, items in scopes for place, item in items if isinstance(item, Item)]
        )
        if len(found) > limit:
            found = found[:limit]
            return [each for _, each in found], Position(found[-1][1].fingerprint, found[-1][0])
        entries = [each for _, each in found]
        if not scopes:
            return entries, None
        at, items = scopes[-1]
        return entries, Position(at.fingerprint, items[-1][0] if len(items) == count else None)

    async def _forget(self, empty: Sequence[Position]) -> None:
        """Take scopes without a stream out of the list of scopes."""
        if empty:
            await self._trips.run([("ZREM", key_names.scopes(self._namespace), *(at.fingerprint for at in empty))])

    def _reading(self, at: Position, count: int) -> Command:
        key = self._index_key(at.fingerprint)
        return "XRANGE", key, f"({text_of(at.item or FIRST)}", "+", "COUNT", str(count)

    async def _entries(self, items: Sequence[tuple[str, Stamp, Item]]) -> list[tuple[Stamp, Listed]]:
        if not items:
            return []
        names = [key_names.entry(self._namespace, scope, item.digest) for scope, _, item in items]
        [values] = await self._trips.run([("MGET", *names)])
        await self._trips.trust()
        read = [
            (stamp, self._listed(scope, item, value))
            for (scope, stamp, item), value in zip(items, listed(values, len(items)), strict=True)
        ]
        return [(stamp, listed) for stamp, listed in read if listed is not None and self._is_wanted(listed.entry)]

    def _is_wanted(self, entry: Entry) -> bool:
        return self._wanted is None or self._wanted.accepts(entry)

    def _listed(self, fingerprint: str, item: Item, reply: Reply) -> Listed | None:
        """Return the entry of an item; one stored again later has another expiry, and is listed at its newer item."""
        value = self._reader.read(self._namespace, fingerprint, item.digest, reply)
        if value is None or value.expires != item.expires:
            return None
        return Listed(fingerprint, item.digest, value.entry, value.expires, value.vector)


def _together(scopes: Iterable[_Scope], count: int) -> Iterator[_Scope]:
    """Yield the scopes whose values are read at once: to the first that has more items, or to `MOST_VALUES`."""
    values = 0
    for at, items in scopes:
        yield at, items
        values += len(items)
        if len(items) == count or values >= MOST_VALUES:
            return
