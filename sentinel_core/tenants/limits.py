"""What a key may spend in requests, tokens and dollars: counted everywhere, judged here."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, MutableMapping, Sequence

from sentinel_core.cache.ports import Adding, Counts, Total
from sentinel_core.errors import BudgetSpentError, RateLimitedError, StoreError
from sentinel_core.telemetry.alerts import NANO, PERCENTS, Alert
from sentinel_core.tenants import budget_alerts
from sentinel_core.tenants.api_key import ApiKey, Limits
from sentinel_core.tenants.limit_plan import _DAY_SECONDS, Plan, planned

_log = logging.getLogger("sentinel")
BUSY_SECONDS = 1.0
"""What someone is told to wait who has too many requests under way."""


class Limiter:
    """
    Makes a meter for each request.

    While the counts cannot be had, rates are not limited unless `is_rate_strict`; misses are refused where a
    budget was spent as far as is known here, or nothing is known, unless `is_budget_lax`. `on_alert` hears which
    shares of a budget are spent, again with each request.
    """

    def __init__(
        self,
        counts: Counts,
        *,
        now: Callable[[], float],
        is_rate_strict: bool = False,
        is_budget_lax: bool = False,
        on_alert: Callable[[Alert], None] = lambda _: None,
    ) -> None:
        self.counts = counts
        self.now = now
        self.is_rate_strict = is_rate_strict
        self.is_budget_lax = is_budget_lax
        self.on_alert = on_alert
        self.running: Counter[str] = Counter()
        self.known: dict[str, int] = {}
        """Billionths of a dollar by counter, as last heard and with what was spent here since."""
        self._plans: dict[str, Plan] = {}

    def plan(self, key: ApiKey) -> Plan:
        """Return what is counted today; made once a day for each key, and anew when the key was read again."""
        day = int(self.now() // _DAY_SECONDS)
        plan = self._plans.get(key.sha256)
        if plan is None or plan.key is not key or plan.day != day:
            plan = self._plans[key.sha256] = planned(key, day)
        return plan

    def meter(self, key: ApiKey, told: MutableMapping[bytes, bytes]) -> KeyMeter:
        """Begin to count a request; `told` receives the headers of its answer."""
        return KeyMeter(self, key, told)


class KeyMeter:
    """A `Meter` of one request; `close` it when the request is over."""

    def __init__(self, limiter: Limiter, key: ApiKey, told: MutableMapping[bytes, bytes]) -> None:
        self._limiter = limiter
        self._key = key
        self._told = told
        self._error: StoreError | None = None
        self._charging: Adding | None = None
        self._is_running = False
        self._plan = limiter.plan(key)
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
                    "limits cannot be checked just now", code="limits_unavailable", retry_after=BUSY_SECONDS
                ) from error
            return
        rates = self._plan.rates
        self._note_spent(totals[len(rates) :])
        for rate, total in zip(rates, totals, strict=False):
            rate.tell(total, self._told)
        for rate, total in zip(rates, totals, strict=False):
            if rate.refuses(total.amount):
                raise rate.refusal(total)

    def forward(self) -> None:
        if self._error is not None and self._limiter.is_budget_lax:
            return
        for count, budget, period in self._limiter.plan(self._key).budgets:
            spent = self._limiter.known.get(count.name)
            if spent is None or spent >= budget * NANO:
                raise BudgetSpentError(
                    f"this key's budget of ${budget:g} a {period} is spent, or cannot be checked;"
                    " stored answers are still served",
                    code="budget_spent",
                )

    def charge(self, tokens: int, cost_usd: float | None) -> None:
        nano = round((cost_usd or 0.0) * NANO)
        plan = self._limiter.plan(self._key)
        counts = [budget.counter._replace(amount=nano) for budget in plan.budgets if nano]
        for count in counts:
            self._limiter.known[count.name] = self._limiter.known.get(count.name, 0) + nano
        if nano:
            self._alert(plan)
        counts += [rate.counter._replace(amount=tokens) for rate in plan.rates if tokens and rate.what == "tokens"]
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
            self._limiter.running -= Counter({self._key.sha256: 1})

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
        for budget, total in zip(self._plan.budgets, totals, strict=True):
            self._limiter.known[budget.counter.name] = total.amount
        self._alert(self._plan)

    def _alert(self, plan: Plan) -> None:
        """Tell how far the budgets are spent: what another instance was about to tell when it died is told here."""
        for count, budget, period in plan.budgets:
            spent = self._limiter.known.get(count.name, 0)
            if spent * 100 < budget * NANO * PERCENTS[0]:
                continue
            now = self._limiter.now()
            for alert in budget_alerts.of_budget(
                self._key, count, spent=spent, budget_usd=budget, period=period, now=now
            ):
                self._limiter.on_alert(alert)
