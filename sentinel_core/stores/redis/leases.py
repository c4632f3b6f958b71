"""Which instance asks upstream for a prompt, so that the others can wait for its answer."""

from __future__ import annotations

import asyncio

from sentinel_core.cache.ports import LEASE_SECONDS
from sentinel_core.cache.scope import Query
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import Command, Reply
from sentinel_core.support.clock import Clock

FIRST_PAUSE = 0.025
LONGEST_PAUSE = 1.0
GROWTH = 0.25
_AFTER_END = 0.005  # Redis rounds the rest of a lease to milliseconds


class Leases:
    """
    The leases this instance holds, by its own clock.

    A lease is deleted only before its end by this clock: after it, another instance may hold it. `asking` are the
    leases asked for without an answer yet: one process is one holder, however many of its requests ask.
    """

    def __init__(self, token: str, clock: Clock) -> None:
        self._token = token
        self._monotonic = clock.monotonic
        self._held: dict[str, float] = {}
        self.asking: dict[str, asyncio.Future[bool]] = {}

    def take(self, query: Query, seconds: float) -> list[Command]:
        """
        Try to take the lease, then look for the entry.

        In this order, because holders store before they let go: an instance that finds the lease free and no
        entry is the first.
        """
        milliseconds = str(max(1, int(seconds * 1000)))
        return [
            ("SET", key_names.lease(query), self._token, "NX", "PX", milliseconds),
            ("GET", key_names.entry_of(query)),
        ]

    def renew(self, query: Query) -> list[Command]:
        """Return the command that prolongs a lease that is surely still ours; none otherwise."""
        milliseconds = str(int(LEASE_SECONDS * 1000))
        return [("PEXPIRE", key_names.lease(query), milliseconds)] if self.holds(query) else []

    def rest(self, query: Query) -> Command:
        """Return the command that asks for the milliseconds until the lease ends."""
        return ("PTTL", key_names.lease(query))

    def holds(self, query: Query) -> bool:
        return self._held.get(key_names.lease(query), 0.0) > self._monotonic()

    def note(self, query: Query, until: float) -> None:
        now = self._monotonic()
        self._held = {key: end for key, end in self._held.items() if end > now}
        self._held[key_names.lease(query)] = until

    def give_back(self, query: Query) -> list[Command]:
        held = self.holds(query)
        self._held.pop(key_names.lease(query), None)
        return [("DEL", key_names.lease(query))] if held else []


def pause_after(waited: float, rest: Reply = None) -> float:
    """
    Return the seconds until the next look: a quarter of the time waited so far, within limits.

    `rest` is the reply to `Leases.rest`: a lease that its holder does not renew is taken as it ends.
    """
    pause = min(LONGEST_PAUSE, max(FIRST_PAUSE, waited * GROWTH))
    return min(pause, rest / 1000 + _AFTER_END) if isinstance(rest, int) and rest > 0 else pause
