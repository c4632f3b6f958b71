from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from sentinel_core.cache.ports import Adding, Count, Total
from sentinel_core.errors import BudgetSpentError, RateLimitedError, StoreError
from sentinel_core.stores.memory_counts import MemoryCounts
from sentinel_core.telemetry.alerts import Alert
from sentinel_core.tenants.limits import Limiter
from tests.support.fakes import FakeClock
from tests.tenants.doors import key_of

pytestmark = pytest.mark.anyio


class Counts(MemoryCounts):
    """Can be taken away."""

    is_down = False

    def add(self, counts: Sequence[Count], *, keep: bool = False) -> Adding:
        return _Lost() if self.is_down else super().add(counts, keep=keep)


class _Lost:
    async def totals(self) -> Sequence[Total]:
        raise StoreError("down")


@pytest.fixture
def counts(clock: FakeClock) -> Counts:
    return Counts(clock.monotonic)


async def spend(
    limiter: Limiter, *, cost: Any = None, tokens: Any = 0, forwards: Any = True, **limits: Any
) -> dict[str, str]:
    """One request from beginning to end; returns the headers of its answer."""
    told: dict[bytes, bytes] = {}
    meter = limiter.meter(key_of("acme", limits=limits), told)
    try:
        await meter.admit()
        if forwards:
            meter.forward()
            meter.charge(tokens, cost)
            await meter.settle()
    finally:
        meter.close()
    return {name.decode(): value.decode() for name, value in told.items()}


async def test_as_many_requests_as_the_limit_are_served_in_the_minute_from_the_first(
    clock: FakeClock, counts: Counts
) -> None:
    limiter = Limiter(counts, now=clock.now)
    first = await spend(limiter, requests_per_minute=2)
    clock.advance(20)
    second = await spend(limiter, requests_per_minute=2)
    with pytest.raises(RateLimitedError) as caught:
        await spend(limiter, requests_per_minute=2)
    clock.advance(40)
    third = await spend(limiter, requests_per_minute=2)

    def told(remaining: int, reset: str) -> dict[str, str]:
        return {
            "x-ratelimit-limit-requests": "2",
            "x-ratelimit-remaining-requests": str(remaining),
            "x-ratelimit-reset-requests": reset,
        }

    assert [first, second, third] == [told(1, "60.000s"), told(0, "40.000s"), told(1, "60.000s")]
    assert (caught.value.retry_after, caught.value.code) == (40.0, "rate_limit_exceeded")
    assert str(caught.value) == "this key may make 2 requests a minute"


async def test_tokens_are_limited_once_they_are_used(clock: FakeClock, counts: Counts) -> None:
    limiter = Limiter(counts, now=clock.now)
    await spend(limiter, tokens=99, tokens_per_minute=100)
    told = await spend(limiter, tokens=50, tokens_per_minute=100)

    with pytest.raises(RateLimitedError, match="may use 100 tokens a minute"):
        await spend(limiter, tokens_per_minute=100)
    assert told["x-ratelimit-remaining-tokens"] == "1"
    clock.advance(60)
    assert (await spend(limiter, tokens_per_minute=100))["x-ratelimit-remaining-tokens"] == "100"


async def test_no_more_requests_are_under_way_than_the_limit(clock: FakeClock, counts: Counts) -> None:
    limiter = Limiter(counts, now=clock.now)
    first = limiter.meter(key_of("acme", limits={"concurrent_requests": 1}), {})
    await first.admit()

    with pytest.raises(RateLimitedError, match="1 requests under way"):
        await spend(limiter, concurrent_requests=1)
    first.close()
    first.close()
    await spend(limiter, concurrent_requests=1)
    assert not limiter.running


@pytest.mark.parametrize(("limit", "days"), [("usd_per_day", 1), ("usd_per_month", 31)])
async def test_a_spent_budget_refuses_misses_until_its_time_is_over_and_nothing_else(
    clock: FakeClock, counts: Counts, limit: str, days: int
) -> None:
    limiter = Limiter(counts, now=clock.now)
    for cost in (0.1, 0.2, 0.7):
        await spend(limiter, cost=cost, **{limit: 1.0})

    with pytest.raises(BudgetSpentError):
        await spend(limiter, **{limit: 1.0})
    await spend(limiter, forwards=False, **{limit: 1.0})
    await spend(limiter, **{limit: 1.01})
    clock.advance(days * 86_400)
    await spend(limiter, **{limit: 1.0})


async def test_another_instances_spending_counts(clock: FakeClock, counts: Counts) -> None:
    mine, theirs = Limiter(counts, now=clock.now), Limiter(counts, now=clock.now)
    await spend(mine, cost=0.01, usd_per_day=1)
    await spend(theirs, cost=1, usd_per_day=1)

    with pytest.raises(BudgetSpentError):
        await spend(mine, usd_per_day=1)


async def test_without_counts_rates_are_open_unless_the_operator_closes_them(clock: FakeClock, counts: Counts) -> None:
    counts.is_down = True
    limits = {"requests_per_minute": 1, "tokens_per_minute": 1}

    assert [await spend(Limiter(counts, now=clock.now), **limits) for _ in range(3)] == [{}] * 3
    with pytest.raises(RateLimitedError) as caught:
        await spend(Limiter(counts, now=clock.now, is_rate_strict=True), **limits)
    assert (caught.value.code, caught.value.retry_after) == ("limits_unavailable", 1.0)


async def test_without_counts_a_budget_holds_as_far_as_it_is_known(clock: FakeClock, counts: Counts) -> None:
    limiter = Limiter(counts, now=clock.now)
    await spend(limiter, cost=0.5, usd_per_day=1)
    counts.is_down = True
    await spend(limiter, cost=0.5, usd_per_day=1)

    with pytest.raises(BudgetSpentError):
        await spend(limiter, usd_per_day=1)
    with pytest.raises(BudgetSpentError):
        await spend(Limiter(counts, now=clock.now), usd_per_day=1)
    await spend(limiter, forwards=False, usd_per_day=1)
    await spend(Limiter(counts, now=clock.now, is_budget_lax=True), usd_per_day=1)


async def test_counters_that_have_ended_are_swept_out(clock: FakeClock) -> None:
    counts = MemoryCounts(clock.monotonic)
    for number in range(100_000):
        counts.add([Count(str(number), 1, 60.0)])
    clock.advance(60)
    counts.add([Count("one more", 1, 60.0)])

    assert list(counts._counters) == ["one more"]


async def test_each_share_of_a_budget_is_told_with_the_charge_that_reaches_it(clock: FakeClock, counts: Counts) -> None:
    told: list[Alert] = []
    limiter = Limiter(counts, now=clock.now, on_alert=told.append)
    by_charge = []
    for cost in (0.4, 0.1, 0.3, 0.25):
        told.clear()
        await spend(limiter, cost=cost, usd_per_day=1.0, usd_per_month=10.0)
        by_charge.append({(alert.facts["period"], alert.facts["percent"]) for alert in told})

    assert by_charge == [
        set(),
        {("day", 50)},
        {("day", 50), ("day", 80)},
        {("day", 50), ("day", 80), ("day", 100)},
    ]


async def test_what_another_instance_has_spent_is_told_by_the_next_that_hears_of_it(
    clock: FakeClock, counts: Counts
) -> None:
    told: list[Alert] = []
    await spend(Limiter(counts, now=clock.now), cost=0.9, usd_per_day=1.0)
    await spend(Limiter(counts, now=clock.now, on_alert=told.append), forwards=False, usd_per_day=1.0)

    assert [(alert.facts["percent"], alert.facts["spent_usd"]) for alert in told] == [(50, 0.9), (80, 0.9)]
