"""Watches the spending of all instances together, and raises an alert when it jumps."""

from __future__ import annotations

from contextlib import suppress

from sentinel_core.cache.events import Events
from sentinel_core.cache.ports import Adding, Count, Counts
from sentinel_core.errors import StoreError
from sentinel_core.support.background import Background
from sentinel_core.support.clock import Clock
from sentinel_core.telemetry import alerts
from sentinel_core.telemetry.alerts import EARLIER, NANO, WINDOW

_SHARE = 1 / 16
"""Of the least spike: so much an instance keeps to itself, for `_SECONDS`; an answer alone is seldom worth a count."""

_SECONDS = 60.0


class Spending:
    """
    Counts dollars by window of time, and compares each window with those before.

    A spike is `least_usd` or more, and more than `times` the mean. The comparison runs in the background.
    """

    def __init__(
        self,
        counts: Counts,
        *,
        clock: Clock,
        background: Background,
        events: Events,
        least_usd: float,
        times: float,
    ) -> None:
        self._counts = counts
        self._now = clock.now
        self._events = events
        self._least_usd = least_usd
        self._times = times
        self._uncounted = 0
        self._counted_at = self._now()
        self._background = background

    def add(self, cost_usd: float) -> None:
        """Note an answer's cost; must be called where an event loop runs."""
        now = self._now()
        self._uncounted += round(cost_usd * NANO)
        is_due = now - self._counted_at >= _SECONDS or self._uncounted >= _SHARE * self._least_usd * NANO
        if not self._uncounted or not is_due:
            return
        # Counted at once, so that it travels with the round trip that stores the answer.
        adding = self._counts.add([_count(alerts.window(now), self._uncounted)], keep=True)
        self._uncounted, self._counted_at = 0, now
        self._background.begin(self._judge(adding, now))

    async def _judge(self, adding: Adding, now: float) -> None:
        with suppress(StoreError):
            [total] = await adding.totals()
            if total.amount < self._least_usd * NANO:
                return
            before = [_count(alerts.window(now) - ago, 0) for ago in range(1, EARLIER + 1)]
            earlier = [each.amount for each in await self._counts.add(before).totals()]
            found = alerts.of_spending(total.amount, earlier, least_usd=self._least_usd, times=self._times, now=now)
            if found is not None:
                self._events.alert_found(found)


def _count(window: int, nano: int) -> Count:
    return Count(f"spending:{window}", nano, (EARLIER + 2) * WINDOW)
