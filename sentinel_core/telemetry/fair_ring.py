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

    def __len__(self) -> int:
        return self._size

    def add(self, owner: str, item: T) -> int:
        """Add an item; return its number, which grows by 1 with each item."""
        if self._size >= self._most:
            self._evict(owner)
        self._numbers += 1
        self._held.setdefault(owner, deque()).append((self._numbers, item))
        self._size += 1
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
            if kept:
                self._held[owner] = kept
            else:
                del self._held[owner]

    def _evict(self, owner: str) -> None:
        own = self._held.get(owner, ())
        if len(own) * len(self._held) < self._most:
            owner = max(self._held, key=lambda each: len(self._held[each]))
        held = self._held[owner]
        held.popleft()
        self._size -= 1
        if not held:
            del self._held[owner]
