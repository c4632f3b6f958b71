"""Counters with an expiry, in Redis for all instances, on round trips that are made anyway."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from functools import partial
from typing import cast

from sentinel_core.cache.ports import Count, Total
from sentinel_core.errors import StoreError
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.cargo import Load, may_pass
from sentinel_core.stores.redis.connection import Command, Reply, checked, listed
from sentinel_core.stores.redis.kept_counts import KeptCounts
from sentinel_core.stores.redis.round_trips import Trips
from sentinel_core.support.clock import Clock

MAX_ENDS = 50_000
_MARGIN = 2.0
"""Seconds before its end from which on a counter is treated as new: longer than a round trip may take."""


class RedisCounts:
    """
    `Counts` in Redis.

    A counter gets its expiry with its first amount, by the server's clock. Each instance asks once when that
    is; until shortly before it, adding is one command, and reading several counters is one more. A total read
    of a counter that another instance began reports its longest time, and asks with the next reading.

    An amount to be kept that did not arrive is added up with others of its counter, and travels with a later
    round trip. If only the answer was lost, it counts twice.
    """

    def __init__(self, trips: Trips, clock: Clock) -> None:
        self._trips = trips
        self._monotonic = clock.monotonic
        self._kept = KeptCounts()
        trips.queues.append(self._kept)
        self._ends: dict[str, float] = {}
        """By the clock here; 0.0 for a counter that exists, and whose expiry was not asked for."""

    def add(self, counts: Sequence[Count], *, keep: bool = False) -> _Riding:
        """Add with the next round trip; raises nothing."""
        until = self._monotonic() + _MARGIN
        unknown = [count for count in counts if self._ends.get(count.name, 0.0 if count.amount else math.inf) < until]
        replies: asyncio.Future[list[Reply]] = asyncio.get_running_loop().create_future()
        unload = partial(self._unload, replies, counts if keep else ())
        self._trips.ride(Load(_commands(counts, unknown), unload))
        return _Riding(self, self._trips, counts, unknown, replies)

    def learn(self, unknown: Sequence[Count], left: Sequence[Reply]) -> None:
        """Note when counters expire, from the replies to PTTL."""
        if len(self._ends) > MAX_ENDS:
            self._ends.clear()
        now = self._monotonic()
        for count, reply in zip(unknown, left, strict=True):
            if (milliseconds := _number(reply)) > 0:
                self._ends[count.name] = now + milliseconds / 1000
            else:
                self._ends.pop(count.name, None)

    def total(self, count: Count, amount: int) -> Total:
        """Return a counter's value and expiry; one that does not exist would last for all of its time."""
        if amount:
            self._ends.setdefault(count.name, 0.0)
        left = self._ends.get(count.name, 0.0) - self._monotonic()
        return Total(amount, left if left > 0 else count.seconds)

    def _unload(
        self, waiting: asyncio.Future[list[Reply]], keep: Sequence[Count], replies: Sequence[Reply] | None
    ) -> None:
        self._kept.add(_lost(keep, replies), self._monotonic())
        if waiting.done():
            return
        if replies is None:
            waiting.set_exception(StoreError("the round trip failed"))
            waiting.exception()  # marks it as seen, or asyncio warns where no caller awaits it
        else:
            waiting.set_result(list(replies))


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
            await self._trips.run([])  # sends nothing if another round trip took them along
        replies = checked(self._replies.result() if self._replies.done() else await asyncio.shield(self._replies))
        only_read = _only_read(self._counts)
        read = listed(replies.pop(0), len(only_read)) if only_read else []
        self._counters.learn(self._unknown, replies[len(replies) - len(self._unknown) :])
        added, unchanged = iter(replies), iter(read)
        return [
            self._counters.total(count, _number(next(added) if count.amount else next(unchanged)))
            for count in self._counts
        ]


def _lost(counts: Sequence[Count], replies: Sequence[Reply] | None) -> Sequence[Count]:
    """Return the counts whose amounts did not arrive, all of them if the round trip failed."""
    if replies is None or not counts:
        return counts
    adding = [count for count in counts if count.amount]
    first = 1 if len(adding) < len(counts) else 0  # after the MGET
    return [count for count, reply in zip(adding, replies[first:], strict=False) if may_pass(reply)]


def _commands(counts: Sequence[Count], unknown: Sequence[Count]) -> list[Command]:
    """Commands in fixed order: one MGET for reads, then INCRBYs, EXPIREs, and PTTLs of counters of unknown expiry."""
    read = _only_read(counts)
    commands: list[Command] = [("MGET", *map(_key, read))] if read else []
    commands += [("INCRBY", _key(count), str(count.amount)) for count in counts if count.amount]
    commands += [("EXPIRE", _key(count), str(math.ceil(count.seconds)), "NX") for count in unknown if count.amount]
    return [*commands, *(("PTTL", _key(count)) for count in unknown)]


def _only_read(counts: Sequence[Count]) -> list[Count]:
    return [count for count in counts if not count.amount]


def _key(count: Count) -> str:
    return key_names.count(count.name)


def _number(reply: Reply) -> int:
    """Read a count, 0 for a missing counter; raise StoreError for any other reply."""
    try:
        return int(cast("str | int", reply or 0))
    except (ValueError, TypeError) as error:
        raise StoreError("a counter is not a number") from error
