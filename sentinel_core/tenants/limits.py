"""Enforces a key's limits on requests, tokens and dollars, from counters that all instances share."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sentinel_core.cache.events import NO_EVENTS, Events
from sentinel_core.cache.ports import Adding, Counts, Total
from sentinel_core.errors import BudgetSpentError, RateLimitedError, StoreError
from sentinel_core.support.bounded import BoundedMap
from sentinel_core.support.clock import Clock
from sentinel_core.telemetry.alerts import NANO, PERCENTS
from sentinel_core.tenants import budget_alerts
from sentinel_core.tenants.api_key import ApiKey, Limits
from sentinel_core.tenants.limit_plan import DAY_SECONDS, Budget, Plan, RateState, planned

_log = logging.getLogger("sentinel")
BUSY_SECONDS = 1.0
"""`Retry-After` of a request over the limit of concurrent requests."""

MOST_ACCOUNTS = 10_000
IDLE_SECONDS = 2.0 * DAY_SECONDS
"""Accounts unused for longer are dropped: a key's spending is in the counters, and read again with its next request."""


@dataclass(slots=True)
class Account:
    """A key's counters of today; `spent` is billionths of a dollar by budget, as last read, plus charges since."""

    plan: Plan
    spent: dict[str, int] = field(default_factory=dict)

    def renew(self, plan: Plan) -> None:
        """Take the plan of another day, or of the key read again, and keep the budgets that go on."""
        names = {budget.counter.name for budget in plan.budgets}
        self.plan = plan
        self.spent = {name: nano for name, nano in self.spent.items() if name in names}


class Limiter:
    """
    Makes a meter for each request.

    While the counters do not answer, rates are not limited unless `is_rate_strict`; misses are refused unless
    `is_budget_lax`, if the budget is spent as far as is known here, or if nothing is known. An alert is found for
    each share of a budget that is spent, again with each request. Holds at most `MOST_ACCOUNTS` keys.
    """

    def __init__(
        self,
        counts: Counts,
        *,
        clock: Clock,
        is_rate_strict: bool = False,
        is_budget_lax: bool = False,
        events: Events = NO_EVENTS,
    ) -> None:
        self.counts = counts
        self.now = clock.now
        self.is_rate_strict = is_rate_strict
        self.is_budget_lax = is_budget_lax
        self.events = events
        self.running: Counter[str] = Counter()
        self.accounts: BoundedMap[str, Account] = BoundedMap(MOST_ACCOUNTS, idle_seconds=IDLE_SECONDS, clock=clock)

    def account(self, key: ApiKey) -> Account:
        """Return the key's account with the plan of today, made once a day and when the key was read again."""
        day = int(self.now() // DAY_SECONDS)
        account = self.accounts.get(key.sha256)
        if account is None:
            account = Account(planned(key, day))
            self.accounts.put(key.sha256, account)
        elif account.plan.key is not key or account.plan.day != day:
            account.renew(planned(key, day))
        return account

    def meter(self, key: ApiKey) -> KeyMeter:
        """Begin to count a request."""
        return KeyMeter(self, key)


class KeyMeter:
    """
    A `Meter` of one request; `close` it when the request is over.

    `rates` are the states of the key's limits once the request was admitted or refused; empty before that.
    """

    def __init__(self, limiter: Limiter, key: ApiKey) -> None:
        self.rates: Sequence[RateState] = ()
        self._limiter = limiter
        self._key = key
        self._error: StoreError | None = None
        self._admitted: Mapping[str, int] = {}
        self._charging: Adding | None = None
        self._is_running = False
        self._plan = limiter.account(key).plan
        self._adding = limiter.counts.add(self._plan.counts)

    async def admit(self) -> None:
        limits = self._key.limits
        self._take_place(limits)
        try:
            totals = await self._adding.totals()
        except StoreError as error:
            self._error = error
            if self._limiter.is_rate_strict and (limits.requests_per_minute or limits.tokens_per_minute):
                raise RateLimitedError(
                    "limits cannot be checked now", code="limits_unavailable", retry_after=BUSY_SECONDS
                ) from error
            return
        rates = self._plan.rates
        self._note_spent(totals[len(rates) :])
        self.rates = [rate.state(total) for rate, total in zip(rates, totals, strict=False)]
        for rate, total in zip(rates, totals, strict=False):
            if rate.refuses(total.amount):
                raise rate.refusal(total)

    def forward(self) -> None:
        if self._error is not None and self._limiter.is_budget_lax:
            return
        account = self._limiter.account(self._key)
        for count, budget, period in account.plan.budgets:
            # A day or a month that began since the request was admitted is not known yet: the one before decides.
            spent = account.spent.get(count.name, self._admitted.get(period))
            if spent is None or spent >= budget * NANO:
                raise BudgetSpentError(
                    f"this key's budget of ${budget:g} a {period} is spent, or cannot be checked;"
                    " stored answers are still served",
                    code="budget_spent",
                )

    def charge(self, tokens: int, cost_usd: float | None) -> None:
        nano = round((cost_usd or 0.0) * NANO)
        account = self._limiter.account(self._key)
        plan = account.plan
        counts = [budget.counter._replace(amount=nano) for budget in plan.budgets if nano]
        for count in counts:
            account.spent[count.name] = account.spent.get(count.name, 0) + nano
        if nano:
            self._alert(account)
        counts += [rate.counter._replace(amount=tokens) for rate in plan.rates if tokens and rate.unit == "tokens"]
        if counts:
            self._charging = self._limiter.counts.add(counts, keep=True)

    async def settle(self) -> None:
        if self._charging is not None:
            try:
                await self._charging.totals()
            except StoreError:
                _log.warning("charge.late", extra={"fields": {"tenant": self._key.tenant, "key": self._key.id}})

    def close(self) -> None:
        if self._is_running:
            self._is_running = False
            running, sha256 = self._limiter.running, self._key.sha256
            running[sha256] -= 1
            if not running[sha256]:
                del running[sha256]

    def _take_place(self, limits: Limits) -> None:
        running = self._limiter.running
        if limits.concurrent_requests is None:
            return
        if running[self._key.sha256] >= limits.concurrent_requests:
            raise RateLimitedError(
                f"this key may have {limits.concurrent_requests} requests under way at once",
                code="too_many_concurrent_requests",
                retry_after=BUSY_SECONDS,
            )
        running[self._key.sha256] += 1
        self._is_running = True

    def _note_spent(self, totals: Sequence[Total]) -> None:
        account, budgets = self._limiter.account(self._key), self._plan.budgets
        self._admitted = {budget.period: total.amount for budget, total in zip(budgets, totals, strict=True)}
        account.spent |= {budget.counter.name: self._admitted[budget.period] for budget in budgets}
        self._alert(account)

    def _alert(self, account: Account) -> None:
        """Raise the alerts of all shares spent, those that another instance reached but did not send included."""
        for budget, spent in _nearly_spent(account):
            for alert in budget_alerts.of_budget(
                self._key,
                budget.counter,
                spent=spent,
                budget_usd=budget.usd,
                period=budget.period,
                now=self._limiter.now(),
            ):
                self._limiter.events.alert_found(alert)


def _nearly_spent(account: Account) -> Iterator[tuple[Budget, int]]:
    for budget in account.plan.budgets:
        spent = account.spent.get(budget.counter.name, 0)
        if spent * 100 >= budget.usd * NANO * PERCENTS[0]:
            yield budget, spent
