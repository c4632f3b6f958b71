"""Keeps the latest items of each owner, within one bound that the owners share."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class FairRing(Generic[T]):
    """
    At most `most` items of all owners.

    When the ring is full, an owner above an even share loses its own oldest item; an owner below it displaces the
    oldest item of the owner with the most items. A busy owner therefore cannot push out the items of a quiet one.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._numbers = 0
        self._held: dict[str, deque[tuple[int, T]]] = {}
        self._owners: dict[int, dict[str, None]] = {}
        """Owners by their number of items: finding the owner with the most takes the same time for any number."""
        self._greatest = 0

    def __len__(self) -> int:
        return self._size

    def add(self, owner: str, item: T) -> int:
        """Add an item; return its number, which grows by 1 with each item."""
        self._numbers += 1
        held = self._held.get(owner)
        if held is None:
            held = self._held[owner] = deque()
        if self._size >= self._most:
            if len(held) * len(self._held) >= self._most:
                held.popleft()
                held.append((self._numbers, item))
                return self._numbers
            self._evict()
        held.append((self._numbers, item))
        self._size += 1
        self._count(owner, len(held) - 1, len(held))
        return self._numbers

    def latest(self, owner: str | None = None) -> Sequence[tuple[int, T]]:
        """Return items with their numbers, the latest first: of one owner, or of all."""
        if owner is not None:
            return list(reversed(self._held.get(owner, ())))
        return sorted((each for held in self._held.values() for each in held), key=lambda each: -each[0])

    def remove(self, is_gone: Callable[[T], bool]) -> None:
        """Drop the items that `is_gone` names."""
        for owner, held in list(self._held.items()):
            kept = deque(each for each in held if not is_gone(each[1]))
            self._size -= len(held) - len(kept)
            self._count(owner, len(held), len(kept))
            if kept:
                self._held[owner] = kept
            else:
                del self._held[owner]

    def _evict(self) -> None:
        """Drop the oldest item of the owner with the most items."""
        while not self._owners.get(self._greatest):
            self._greatest -= 1
        owner = next(iter(self._owners[self._greatest]))
        held = self._held[owner]
        held.popleft()
        self._size -= 1
        self._count(owner, len(held) + 1, len(held))
        if not held:
            del self._held[owner]

    def _count(self, owner: str, before: int, after: int) -> None:
        """Note that an owner has `after` items instead of `before`."""
        if before and before != after:
            same = self._owners[before]
            del same[owner]
            if not same:
                del self._owners[before]
        if after:
            self._owners.setdefault(after, {})[owner] = None
            self._greatest = max(self._greatest, after)
