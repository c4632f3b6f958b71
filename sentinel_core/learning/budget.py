"""A budget of dollars by UTC day, shared by all instances as far as their counters are known."""

from __future__ import annotations

from dataclasses import dataclass

from sentinel_core.cache.ports import Adding, Count, Counts
from sentinel_core.errors import CacheError
from sentinel_core.support.clock import Clock

_DAY = 86_400.0
_UNIT = 1_000_000_000
"""Counters hold billionths of a dollar: a small judge's verdict costs millionths."""


@dataclass(frozen=True, slots=True)
class Spent:
    """A cost on its way to the counter of a day since 1970, UTC."""

    day: int
    adding: Adding


class DailyBudget:
    """
    Dollars that may be spent by one part of the cache each UTC day.

    A call is reserved at its expected cost before it is made, so that calls in flight cannot overspend together.
    Other instances' spending is known from the counters' last totals; until the first, this process's alone.
    """

    def __init__(self, name: str, usd_per_day: float, counts: Counts, clock: Clock) -> None:
        self._name = name
        self._most = usd_per_day
        self._counts = counts
        self._now = clock.now
        self._day = -1
        self._spent = self._reserved = 0.0

    def reserve(self, usd: float) -> bool:
        """Set an expected cost aside; False if the budget does not hold it."""
        self._turn()
        if self._spent + self._reserved + usd > self._most:
            return False
        self._reserved += usd
        return True

    def settle(self, reserved: float, usd: float) -> Spent | None:
        """Replace a reservation by the cost; None where nothing was spent."""
        self._turn()
        self._reserved = max(0.0, self._reserved - reserved)
        self._spent += usd
        amount = round(usd * _UNIT)
        if not amount:
            return None
        count = Count(f"{self._name}:{self._day}", amount, 2 * _DAY)
        return Spent(self._day, self._counts.add([count], keep=True))

    async def learn(self, spent: Spent | None) -> None:
        """Take over the total of all instances while its day lasts; never raises. No request waits for it."""
        if spent is None:
            return
        try:
            totals = await spent.adding.totals()
        except CacheError:
            return
        self._turn()
        if totals and spent.day == self._day:
            self._spent = max(self._spent, totals[0].amount / _UNIT)

    def _turn(self) -> None:
        day = int(self._now() // _DAY)
        if day != self._day:
            self._day, self._spent = day, 0.0
