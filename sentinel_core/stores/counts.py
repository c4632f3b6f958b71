"""Counters with an end: in this process, or in Redis for all instances, on round trips that are made anyway."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import cast

from sentinel_core.errors import StoreError
from sentinel_core.ports import Adding, Count, Total
from sentinel_core.stores import keys
from sentinel_core.stores.trips import Trips
from sentinel_core.stores.wires import Command, Reply

_MOST = 100_000


class MemoryCounts:
    """`Counts` of this process alone; those that have ended are swept out when there are many."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._counters: dict[str, tuple[int, float]] = {}

    def add(self, counts: Sequence[Count], *, keep: bool = False) -> Adding:
        return _Added([self._add(count) for count in counts])

    def _add(self, count: Count) -> Total:
        now = self._monotonic()
        amount, ends = self._counters.get(count.name, (0, math.inf))
        if ends <= now or ends == math.inf:
            amount, ends = 0, now + count.seconds
        if count.amount:
            self._counters[count.name] = amount + count.amount, ends
        if len(self._counters) > _MOST:
            self._counters = {name: kept for name, kept in self._counters.items() if kept[1] > now}
        return Total(amount + count.amount, ends - now)


class _Added:
    def __init__(self, totals: Sequence[Total]) -> None:
        self._totals = totals

    async def totals(self) -> Sequence[Total]:
        return self._totals


class RedisCounts:
    """
    `Counts` in Redis.

    A counter gets its end when it begins, by the server's clock. What is to be kept and did not arrive
    travels again with the next counts; what arrived without an answer is then counted twice.
    """

    def __init__(self, trips: Trips) -> None:
        self._trips = trips
        self._kept: list[Count] = []

    def add(self, counts: Sequence[Count], *, keep: bool = False) -> _Riding:
        late = list(self._kept)
        self._kept.clear()
        if late:
            self._ride(late, keep=True)
        return self._ride(counts, keep=keep)

    def _ride(self, counts: Sequence[Count], *, keep: bool) -> _Riding:
        commands = [command for count in counts for command in _commands(count)]
        lost = partial(self._kept.extend, counts) if keep else None
        return _Riding(self._trips, counts, self._trips.ride(commands, lost))


class _Riding:
    def __init__(self, trips: Trips, counts: Sequence[Count], replies: asyncio.Future[list[Reply]]) -> None:
        self._trips = trips
        self._counts = counts
        self._replies = replies

    async def totals(self) -> Sequence[Total]:
        if not self._replies.done():
            await self._trips.run([])  # nobody came by; where somebody did, this sends nothing
        replies = iter(await asyncio.shield(self._replies))
        return [_total(count, [next(replies) for _ in _commands(count)]) for count in self._counts]


def _commands(count: Count) -> list[Command]:
    """The amount first, the time left last."""
    name = keys.count(count.name)
    if not count.amount:
        return [("GET", name), ("PTTL", name)]
    return [
        ("INCRBY", name, str(count.amount)),
        ("EXPIRE", name, str(math.ceil(count.seconds)), "NX"),
        ("PTTL", name),
    ]


def _total(count: Count, replies: Sequence[Reply]) -> Total:
    for reply in replies:
        if isinstance(reply, StoreError):
            raise reply
    try:
        amount, left = int(cast("str | int", replies[0] or 0)), int(cast("str | int", replies[-1] or 0))
    except (ValueError, TypeError) as error:
        raise StoreError("a counter is not a number") from error
    return Total(amount, left / 1000 if left > 0 else count.seconds)
