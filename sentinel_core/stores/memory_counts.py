"""Counters with an expiry, in this process alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sentinel_core.cache.ports import Adding, Count, Total
from sentinel_core.support.clock import Clock

_SWEEP_FROM = 100_000


class MemoryCounts:
    """`Counts` of this process; expired counters are swept out when there are many."""

    def __init__(self, clock: Clock) -> None:
        self._monotonic = clock.monotonic
        self._counters: dict[str, tuple[int, float]] = {}
        self._sweep_at = _SWEEP_FROM

    def add(self, counts: Sequence[Count], *, keep: bool = False) -> Adding:
        now = self._monotonic()
        totals = [self._add(count, now) for count in counts]
        if len(self._counters) > self._sweep_at:
            self._counters = {name: counter for name, counter in self._counters.items() if counter[1] > now}
            self._sweep_at = max(_SWEEP_FROM, 2 * len(self._counters))
        return _Added(totals)

    def forget(self, name: str) -> bool:
        """Forget a counter; return whether there was one."""
        return self._counters.pop(name, None) is not None

    def _add(self, count: Count, now: float) -> Total:
        amount, ends = self._counters.get(count.name, (0, math.inf))
        if ends <= now or ends == math.inf:
            amount, ends = 0, now + count.seconds
        if count.amount:
            self._counters[count.name] = amount + count.amount, ends
        return Total(amount + count.amount, ends - now)


class _Added:
    def __init__(self, totals: Sequence[Total]) -> None:
        self._totals = totals

    async def totals(self) -> Sequence[Total]:
        return self._totals
