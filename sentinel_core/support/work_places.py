"""Bounds the requests that work at once, by key, so that one key's flood does not hold up the others."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field

from sentinel_core.errors import ServiceUnavailableError
from sentinel_core.support.loop_turns import LoopTurns
from sentinel_core.support.owners import Owners
from sentinel_core.support.rests import NO_OTHERS, OTHERS, Others
from sentinel_core.support.turns import OWNER

BESIDE_OTHERS = 6
"""Lookups of one key at once while others ask: each takes the processor in turn with all others."""
ALONE = 64
"""Lookups of a key that asks alone; another key that comes finds so many before it, and not hundreds."""
HELD_SECONDS = 0.25
"""A lookup that takes longer waits for a store or a model, not for the processor: its place goes to the next."""
_RETRY_SECONDS = 1.0
_ROUNDS = LoopTurns()


@dataclass(slots=True)
class _Owner:
    others: Others = NO_OTHERS
    working: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)

    def let_in(self, most: int) -> None:
        """Let those in that wait, in their order."""
        while self.waiting and self.working < most:
            waiter = self.waiting.popleft()
            if not waiter.done():
                self.working += 1
                waiter.set_result(None)


class Work:
    """The place of one request; `leave` may be called twice."""

    def __init__(self, places: WorkPlaces | None, owner: str) -> None:
        self._places = places
        self._owner = owner
        self._timer = None if places is None else asyncio.get_running_loop().call_later(HELD_SECONDS, self.leave)

    def leave(self) -> None:
        """Give the place back, to a request of the same key that waits."""
        places, self._places = self._places, None
        if places is not None and self._timer is not None:
            self._timer.cancel()
            places.release(self._owner)


NO_WORK = Work(None, "")


class WorkPlaces:
    """
    At most `most` requests of one key at work at once, `alone` of a key that asks alone; further ones wait in order.

    So the single request of a key shares the processor with a few of another, not with the two hundred that wait.
    """

    def __init__(self, most: int = BESIDE_OTHERS, alone: int = ALONE) -> None:
        self._most = most
        self._alone = alone
        self._owners = Owners(_Owner)

    def __len__(self) -> int:
        """Return the number of keys whose requests work or wait."""
        return len(self._owners)

    async def enter(self, seconds: float) -> Work:
        """Wait for a place; raises ServiceUnavailableError if none comes within `seconds`."""
        name = OWNER.get()
        owner = self._owners.begin(name)
        owner.others = OTHERS.get()
        if not owner.waiting and owner.working < self._limit(name, owner):
            owner.working += 1
            return Work(self, name)
        waiter = asyncio.get_running_loop().create_future()
        owner.waiting.append(waiter)
        try:
            async with asyncio.timeout(seconds):
                await waiter
        except BaseException as error:
            self._give_up(name, owner, waiter)
            if not isinstance(error, TimeoutError):
                raise
            raise ServiceUnavailableError(
                "too many requests of this key wait", what="processor", retry_after=_RETRY_SECONDS
            ) from None
        return Work(self, name)

    def release(self, name: str) -> None:
        """Let the next request of this key work."""
        with self._owners.used(name) as owner:
            owner.working -= 1
            owner.let_in(self._limit(name, owner))
        self._owners.end(name)

    def _limit(self, name: str, owner: _Owner) -> int:
        return self._most if owner.others.are_others(name) else self._alone

    def _give_up(self, name: str, owner: _Owner, waiter: asyncio.Future[None]) -> None:
        """Leave the line; a place that was given in the same moment goes to the next."""
        if waiter.done() and not waiter.cancelled():
            self.release(name)
            return
        with suppress(ValueError):  # it may have been passed over
            owner.waiting.remove(waiter)
        self._owners.end(name)


async def turn() -> None:
    """
    Return in the next round of the event loop that no other request of this key begins; at once if the key asks alone.

    Thirty requests that arrive, or are answered, in one round would hold up those of other keys by all their work.
    """
    owner = OWNER.get()
    if OTHERS.get().are_others(owner):
        await _ROUNDS.take(owner)
