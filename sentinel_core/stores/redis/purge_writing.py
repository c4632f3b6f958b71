"""Writes purges to their log in Redis, and keeps the log within its length."""

from __future__ import annotations

from contextlib import suppress

from sentinel_core.cache.purge import Purge
from sentinel_core.errors import StoreError
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import Command, checked, listed
from sentinel_core.stores.redis.known_purges import SPARE, floor_item, item_of, stamp, text_of
from sentinel_core.stores.redis.round_trips import Trips


async def write(trips: Trips, purge: Purge) -> None:
    """Write a purge, and return when it is known here; raises StoreError."""
    writing, superfluous = trips.purges.room_for(purge)
    adding: list[Command] = [("XADD", key_names.PURGES, "*", *item_of(each)) for each in writing]
    *_, length = checked(await trips.run([*adding, ("XLEN", key_names.PURGES)]))
    if superfluous:  # only now, for a full Redis refuses to add, but not to delete
        trips.later([("XDEL", key_names.PURGES, *map(text_of, superfluous))])
    await trips.catch_up()
    excess = int(str(length)) - len(superfluous) - trips.purges.length - SPARE
    if excess > 0:
        with suppress(StoreError):  # the next purge tries again
            await _trim(trips, excess)


async def _trim(trips: Trips, excess: int) -> None:
    """Mark the oldest items as gone, then delete them: an instance that starts later must know that they were."""
    [reply] = checked(await trips.run([("XRANGE", key_names.PURGES, "-", "+", "COUNT", str(excess))]))
    oldest = listed(reply)
    if not oldest:
        return
    time, sequence = last = stamp(listed(oldest[-1], 2)[0])
    checked(await trips.run([("XADD", key_names.PURGES, "*", *floor_item(last))]))
    trips.later([("XTRIM", key_names.PURGES, "MINID", text_of((time, sequence + 1)))])
    await trips.catch_up()
