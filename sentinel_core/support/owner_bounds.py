"""A bound on each owner's items under way: further ones wait in their order, and delay no other owner's."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Owner:
    under_way: int = 0
    groups: int = 0
    """Groups that run or wait."""
    order: asyncio.Lock = field(default_factory=asyncio.Lock)
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class OwnerBounds:
    """Lets groups of an owner's items in, while all of them come to `most` items; a larger group runs alone."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._owners: dict[str, _Owner] = {}

    def __len__(self) -> int:
        """Return the number of owners with groups."""
        return len(self._owners)

    async def acquire(self, name: str, items: int) -> None:
        """Wait for the room of a group, without end: give it a time limit, and `release` it afterwards."""
        owner = self._owners.setdefault(name, _Owner())
        owner.groups += 1
        try:
            async with owner.order:
                while owner.under_way and owner.under_way + items > self._most:
                    owner.changed.clear()
                    await owner.changed.wait()
                owner.under_way += items
        except BaseException:
            self._leave(name)
            raise

    def release(self, name: str, items: int) -> None:
        """Give the room of a group back."""
        owner = self._owners[name]
        owner.under_way -= items
        owner.changed.set()
        self._leave(name)

    def _leave(self, name: str) -> None:
        owner = self._owners[name]
        owner.groups -= 1
        if not owner.groups:
            del self._owners[name]
