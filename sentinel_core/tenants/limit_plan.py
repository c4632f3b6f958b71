"""What is counted of a key's requests, and against which limits."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from sentinel_core.cache.ports import Count, Total
from sentinel_core.errors import RateLimitedError
from sentinel_core.tenants.api_key import ApiKey

_DAY_SECONDS = 86_400

_MINUTE, _DAY, _MONTH = 60.0, 2.0 * _DAY_SECONDS, 32.0 * _DAY_SECONDS

_HEADERS = {
    what: tuple(f"x-ratelimit-{fact}-{what}".encode() for fact in ("limit", "remaining", "reset"))
    for what in ("requests", "tokens")
}


class Rate(NamedTuple):
    """A limit of a minute, of `requests` or `tokens`."""

    what: str
    counter: Count
    limit: int

    def refuses(self, amount: int) -> bool:
        """The request that makes the count equal the limit is served; tokens, known afterwards, may overshoot."""
        return amount > self.limit if self.what == "requests" else amount >= self.limit

    def refusal(self, total: Total) -> RateLimitedError:
        verb = "make" if self.what == "requests" else "use"
        return RateLimitedError(
            f"this key may {verb} {self.limit} {self.what} a minute",
            code="rate_limit_exceeded",
            retry_after=total.resets,
        )

    def tell(self, total: Total, told: MutableMapping[bytes, bytes]) -> None:
        """Tell the limit as OpenAI does."""
        limit, remaining, reset = _HEADERS[self.what]
        told[limit] = b"%d" % self.limit
        told[remaining] = b"%d" % max(0, self.limit - total.amount)
        told[reset] = b"%.3fs" % total.resets


class Budget(NamedTuple):
    """Dollars a `day` or a `month`."""

    counter: Count
    usd: float
    period: str


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What is counted of a key's requests on one day since 1970, UTC.

    `counts` are what the first round trip adds to and reads: the request, and so far nothing else.
    """

    key: ApiKey
    day: int
    rates: Sequence[Rate]
    budgets: Sequence[Budget]
    counts: Sequence[Count]


def planned(key: ApiKey, day: int) -> Plan:
    """Days and months are UTC's."""
    limits, date = key.limits, datetime.fromtimestamp(day * _DAY_SECONDS, UTC)
    rates = [
        Rate(what, Count(f"{key.sha256}:{what}", amount, _MINUTE), limit)
        for what, amount, limit in (
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
