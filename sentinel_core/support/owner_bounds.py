"""A bound on each owner's items under way: further ones wait in their order, and delay no other owner's."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from sentinel_core.support.owners import Owners


@dataclass(slots=True)
class _Owner:
    under_way: int = 0
    order: asyncio.Lock = field(default_factory=asyncio.Lock)
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class OwnerBounds:
    """Lets groups of an owner's items in, while all of them come to `most` items; a larger group runs alone."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._owners = Owners(_Owner)

    def __len__(self) -> int:
        """Return the number of owners with groups that run or wait."""
        return len(self._owners)

    async def acquire(self, name: str, items: int) -> None:
        """Wait for the room of a group, without end: give it a time limit, and `release` it afterwards."""
        owner = self._owners.begin(name)
        try:
            async with owner.order:
                while owner.under_way and owner.under_way + items > self._most:
                    owner.changed.clear()
                    await owner.changed.wait()
                owner.under_way += items
        except BaseException:
            self._owners.end(name)
            raise

    def release(self, name: str, items: int) -> None:
        """Give the room of a group back."""
        with self._owners.used(name) as owner:
            owner.under_way -= items
            owner.changed.set()
        self._owners.end(name)
