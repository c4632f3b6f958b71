from __future__ import annotations

import asyncio

import pytest

from sentinel_core.stores.memory_counts import MemoryCounts
from sentinel_core.telemetry.alerts import WINDOW, Alert
from sentinel_core.telemetry.spending_spikes import Spending
from tests.support.fakes import FakeClock

pytestmark = pytest.mark.anyio


@pytest.fixture
def counts(clock: FakeClock) -> MemoryCounts:
    return MemoryCounts(clock.monotonic)


class Watched:
    """One instance that spends."""

    def __init__(self, clock: FakeClock, counts: MemoryCounts) -> None:
        self.told: list[Alert] = []
        self._spending = Spending(counts, now=clock.now, on_alert=self.told.append, least_usd=4.0, times=3.0)

    async def spend(self, cost_usd: float) -> list[float]:
        """Spend, and return the dollars of the alerts so far."""
        self._spending.add(cost_usd)
        while self._spending._judging:
            await asyncio.gather(*self._spending._judging)
        return [float(alert.facts["spent_usd"]) for alert in self.told]


async def test_a_jump_is_told_and_the_same_again_is_not_one(clock: FakeClock, counts: MemoryCounts) -> None:
    watched = Watched(clock, counts)
    assert await watched.spend(3.75) == []
    clock.advance(WINDOW)
    assert await watched.spend(4.0) == [4.0]  # the two hours before have a mean of $0.31
    for _ in range(10):
        clock.advance(WINDOW)
        await watched.spend(3.9)
    watched.told.clear()
    clock.advance(WINDOW)

    assert await watched.spend(10.0) == []
    assert await watched.spend(2.0) == [12.0]


async def test_what_instances_spend_adds_up(clock: FakeClock, counts: MemoryCounts) -> None:
    mine, theirs = Watched(clock, counts), Watched(clock, counts)
    await mine.spend(2.0)
    assert await theirs.spend(2.0) == [4.0]


async def test_small_sums_are_counted_together(clock: FakeClock, counts: MemoryCounts) -> None:
    watched = Watched(clock, counts)
    for _ in range(4):
        await watched.spend(0.0625)
    assert [amount for amount, _ in counts._counters.values()] == [250_000_000]
    await watched.spend(0.125)
    await watched.spend(0.0)
    clock.advance(60)
    await watched.spend(0.0)

    assert sum(amount for amount, _ in counts._counters.values()) == 375_000_000
