"""A limit on concurrent work that owners share fairly."""

from __future__ import annotations

import asyncio
from collections import Counter, deque

MOST_WAITING = 1_000
"""Waiters of one owner; more are refused at once."""


class FairPlaces:
    """
    At most `limit` holders at once. A free place goes to the waiting owner that holds the fewest.

    An owner with a name holds at most three quarters of the places, so that another one finds a place though the
    first never gives its own back. Callers without a name, "", may hold all: then there is no one to share with.
    `acquire` and `release` cost O(1), and O(waiting owners) while owners wait.
    """

    def __init__(self, limit: int) -> None:
        self._free = self._limit = limit
        self._most = max(1, limit - -(-limit // 4))
        self._held: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    def held(self, owner: str) -> int:
        """Return how many places an owner holds now."""
        return self._held[owner]

    def try_acquire(self, owner: str) -> bool:
        """Take a place if one is free for this owner now; `release` it afterwards."""
        if owner in self._waiting or not self._may_take(owner):
            return False
        self._take(owner)
        return True

    async def acquire(self, owner: str) -> bool:
        """Wait for a place; False, without waiting, if too many of this owner wait already."""
        if self.try_acquire(owner):
            return True
        queue = self._waiting.setdefault(owner, deque())
        if len(queue) >= MOST_WAITING:
            return False
        waiter = asyncio.get_running_loop().create_future()
        queue.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            self._leave(owner, waiter)
            raise
        return True

    def release(self, owner: str) -> None:
        """Give a place back, and hand it to the next."""
        self._free += 1
        self._held[owner] -= 1
        if not self._held[owner]:
            del self._held[owner]
        self._hand_out()

    def _may_take(self, owner: str) -> bool:
        return self._free > 0 and self._held[owner] < (self._most if owner else self._limit)

    def _take(self, owner: str) -> None:
        self._free -= 1
        self._held[owner] += 1

    def _hand_out(self) -> None:
        while able := [owner for owner in self._waiting if self._may_take(owner)]:
            owner = min(able, key=self._held.__getitem__)
            waiter = self._waiting[owner].popleft()
            if not self._waiting[owner]:
                del self._waiting[owner]
            if not waiter.done():
                self._take(owner)
                waiter.set_result(None)

    def _leave(self, owner: str, waiter: asyncio.Future[None]) -> None:
        """Give up waiting; a place that was handed over in the same moment goes back."""
        if not waiter.cancelled():
            self.release(owner)
        elif waiter in (queue := self._waiting.get(owner, deque())):
            queue.remove(waiter)
            if not queue:
                del self._waiting[owner]
