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

    def take(self) -> T | None:
        """Return the next item, None if there is none; its owner goes to the end of the line."""
        with self._lock:
            if not self._items:
                return None
            owner = next(iter(self._items))
            queue = self._items.pop(owner)
            item = queue.popleft()
            if queue:
                self._items[owner] = queue
            return item
