"""Takes items out of an index stream, so that their bytes leave Redis's memory too."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from sentinel_core.cache.purge import Removal
from sentinel_core.stores.redis.connection import Command, Reply, checked, is_of_another_type, listed
from sentinel_core.stores.redis.known_purges import stamp
from sentinel_core.stores.redis.mirror import Item, PairItem, is_by, read_item
from sentinel_core.stores.redis.round_trips import Trips

T = TypeVar("T")

PAGE = 100
TEMPORARY = ("~new", "~old")
"""Ends of the names of streams that a rewrite needs."""

_TEMPORARY_SECONDS = "600"
_FEW = 4
"""Where less than one item in this many goes, XDEL is enough: a rewrite moves all the others."""


class Stream:
    """
    One index stream. XDEL only marks an item; its bytes stay in memory and in dumps until its neighbours go.

    So the items that stay are copied, with their ids, into a stream that takes the name of the old one: readers that
    have read up to an id miss nothing, and read nothing twice. `lifetime` is the stream's in seconds.
    """

    def __init__(self, trips: Trips, key: str, pace: Callable[[], Awaitable[None]], *, lifetime: int) -> None:
        self._trips = trips
        self._key = key
        self._new, self._old = (key + end for end in TEMPORARY)
        self._pace = pace
        self._lifetime = str(lifetime)

    @staticmethod
    def is_by(removal: Removal, identifier: str, writer: str) -> bool:
        """Whether an item is the erased writer's, from before the erasure."""
        return is_by(writer, removal.purge) and stamp(identifier)[0] / 1000 <= removal.started

    async def pages(self) -> AsyncIterator[list[tuple[str, Item | PairItem | None]]]:
        """Yield the items with their ids, page by page; None for foreign ones."""
        async for page in self._raw(self._key):
            yield [(str(listed(each)[0]), read_item(each)[1]) for each in page]

    async def without(self, gone: Collection[str], items: int, *, is_strict: bool) -> bool:
        """
        Remove the items with these ids from the stream of so many `items`; return whether it was written again.

        With `is_strict`, or where many go, no byte of them stays.
        """
        if len(gone) < items and not is_strict and len(gone) * _FEW < items:
            for some in batched(gone, PAGE):
                await self._trips.run([("XDEL", self._key, *some)])
                await self._pace()
            return False
        await self._trips.run([("UNLINK", self._new)])
        last, copied = "-", 0
        async for page in self._raw(self._key):
            staying = [each for each in page if str(listed(each)[0]) not in gone]
            await self._copy(staying, copied)
            copied, last = copied + len(staying), f"({listed(page[-1])[0]}"
            await self._pace()
        await self._swap(last, is_empty=not copied)
        return True

    async def _copy(self, items: Sequence[Reply], before: int) -> None:
        adding: list[Command] = [("XADD", self._new, *_fields(each, keeps_id=True)) for each in items]
        if items and not before:
            adding.append(("EXPIRE", self._new, _TEMPORARY_SECONDS))
        if adding:
            checked(await self._trips.run(adding))

    async def _swap(self, last: str, *, is_empty: bool) -> None:
        """Give the new stream the old one's name, then add the items stored meanwhile; an empty one has no name."""
        swapping: list[Command] = [("EXPIRE", self._key, _TEMPORARY_SECONDS), ("RENAME", self._key, self._old)]
        if not is_empty:
            swapping += [("RENAME", self._new, self._key), ("EXPIRE", self._key, self._lifetime)]
        *swapped, late = await self._trips.run([*swapping, ("XRANGE", self._old, last, "+")])
        checked(swapped)
        adding: list[Command] = [("XADD", self._key, *_fields(each, keeps_id=False)) for each in listed(late)]
        if adding:
            adding.append(("EXPIRE", self._key, self._lifetime))
        checked(await self._trips.run([*adding, ("UNLINK", self._old)]))

    async def _raw(self, key: str) -> AsyncIterator[list[Reply]]:
        start = "-"
        while True:
            [reply] = await self._trips.run([("XRANGE", key, start, "+", "COUNT", str(PAGE))])
            page = [] if is_of_another_type(reply) else listed(reply)
            if page:
                yield page
            if len(page) < PAGE:
                return
            start = f"({listed(page[-1])[0]}"


def _fields(item: Reply, *, keeps_id: bool) -> list[str]:
    identifier, fields = listed(item, 2)
    return [str(identifier) if keeps_id else "*", *map(str, listed(fields))]


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the items in lists of this size; `itertools.batched` is new in Python 3.12."""
    iterator = iter(items)
    while some := list(islice(iterator, size)):
        yield some
