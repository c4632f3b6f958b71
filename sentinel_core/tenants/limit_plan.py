"""The limits of one key as counters: which are read, and when one refuses a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from sentinel_core.cache.ports import Count, Total
from sentinel_core.errors import RateLimitedError
from sentinel_core.tenants.api_key import ApiKey

DAY_SECONDS = 86_400

_MINUTE, _DAY, _MONTH = 60.0, 2.0 * DAY_SECONDS, 32.0 * DAY_SECONDS


class RateState(NamedTuple):
    """A limit of a minute as a caller sees it; `unit` is `requests` or `tokens`, `resets` is in seconds."""

    unit: str
    limit: int
    remaining: int
    resets: float


class Rate(NamedTuple):
    """A limit of a minute; `unit` is `requests` or `tokens`."""

    unit: str
    counter: Count
    limit: int

    def refuses(self, amount: int) -> bool:
        """Whether an amount is over the limit; an equal one is served, and tokens, known afterwards, may overshoot."""
        return amount > self.limit if self.unit == "requests" else amount >= self.limit

    def refusal(self, total: Total) -> RateLimitedError:
        verb = "make" if self.unit == "requests" else "use"
        return RateLimitedError(
            f"this key may {verb} {self.limit} {self.unit} a minute",
            code="rate_limit_exceeded",
            retry_after=total.resets,
        )

    def state(self, total: Total) -> RateState:
        return RateState(self.unit, self.limit, max(0, self.limit - total.amount), total.resets)


class Budget(NamedTuple):
    """Dollars a `day` or a `month`."""

    counter: Count
    usd: float
    period: str


@dataclass(frozen=True, slots=True)
class Plan:
    """
    Counters of a key's requests on one day since 1970, UTC.

    `counts` are those the first round trip of a request adds to and reads: one request, and no tokens yet.
    """

    key: ApiKey
    day: int
    rates: Sequence[Rate]
    budgets: Sequence[Budget]
    counts: Sequence[Count]


def counter_names(key: ApiKey, day: int) -> list[str]:
    """Return the names of all counters that a key may have on `day`, some of them from days before."""
    days = [datetime.fromtimestamp((day - ago) * DAY_SECONDS, UTC) for ago in range(int(_MONTH / DAY_SECONDS))]
    spans = {*(f"{date:%Y-%m-%d}" for date in days[:3]), *(f"{date:%Y-%m}" for date in days)}
    return [f"{key.sha256}:{name}" for name in ("requests", "tokens", *(f"usd:{span}" for span in sorted(spans)))]


def planned(key: ApiKey, day: int) -> Plan:
    """Return the counters of a key on `day`; days and months are in UTC."""
    limits, date = key.limits, datetime.fromtimestamp(day * DAY_SECONDS, UTC)
    rates = [
        Rate(unit, Count(f"{key.sha256}:{unit}", amount, _MINUTE), limit)
        for unit, amount, limit in (
            ("requests", 1, limits.requests_per_minute),
            ("tokens", 0, limits.tokens_per_minute),
        )
        if limit is not None
    ]
    budgets = [
        Budget(Count(f"{key.sha256}:usd:{span}", 0, seconds), usd, period)
        for span, seconds, usd, period in (
            (f"{date:%Y-%m-%d}", _DAY, limits.usd_per_day, "day"),
            (f"{date:%Y-%m}", _MONTH, limits.usd_per_month, "month"),
        )
        if usd is not None
    ]
    return Plan(key, day, rates, budgets, [*(rate.counter for rate in rates), *(budget.counter for budget in budgets)])
