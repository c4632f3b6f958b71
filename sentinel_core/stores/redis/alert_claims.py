"""Which instance tells of an event: the first that asks Redis."""

from __future__ import annotations

import math
import secrets

from sentinel_core.cache.events import Alert
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import checked
from sentinel_core.stores.redis.round_trips import Trips


class RedisClaims:
    """
    Each claim has a mark of its own, by which one whose reply got lost is known again as ours.

    It is made when it is needed: one from a snapshot would be the same in every copy.
    """

    def __init__(self, trips: Trips) -> None:
        self._trips = trips
        self._marks: dict[str, str] = {}

    async def claim(self, alert: Alert) -> bool:
        """Return whether it is ours to tell; raises StoreError, and may then be asked again."""
        mark = self._marks.setdefault(alert.id, secrets.token_hex(8))
        name = key_names.alert(alert.id)
        seconds = str(math.ceil(alert.seconds))
        _, holder = checked(await self._trips.run([("SET", name, mark, "NX", "EX", seconds), ("GET", name)]))
        del self._marks[alert.id]
        return holder == mark
