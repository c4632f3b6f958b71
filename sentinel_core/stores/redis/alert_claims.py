"""Elects the instance that sends an alert: the first to claim it in Redis."""

from __future__ import annotations

import math
import secrets

from sentinel_core.cache.events import Alert
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import checked
from sentinel_core.stores.redis.round_trips import Trips

MAX_MARKS = 1_000
"""Claims without an answer; past it the oldest is forgotten, and might be claimed by another instance."""


class RedisClaims:
    """
    Claims of this instance; each carries a random mark, by which we know our own claim whose reply got lost.

    The mark is made when it is needed: one from a snapshot would be the same in every copy.
    """

    def __init__(self, trips: Trips) -> None:
        self._trips = trips
        self._marks: dict[str, str] = {}

    async def claim(self, alert: Alert) -> bool:
        """Return whether this instance sends the alert; raises StoreError, and may then be called again."""
        mark = self._marks.setdefault(alert.id, secrets.token_hex(8))
        if len(self._marks) > MAX_MARKS:
            del self._marks[next(iter(self._marks))]
        name = key_names.alert(alert.id)
        seconds = str(math.ceil(alert.seconds))
        _, holder = checked(await self._trips.run([("SET", name, mark, "NX", "EX", seconds), ("GET", name)]))
        self._marks.pop(alert.id, None)
        return holder == mark
