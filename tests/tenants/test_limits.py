from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from sentinel_core.cache.ports import Adding, Count, Total
from sentinel_core.errors import BudgetSpentError, RateLimitedError, StoreError
from sentinel_core.stores.memory_counts import MemoryCounts
from sentinel_core.tenants.limit_plan import RateState
from sentinel_core.tenants.limits import IDLE_SECONDS, Limiter
from tests.support.fakes import FakeClock, NotedEvents
from tests.tenants.doors import key_of

pytestmark = pytest.mark.anyio

BEFORE_FEBRUARY = 31 * 86_400.0 - 1.0
"""The last second of January 1970, UTC."""


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
    return Counts(clock)


async def spend(
    limiter: Limiter, *, cost: Any = None, tokens: Any = 0, forwards: Any = True, **limits: Any
) -> list[RateState]:
    """One request from beginning to end; returns the states of its limits."""
    meter = limiter.meter(key_of("acme", limits=limits))
    try:
        await meter.admit()
        if forwards:
            meter.forward()
            meter.charge(tokens, cost)
            await meter.settle()
    finally:
        meter.close()
    return list(meter.rates)


async def test_as_many_requests_as_the_limit_are_served_in_the_minute_from_the_first(
    clock: FakeClock, counts: Counts
) -> None:
    limiter = Limiter(counts, clock=clock)
    first = await spend(limiter, requests_per_minute=2)
    clock.advance(20)
    second = await spend(limiter, requests_per_minute=2)
    with pytest.raises(RateLimitedError) as caught:
        await spend(limiter, requests_per_minute=2)
    clock.advance(40)
    third = await spend(limiter, requests_per_minute=2)

    assert [first, second, third] == [
        [RateState("requests", 2, 1, 60.0)],
        [RateState("requests", 2, 0, 40.0)],
        [RateState("requests", 2, 1, 60.0)],
    ]
    assert (caught.value.retry_after, caught.value.code) == (40.0, "rate_limit_exceeded")
    assert str(caught.value) == "this key may make 2 requests a minute"


async def test_tokens_are_limited_once_they_are_used(clock: FakeClock, counts: Counts) -> None:
    limiter = Limiter(counts, clock=clock)
    await spend(limiter, tokens=99, tokens_per_minute=100)
    second = await spend(limiter, tokens=50, tokens_per_minute=100)

    with pytest.raises(RateLimitedError, match="may use 100 tokens a minute"):
        await spend(limiter, tokens_per_minute=100)
    assert second == [RateState("tokens", 100, 1, 60.0)]
    clock.advance(60)
    assert await spend(limiter, tokens_per_minute=100) == [RateState("tokens", 100, 100, 60.0)]


async def test_no_more_requests_are_under_way_than_the_limit(clock: FakeClock, counts: Counts) -> None:
    limiter = Limiter(counts, clock=clock)
    first = limiter.meter(key_of("acme", limits={"concurrent_requests": 1}))
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
    limiter = Limiter(counts, clock=clock)
    for cost in (0.1, 0.2, 0.7):
        await spend(limiter, cost=cost, **{limit: 1.0})

    with pytest.raises(BudgetSpentError):
        await spend(limiter, **{limit: 1.0})
    await spend(limiter, forwards=False, **{limit: 1.0})
    await spend(limiter, **{limit: 1.01})
    clock.advance(days * 86_400)
    await spend(limiter, **{limit: 1.0})


async def test_another_instances_spending_counts(clock: FakeClock, counts: Counts) -> None:
    mine, theirs = Limiter(counts, clock=clock), Limiter(counts, clock=clock)
    await spend(mine, cost=0.01, usd_per_day=1)
    await spend(theirs, cost=1, usd_per_day=1)

    with pytest.raises(BudgetSpentError):
        await spend(mine, usd_per_day=1)


async def test_without_counts_rates_are_open_unless_the_operator_closes_them(clock: FakeClock, counts: Counts) -> None:
    counts.is_down = True
    limits = {"requests_per_minute": 1, "tokens_per_minute": 1}

    assert [await spend(Limiter(counts, clock=clock), **limits) for _ in range(3)] == [[]] * 3
    with pytest.raises(RateLimitedError) as caught:
        await spend(Limiter(counts, clock=clock, is_rate_strict=True), **limits)
    assert (caught.value.code, caught.value.retry_after) == ("limits_unavailable", 1.0)


async def test_without_counts_a_budget_holds_as_far_as_it_is_known(clock: FakeClock, counts: Counts) -> None:
    limiter = Limiter(counts, clock=clock)
    await spend(limiter, cost=0.5, usd_per_day=1)
    counts.is_down = True
    await spend(limiter, cost=0.5, usd_per_day=1)

    with pytest.raises(BudgetSpentError):
        await spend(limiter, usd_per_day=1)
    with pytest.raises(BudgetSpentError):
        await spend(Limiter(counts, clock=clock), usd_per_day=1)
    await spend(limiter, forwards=False, usd_per_day=1)
    await spend(Limiter(counts, clock=clock, is_budget_lax=True), usd_per_day=1)


@pytest.mark.no_cover  # 36,500 rounds of lines that other tests pass
async def test_the_limiter_holds_one_account_a_key_after_a_year(clock: FakeClock, counts: Counts) -> None:
    limiter = Limiter(counts, clock=clock)
    keys = [key_of(f"tenant{number}", limits={"usd_per_day": 9, "usd_per_month": 99}) for number in range(100)]
    for _ in range(365):
        for key in keys:
            meter = limiter.meter(key)
            await meter.admit()
            meter.charge(1, 0.001)
            meter.close()
        clock.advance(86_400)

    assert len(limiter.accounts) == 100
    assert {len(account.spent) for _, account in limiter.accounts.items()} == {2}


async def test_the_accounts_of_revoked_keys_are_dropped_after_two_days(clock: FakeClock, counts: Counts) -> None:
    limiter = Limiter(counts, clock=clock)
    limiter.meter(key_of("gone", limits={"usd_per_day": 1}))
    clock.advance(IDLE_SECONDS + 1)
    limiter.meter(key_of("here", limits={"usd_per_day": 1}))

    assert list(limiter.accounts) == [key_of("here").sha256]


async def test_spending_of_this_month_outlasts_the_day(clock: FakeClock, counts: Counts) -> None:
    limiter = Limiter(counts, clock=clock)
    await spend(limiter, cost=1.0, usd_per_day=2, usd_per_month=1)
    clock.advance(86_400)
    counts.is_down = True

    with pytest.raises(BudgetSpentError, match="a month"):
        await spend(limiter, usd_per_month=1)


@pytest.mark.parametrize("is_spent", [False, True])
@pytest.mark.parametrize("limit", ["usd_per_day", "usd_per_month"])
async def test_a_request_admitted_before_midnight_has_the_budget_it_was_admitted_with(
    counts: Counts, limit: str, is_spent: bool
) -> None:
    clock = FakeClock(BEFORE_FEBRUARY)
    limiter = Limiter(counts, clock=clock)
    await spend(limiter, cost=1.0 if is_spent else 0.5, **{limit: 1.0})
    meter, other = (limiter.meter(key_of("acme", limits={limit: 1.0})) for _ in range(2))
    await meter.admit()
    clock.advance(2.0)
    await other.admit()
    limiter.meter(key_of("acme", limits={limit: 1.0}))

    for each in (meter, other):
        if is_spent:
            with pytest.raises(BudgetSpentError):
                each.forward()
        else:
            each.forward()
    await spend(limiter, **{limit: 1.0})


async def test_counters_that_have_ended_are_swept_out(clock: FakeClock) -> None:
    counts = MemoryCounts(clock)
    for number in range(100_000):
        counts.add([Count(str(number), 1, 60.0)])
    clock.advance(60)
    counts.add([Count("one more", 1, 60.0)])

    assert list(counts._counters) == ["one more"]


async def test_each_share_of_a_budget_is_told_with_the_charge_that_reaches_it(clock: FakeClock, counts: Counts) -> None:
    events = NotedEvents()
    limiter = Limiter(counts, clock=clock, events=events)
    by_charge = []
    for cost in (0.4, 0.1, 0.3, 0.25):
        events.found.clear()
        await spend(limiter, cost=cost, usd_per_day=1.0, usd_per_month=10.0)
        by_charge.append({(alert.facts["period"], alert.facts["percent"]) for alert in events.found})

    assert by_charge == [
        set(),
        {("day", 50)},
        {("day", 50), ("day", 80)},
        {("day", 50), ("day", 80), ("day", 100)},
    ]


async def test_what_another_instance_has_spent_is_told_by_the_next_that_hears_of_it(
    clock: FakeClock, counts: Counts
) -> None:
    events = NotedEvents()
    await spend(Limiter(counts, clock=clock), cost=0.9, usd_per_day=1.0)
    await spend(Limiter(counts, clock=clock, events=events), forwards=False, usd_per_day=1.0)

    assert [(alert.facts["percent"], alert.facts["spent_usd"]) for alert in events.found] == [(50, 0.9), (80, 0.9)]
