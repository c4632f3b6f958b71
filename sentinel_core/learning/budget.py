"""A budget of dollars by UTC day, shared by all instances as far as their counters are known."""

from __future__ import annotations

from dataclasses import dataclass, field

from sentinel_core.cache.ports import Adding, Count, Counts
from sentinel_core.errors import CacheError
from sentinel_core.support.bounded import BoundedMap
from sentinel_core.support.clock import Clock

_DAY = 86_400.0
_UNIT = 1_000_000_000
"""Counters hold billionths of a dollar: a small judge's verdict costs millionths."""
SHARE = 0.75
"""Of a day's dollars, the most for one key; so that another one finds some, though the first never stops."""
MOST_OWNERS = 4_096
"""Keys whose spending is known in this process; that of the least recently used is forgotten."""


@dataclass(frozen=True, slots=True)
class Spent:
    """A cost on its way to the counter of a day since 1970, UTC."""

    day: int
    adding: Adding
    owner: str = ""


@dataclass(slots=True)
class _Account:
    """Dollars of a day."""

    spent: float = 0.0
    reserved: float = 0.0

    def holds(self, usd: float, most: float) -> bool:
        return self.spent + self.reserved + usd <= most

    def settle(self, reserved: float, usd: float) -> None:
        self.reserved = max(0.0, self.reserved - reserved)
        self.spent += usd

    def learn(self, amount: int) -> None:
        self.spent = max(self.spent, amount / _UNIT)


@dataclass(slots=True)
class _Accounts:
    """One of all keys together, and one of each key."""

    whole: _Account = field(default_factory=_Account)
    owners: BoundedMap[str, _Account] = field(default_factory=lambda: BoundedMap(MOST_OWNERS))

    def of(self, owner: str) -> list[tuple[_Account, float]]:
        """Return the accounts on which a key's call is booked, each with its share of the budget."""
        if not owner:
            return [(self.whole, 1.0)]
        own = self.owners.get(owner)
        if own is None:
            self.owners.put(owner, own := _Account())
        return [(self.whole, 1.0), (own, SHARE)]

    def end_day(self) -> None:
        """Forget what was spent; calls under way will be paid by the day they end."""
        for account in (self.whole, *(each for _, each in self.owners.items())):
            account.spent = 0.0


class DailyBudget:
    """
    Dollars that may be spent by one part of the cache each UTC day.

    A call is reserved at its expected cost before it is made, so that calls in flight cannot overspend together. Of
    one key they may take three quarters; calls without a key, as of an open server, all of it.
    Other instances' spending is known from the counters' last totals; until the first, this process's alone.
    """

    def __init__(self, name: str, usd_per_day: float, counts: Counts, clock: Clock) -> None:
        self._name = name
        self._most = usd_per_day
        self._counts = counts
        self._now = clock.now
        self._day = -1
        self._accounts = _Accounts()

    def reserve(self, usd: float, owner: str = "") -> bool:
        """Set an expected cost of a key's call aside; False if the budget, or the key's share of it, is too small."""
        self._turn()
        accounts = self._accounts.of(owner)
        if not all(account.holds(usd, share * self._most) for account, share in accounts):
            return False
        for account, _ in accounts:
            account.reserved += usd
        return True

    def settle(self, reserved: float, usd: float, owner: str = "") -> Spent | None:
        """Replace a reservation by the cost; None where nothing was spent."""
        self._turn()
        for account, _ in self._accounts.of(owner):
            account.settle(reserved, usd)
        amount = round(usd * _UNIT)
        if not amount:
            return None
        names = [f"{self._name}:{self._day}", *([f"{self._name}:{self._day}:{owner}"] if owner else [])]
        counts = [Count(name, amount, 2 * _DAY) for name in names]
        return Spent(self._day, self._counts.add(counts, keep=True), owner)

    async def learn(self, spent: Spent | None) -> None:
        """Take over the totals of all instances while their day lasts; never raises. No request waits for it."""
        if spent is None:
            return
        try:
            totals = await spent.adding.totals()
        except CacheError:
            return
        self._turn()
        if spent.day == self._day:
            for (account, _), total in zip(self._accounts.of(spent.owner), totals, strict=False):
                account.learn(total.amount)

    def _turn(self) -> None:
        day = int(self._now() // _DAY)
        if day != self._day:
            self._day = day
            self._accounts.end_day()
