"""A queue in which owners take turns, so that one owner's many items do not delay another's single one."""

from __future__ import annotations

import threading
from collections import deque
from contextvars import ContextVar
from typing import Generic, TypeVar

T = TypeVar("T")

OWNER: ContextVar[str] = ContextVar("owner", default="")
"""The id of the API key for which the current task works; "" without keys."""


class Turns(Generic[T]):
    """
    Gives one item of each waiting owner in turn, and the items of one owner in their order.

    `put` reads the owner from the context. May be used from several threads; every call costs O(1).
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._items: dict[str, deque[T]] = {}

    def __len__(self) -> int:
        with self._lock:
            return sum(map(len, self._items.values()))

    def put(self, item: T) -> None:
        with self._lock:
            self._items.setdefault(OWNER.get(), deque()).append(item)

    def take(self, owner: str | None = None) -> T | None:
        """Return the next item, of `owner` where one is named, None if there is none; its owner goes to the end."""
        with self._lock:
            owner = next(iter(self._items), "") if owner is None else owner
            if owner not in self._items:
                return None
            queue = self._items.pop(owner)
            item = queue.popleft()
            if queue:
                self._items[owner] = queue
            return item


class Lanes(Generic[T]):
    """
    Gives the items of waiting owners in turn, of each owner one at a time: its next after `done`.

    So a few workers serve as many owners at once, and an owner alone is served by one. `put` reads the owner from the
    context. May be used from several threads; a call costs O(1), and O(workers) where owners are served.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._items: dict[str, deque[T]] = {}
        self._served: set[str] = set()

    def put(self, item: T) -> bool:
        """Return whether a worker is needed: the one that serves this owner takes the item otherwise."""
        owner = OWNER.get()
        with self._lock:
            self._items.setdefault(owner, deque()).append(item)
            return owner not in self._served

    def take(self) -> tuple[str, T] | None:
        """Return the next item and its owner, None if there is none; its owner goes to the end of the line."""
        with self._lock:
            owner = next((each for each in self._items if each not in self._served), None)
            if owner is None:
                return None
            queue = self._items.pop(owner)
            item = queue.popleft()
            if queue:
                self._items[owner] = queue
            self._served.add(owner)
            return owner, item

    def done(self, owner: str) -> None:
        """Let the owner's next item be taken."""
        with self._lock:
            self._served.discard(owner)
