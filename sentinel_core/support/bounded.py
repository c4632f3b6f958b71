"""A map of bounded size with LRU eviction and an optional idle time."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator
from typing import Generic, TypeVar

from sentinel_core.support.clock import Clock

K = TypeVar("K")
V = TypeVar("V")


class BoundedMap(Generic[K, V]):
    """
    At most `most` keys; the least recently used is evicted first.

    With `idle_seconds`, keys unused for longer are dropped when another is put. `get` and `put` use a key, `peek`
    does not. Without a clock no key ages. Every call costs O(1), amortised over the puts.
    """

    def __init__(self, most: int, *, idle_seconds: float = math.inf, clock: Clock | None = None) -> None:
        self._most = most
        self._idle_seconds = idle_seconds
        self._now = clock.monotonic if clock else _no_time
        self._held: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, key: K) -> bool:
        return key in self._held

    def __iter__(self) -> Iterator[K]:
        """Iterate over the keys, least recently used first."""
        return iter(self._held)

    def items(self) -> Iterator[tuple[K, V]]:
        return ((key, value) for key, (_, value) in self._held.items())

    def peek(self, key: K) -> V | None:
        """Return the value without using the key."""
        held = self._held.get(key)
        return None if held is None else held[1]

    def get(self, key: K) -> V | None:
        held = self._held.get(key)
        if held is None:
            return None
        if self._now is not _no_time:
            self._held[key] = (self._now(), held[1])
        self._held.move_to_end(key)
        return held[1]

    def put(self, key: K, value: V) -> None:
        now, held = self._now(), self._held
        held[key] = (now, value)
        held.move_to_end(key)
        while len(held) > self._most or (now and self._oldest_use() + self._idle_seconds < now):
            held.popitem(last=False)

    def pop(self, key: K) -> V | None:
        held = self._held.pop(key, None)
        return None if held is None else held[1]

    def _oldest_use(self) -> float:
        return next(iter(self._held.values()))[0]


def _no_time() -> float:
    return 0.0
