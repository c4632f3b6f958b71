"""Counters with an expiry, in Redis for all instances, on round trips that are made anyway."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import cast

from sentinel_core.cache.ports import Count, Total
from sentinel_core.errors import StoreError
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import Command, Reply, checked, listed
from sentinel_core.stores.redis.round_trips import Trips
from sentinel_core.support.clock import Clock

_MAX_ENDS = 100_000
_MARGIN = 2.0
"""Seconds before its end from which on a counter is treated as new: longer than a round trip may take."""


class RedisCounts:
    """
    `Counts` in Redis.

    A counter gets its end when it begins, by the server's clock. When that is, each instance asks once: until
    shortly before it, an amount is one command, and all that is only read is one more. Who reads of a counter
    that others have begun is told its longest time, and asks with the next reading.

    What is to be kept and did not arrive travels again with the next counts; what arrived without an answer is
    then counted twice.
    """

    def __init__(self, trips: Trips, clock: Clock) -> None:
        self._trips = trips
        self._monotonic = clock.monotonic
        self._kept: list[Count] = []
        self._ends: dict[str, float] = {}
        """By the clock here; 0.0 for a counter that is there and was not asked for its end."""

    def add(self, counts: Sequence[Count], *, keep: bool = False) -> _Riding:
        self.resend()
        return self._ride(counts, keep=keep)

    def resend(self) -> None:
        """Have the kept counts that did not arrive sent with the next round trip."""
        late = list(self._kept)
        self._kept.clear()
        if late:
            self._ride(late, keep=True)

    def _ride(self, counts: Sequence[Count], *, keep: bool) -> _Riding:
        until = self._monotonic() + _MARGIN
        unknown = [count for count in counts if self._ends.get(count.name, 0.0 if count.amount else math.inf) < until]
        lost = partial(self._kept.extend, counts) if keep else None
        commands = _commands(tuple(counts), tuple(unknown))
        return _Riding(self, self._trips, counts, unknown, self._trips.ride(commands, lost))

    def learn(self, unknown: Sequence[Count], left: Sequence[Reply]) -> None:
        """Note when counters end, from what PTTL returned."""
        if len(self._ends) > _MAX_ENDS:
            self._ends.clear()
        now = self._monotonic()
        for count, reply in zip(unknown, left, strict=True):
            if (milliseconds := _number(reply)) > 0:
                self._ends[count.name] = now + milliseconds / 1000
            else:
                self._ends.pop(count.name, None)

    def total(self, count: Count, amount: int) -> Total:
        """Say how a counter stands, and when it ends; one that is not there would be there for all of its time."""
        if amount:
            self._ends.setdefault(count.name, 0.0)
        left = self._ends.get(count.name, 0.0) - self._monotonic()
        return Total(amount, left if left > 0 else count.seconds)


class _Riding:
    def __init__(
        self,
        counters: RedisCounts,
        trips: Trips,
        counts: Sequence[Count],
        unknown: Sequence[Count],
        replies: asyncio.Future[list[Reply]],
    ) -> None:
        self._counters = counters
        self._trips = trips
        self._counts = counts
        self._unknown = unknown
        self._replies = replies

    async def totals(self) -> Sequence[Total]:
        if not self._replies.done():
            await self._trips.run([])  # nobody came by; where somebody did, this sends nothing
        replies = checked(self._replies.result() if self._replies.done() else await asyncio.shield(self._replies))
        only_read = _only_read(self._counts)
        read = listed(replies.pop(0), len(only_read)) if only_read else []
        self._counters.learn(self._unknown, replies[len(replies) - len(self._unknown) :])
        added, seen = iter(replies), iter(read)
        return [
            self._counters.total(count, _number(next(added) if count.amount else next(seen))) for count in self._counts
        ]


@lru_cache(maxsize=1_024)
def _commands(counts: tuple[Count, ...], unknown: tuple[Count, ...]) -> Sequence[Command]:
    """
    What is only read first, then the amounts, and last the time left of those of which it is not known.

    The same for every request of a key, but once a minute.
    """
    read = _only_read(counts)
    commands: list[Command] = [("MGET", *map(_key, read))] if read else []
    commands += [("INCRBY", _key(count), str(count.amount)) for count in counts if count.amount]
    commands += [("EXPIRE", _key(count), str(math.ceil(count.seconds)), "NX") for count in unknown if count.amount]
    return (*commands, *(("PTTL", _key(count)) for count in unknown))


def _only_read(counts: Sequence[Count]) -> list[Count]:
    return [count for count in counts if not count.amount]


def _key(count: Count) -> str:
    return key_names.count(count.name)


def _number(reply: Reply) -> int:
    """Raises StoreError for what is none."""
    try:
        return int(cast("str | int", reply or 0))
    except (ValueError, TypeError) as error:
        raise StoreError("a counter is not a number") from error
