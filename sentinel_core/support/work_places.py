"""Bounds the requests that work at once while several keys ask, so that one key's flood does not hold up the others."""

from __future__ import annotations

import asyncio

from sentinel_core.errors import ServiceUnavailableError
from sentinel_core.support.fair_places import FairPlaces
from sentinel_core.support.rests import OTHERS
from sentinel_core.support.turns import OWNER

AT_WORK = 16
"""Requests between their arrival and their answer or call: each takes the processor in turn with all others."""
_RETRY_SECONDS = 1.0


class Work:
    """The place of one request; `leave` may be called twice."""

    def __init__(self, places: FairPlaces | None, owner: str) -> None:
        self._places = places
        self._owner = owner

    def leave(self) -> None:
        """Give the place back, to a request that waits."""
        places, self._places = self._places, None
        if places is not None:
            places.release(self._owner)


NO_WORK = Work(None, "")


class WorkPlaces:
    """
    At most `most` requests at work at once while several keys ask, and of one key three quarters of them.

    A free place goes to the waiting key with the fewest: the single request of one key waits for one of the others to
    end its work, not for the two hundred that wait before it. A key that asks alone is not bounded.
    """

    def __init__(self, most: int = AT_WORK) -> None:
        self._places = FairPlaces(most)

    async def enter(self, seconds: float) -> Work:
        """Wait for a place; raises ServiceUnavailableError if none comes within `seconds`."""
        owner = OWNER.get()
        if not OTHERS.get().are_others(owner):
            return NO_WORK
        if not self._places.try_acquire(owner):
            try:
                async with asyncio.timeout(seconds):
                    has_place = await self._places.acquire(owner)
            except TimeoutError:
                has_place = False
            if not has_place:
                raise ServiceUnavailableError(
                    "too many requests of this key wait", what="processor", retry_after=_RETRY_SECONDS
                )
        return Work(self._places, owner)
