"""Charges that did not reach Redis: added up by counter until a later round trip carries them."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import islice

from sentinel_core.cache.ports import Count
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.cargo import CARRIED, Load, may_pass
from sentinel_core.stores.redis.connection import Command, Reply

MAX_COUNTERS = 50_000
"""More than the directory knows keys, times the counters of a key."""

_log = logging.getLogger("sentinel")


class KeptCounts:
    """
    A `Queue` of amounts by counter.

    A counter whose time is over is dropped: its amount counts for nothing any more. So is, past
    `MAX_COUNTERS`, the one that ends first, with a line in the log.
    """

    def __init__(self) -> None:
        self._kept: dict[str, Count] = {}
        self._ends: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, counts: Sequence[Count], now: float) -> None:
        """Keep amounts until they are taken; `now` is the monotonic clock."""
        for count in counts:
            if count.amount:
                self._add(count, self._ends.get(count.name, now + count.seconds))
        if len(self._kept) > MAX_COUNTERS:
            self._shrink(now)

    def take(self, now: float, *, is_flush: bool = False) -> Load | None:
        """Take up to `CARRIED` counters, the longest kept first; lost ones are kept again."""
        taken = {name: (self._kept.pop(name), self._ends.pop(name)) for name in list(islice(self._kept, CARRIED))}
        alive = {name: (count, end) for name, (count, end) in taken.items() if end > now}
        if not alive:
            return None
        return Load(_commands(alive, now), partial(self._unload, alive))

    def _add(self, count: Count, end: float) -> None:
        before = self._kept.get(count.name)
        amount = count.amount + (0 if before is None else before.amount)
        self._kept[count.name] = count._replace(amount=amount)
        self._ends[count.name] = end

    def _unload(self, taken: Mapping[str, tuple[Count, float]], replies: Sequence[Reply] | None) -> None:
        for number, (count, end) in enumerate(taken.values()):
            if replies is None or may_pass(replies[2 * number]):
                self._add(count, end)

    def _shrink(self, now: float) -> None:
        """Drop a tenth more than needed, so that it is not done for every amount."""
        excess = len(self._kept) - MAX_COUNTERS + MAX_COUNTERS // 10
        lost = sorted(self._ends, key=self._ends.__getitem__)[:excess]
        late = sum(self._ends[name] > now for name in lost)
        for name in lost:
            del self._kept[name], self._ends[name]
        if late:
            _log.error("charges.lost", extra={"fields": {"counters": late}})


def _commands(taken: Mapping[str, tuple[Count, float]], now: float) -> list[Command]:
    """Two commands a counter: add, and set its expiry if it has none."""
    return [
        command
        for name, (count, end) in taken.items()
        for command in (
            ("INCRBY", key_names.count(name), str(count.amount)),
            ("EXPIRE", key_names.count(name), str(math.ceil(end - now)), "NX"),
        )
    ]
