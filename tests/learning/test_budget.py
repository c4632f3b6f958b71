from __future__ import annotations

from collections.abc import Sequence

import pytest

from sentinel_core.cache.ports import Adding, Count, Total
from sentinel_core.errors import StoreError
from sentinel_core.learning.budget import DailyBudget
from sentinel_core.stores.memory_counts import MemoryCounts
from tests.support.fakes import FakeClock

pytestmark = pytest.mark.anyio

BEFORE_MIDNIGHT = 86_400.0 - 1.0


class LostCounts:
    """Never gives a total."""

    def add(self, counts: Sequence[Count], *, keep: bool = False) -> Adding:
        return self

    async def totals(self) -> Sequence[Total]:
        raise StoreError("down")


async def test_other_instances_spending_counts_once_it_is_known(clock: FakeClock) -> None:
    counts = MemoryCounts(clock)
    mine, theirs = (DailyBudget("judge-usd", 1.0, counts, clock) for _ in range(2))
    theirs.settle(0.0, 0.75)

    assert mine.reserve(0.5)
    await mine.learn(mine.settle(0.5, 0.25))
    assert [mine.reserve(usd) for usd in (0.25, 0.0)] == [False, True]


async def test_a_total_of_yesterday_takes_nothing_from_today() -> None:
    clock = FakeClock(BEFORE_MIDNIGHT)
    budget = DailyBudget("judge-usd", 1.0, MemoryCounts(clock), clock)
    spent = budget.settle(0.0, 1.0)
    assert not budget.reserve(0.5)
    clock.advance(2.0)

    assert budget.reserve(0.5)
    await budget.learn(spent)
    assert budget.reserve(0.5)
    assert not budget.reserve(0.5)


async def test_a_call_reserved_before_midnight_is_paid_by_the_day_it_ends() -> None:
    clock = FakeClock(BEFORE_MIDNIGHT)
    budget = DailyBudget("judge-usd", 1.0, MemoryCounts(clock), clock)
    assert budget.reserve(0.75)
    clock.advance(2.0)

    assert not budget.reserve(0.5)
    await budget.learn(budget.settle(0.75, 0.5))
    assert [budget.reserve(usd) for usd in (0.75, 0.5)] == [False, True]


async def test_without_totals_this_process_alone_counts(clock: FakeClock) -> None:
    budget = DailyBudget("judge-usd", 1.0, LostCounts(), clock)
    await budget.learn(budget.settle(0.0, 0.75))
    await budget.learn(budget.settle(0.0, 0.0))

    assert [budget.reserve(usd) for usd in (0.5, 0.25)] == [False, True]


async def test_one_key_leaves_a_quarter_to_the_others_whichever_instance_it_asks(clock: FakeClock) -> None:
    counts = MemoryCounts(clock)
    here, there = (DailyBudget("judge-usd", 1.0, counts, clock) for _ in range(2))
    assert here.reserve(0.5, "greedy")
    await here.learn(here.settle(0.5, 0.5, "greedy"))
    await there.learn(there.settle(0.0, 0.125, "greedy"))

    assert [there.reserve(usd, "greedy") for usd in (0.25, 0.125, 0.01)] == [False, True, False]
    assert [there.reserve(usd, "modest") for usd in (0.25, 0.01)] == [True, False]


def test_calls_without_a_key_may_spend_all_and_a_day_gives_each_key_its_share_again(clock: FakeClock) -> None:
    budget = DailyBudget("judge-usd", 1.0, MemoryCounts(clock), clock)
    assert budget.reserve(1.0)
    budget.settle(1.0, 0.0)
    budget.settle(0.0, 0.75, "greedy")
    assert not budget.reserve(0.01, "greedy")
    clock.advance(86_400.0)

    assert [budget.reserve(usd, "greedy") for usd in (0.75, 0.01)] == [True, False]


def test_a_key_that_spends_nothing_of_what_it_reserves_keeps_its_share(clock: FakeClock) -> None:
    budget = DailyBudget("judge-usd", 1.0, MemoryCounts(clock), clock)
    for _ in range(9):
        assert budget.reserve(0.75, "unlucky")
        budget.settle(0.75, 0.0, "unlucky")
