"""The alerts of a key's budget."""

from __future__ import annotations

from sentinel_core.cache.events import Alert
from sentinel_core.cache.ports import Count
from sentinel_core.telemetry.alerts import NANO, PERCENTS
from sentinel_core.tenants.api_key import ApiKey


def of_budget(key: ApiKey, counter: Count, *, spent: int, budget_usd: float, period: str, now: float) -> list[Alert]:
    """
    One alert for each share of the budget that is spent by now; `spent` is in billionths of a dollar.

    The counter's name ends with the day or the month. A changed budget starts at zero.
    """
    span = counter.name.rpartition(":")[2]
    reached = [percent for percent in PERCENTS if spent * 100 >= budget_usd * NANO * percent]
    return [
        Alert(
            id=f"budget:{key.id}:{span}:{budget_usd:g}:{percent}",
            kind="budget",
            text=f"{key.tenant}'s key {key.id} has spent {percent} % of its ${budget_usd:g} a {period}",
            at=now,
            facts={
                "tenant": key.tenant,
                "key": key.id,
                "name": key.name,
                "period": period,
                "span": span,
                "budget_usd": budget_usd,
                "spent_usd": spent / NANO,
                "percent": percent,
            },
            seconds=counter.seconds,
        )
        for percent in reached
    ]
