"""A map of bounded size whose owners share one bound; the owner that holds most loses first."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class FairMap(Generic[K, V]):
    """
    At most `most` keys of all owners.

    Past them the owner that holds most loses its least recently used key. `peek` may be called from any thread.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._count = 0
        self._owners: dict[str, OrderedDict[K, V]] = {}

    def __len__(self) -> int:
        return self._count

    def __contains__(self, owner: object) -> bool:
        """Whether an owner holds anything."""
        return owner in self._owners

    def peek(self, owner: str, key: K) -> V | None:
        """Return a value without using its key."""
        held = self._owners.get(owner)
        return None if held is None else held.get(key)

    def use(self, owner: str, key: K) -> None:
        """Make a key that is held the most recently used one of its owner."""
        self._owners[owner].move_to_end(key)

    def put(self, owner: str, key: K, value: V) -> None:
        """Keep a value as the most recently used one of its owner."""
        held = self._owners.setdefault(owner, OrderedDict())
        self._count += key not in held
        held[key] = value
        held.move_to_end(key)
        while self._count > self._most:
            self._evict()

    def drop(self, owner: str | None) -> None:
        """Drop all of one owner, or of all owners."""
        for each in [*self._owners] if owner is None else [owner]:
            self._count -= len(self._owners.pop(each, ()))

    def _evict(self) -> None:
        owner = max(self._owners, key=lambda each: len(self._owners[each]))
        held = self._owners[owner]
        held.popitem(last=False)
        self._count -= 1
        if not held:
            del self._owners[owner]
