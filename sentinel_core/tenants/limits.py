"""What a key may spend in requests, tokens and dollars: counted everywhere, judged here."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, MutableMapping, Sequence
from datetime import UTC, datetime

from sentinel_core import alerts
from sentinel_core.alerts import NANO, Alert
from sentinel_core.apikey import ApiKey, Limits
from sentinel_core.errors import BudgetSpentError, RateLimitedError, RequestError, StoreError
from sentinel_core.ports import Adding, Count, Counts, Total

_log = logging.getLogger("sentinel")
_MINUTE, _DAY, _MONTH = 60.0, 2 * 86_400.0, 32 * 86_400.0
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

    def meter(self, key: ApiKey, told: MutableMapping[str, str]) -> KeyMeter:
        """Begin to count a request; `told` receives the headers of its answer."""
        return KeyMeter(self, key, told)


class KeyMeter:
    """A `Meter` of one request; `close` it when the request is over."""

    def __init__(self, limiter: Limiter, key: ApiKey, told: MutableMapping[str, str]) -> None:
        self._limiter = limiter
        self._key = key
        self._told = told
        self._error: StoreError | None = None
        self._totals: dict[str, Total] = {}
        self._charging: Adding | None = None
        self._is_running = False
        self._counted = list(counted(key, limiter.now()))
        self._adding = limiter.counts.add(self._counted)

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
        self._totals = {count.name: total for count, total in zip(self._counted, totals, strict=True)}
        self._note_spent()
        refusal = refusal_of(self._key, self._totals)
        self._told.update(headers(self._key, self._totals))
        if refusal is not None:
            raise refusal

    def forward(self) -> None:
        if self._error is not None and self._limiter.is_budget_lax:
            return
        for count, budget, period in budgets(self._key, self._limiter.now()):
            spent = self._limiter.known.get(count.name)
            if spent is None or spent >= budget * NANO:
                raise BudgetSpentError(
                    f"this key's budget of ${budget:g} a {period} is spent, or cannot be checked;"
                    " stored answers are still served",
                    code="budget_spent",
                )

    def charge(self, tokens: int, cost_usd: float | None) -> None:
        nano = round((cost_usd or 0.0) * NANO)
        now = self._limiter.now()
        counts = [count._replace(amount=nano) for count, _, _ in budgets(self._key, now) if nano]
        for count in counts:
            self._limiter.known[count.name] = self._limiter.known.get(count.name, 0) + nano
        if nano:
            self._alert(now)
        if tokens and self._key.limits.tokens_per_minute:
            counts.append(_tokens(self._key)._replace(amount=tokens))
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

    def _note_spent(self) -> None:
        now = self._limiter.now()
        for count, _, _ in budgets(self._key, now):
            if count.name in self._totals:
                self._limiter.known[count.name] = self._totals[count.name].amount
        self._alert(now)

    def _alert(self, now: float) -> None:
        """Tell how far the budgets are spent: what another instance was about to tell when it died is told here."""
        for count, budget, period in budgets(self._key, now):
            spent = self._limiter.known.get(count.name, 0)
            for alert in alerts.of_budget(self._key, count, spent=spent, budget_usd=budget, period=period, now=now):
                self._limiter.on_alert(alert)


def counted(key: ApiKey, now: float) -> Sequence[Count]:
    """What the first round trip adds to and reads: the request, and so far nothing else."""
    limits = key.limits
    counts = [_requests(key)] if limits.requests_per_minute else []
    counts += [_tokens(key)] if limits.tokens_per_minute else []
    return [*counts, *(count for count, _, _ in budgets(key, now))]


def budgets(key: ApiKey, now: float) -> Sequence[tuple[Count, float, str]]:
    """The counter, the dollars and the name of each budget; days and months are UTC's."""
    date = datetime.fromtimestamp(now, UTC)
    day, month = f"{date:%Y-%m-%d}", f"{date:%Y-%m}"
    found = [
        (Count(f"{key.sha256}:usd:{day}", 0, _DAY), key.limits.usd_per_day, "day"),
        (Count(f"{key.sha256}:usd:{month}", 0, _MONTH), key.limits.usd_per_month, "month"),
    ]
    return [(count, budget, period) for count, budget, period in found if budget is not None]


def refusal_of(key: ApiKey, totals: MutableMapping[str, Total]) -> RequestError | None:
    """The request that makes the count equal the limit is served; tokens are known afterwards: they may overshoot."""
    limits = key.limits
    made = totals.get(_requests(key).name)
    if made is not None and limits.requests_per_minute and made.amount > limits.requests_per_minute:
        return _too_many(f"{limits.requests_per_minute} requests", made)
    used = totals.get(_tokens(key).name)
    if used is not None and limits.tokens_per_minute and used.amount >= limits.tokens_per_minute:
        return _too_many(f"{limits.tokens_per_minute} tokens", used)
    return None


def headers(key: ApiKey, totals: MutableMapping[str, Total]) -> dict[str, str]:
    """Tell limits as OpenAI does."""
    limits = [
        ("requests", key.limits.requests_per_minute, totals.get(_requests(key).name)),
        ("tokens", key.limits.tokens_per_minute, totals.get(_tokens(key).name)),
    ]
    told = {}
    for what, limit, total in limits:
        if limit is not None and total is not None:
            told[f"x-ratelimit-limit-{what}"] = str(limit)
            told[f"x-ratelimit-remaining-{what}"] = str(max(0, limit - total.amount))
            told[f"x-ratelimit-reset-{what}"] = f"{total.resets:.3f}s"
    return told


def _too_many(limit: str, total: Total) -> RateLimitedError:
    return RateLimitedError(
        f"this key may make {limit} a minute" if "requests" in limit else f"this key may use {limit} a minute",
        code="rate_limit_exceeded",
        retry_after=total.resets,
    )


def _requests(key: ApiKey) -> Count:
    return Count(f"{key.sha256}:requests", 1, _MINUTE)


def _tokens(key: ApiKey) -> Count:
    return Count(f"{key.sha256}:tokens", 0, _MINUTE)
