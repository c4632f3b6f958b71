from __future__ import annotations

import pytest

from sentinel_core.stores.memory_counts import MemoryCounts
from sentinel_core.support.background import Background
from sentinel_core.telemetry.alerts import WINDOW
from sentinel_core.telemetry.spending_spikes import Spending
from tests.support.fakes import FakeClock, NotedEvents

pytestmark = pytest.mark.anyio


@pytest.fixture
def counts(clock: FakeClock) -> MemoryCounts:
    return MemoryCounts(clock)


class Watched:
    """One instance that spends."""

    def __init__(self, clock: FakeClock, counts: MemoryCounts) -> None:
        self.events = NotedEvents()
        self._background = Background()
        self._spending = Spending(
            counts, clock=clock, background=self._background, events=self.events, least_usd=4.0, times=3.0
        )

    async def spend(self, cost_usd: float) -> list[float]:
        """Spend, and return the dollars of the alerts so far."""
        self._spending.add(cost_usd)
        assert await self._background.drain(within=30.0) == 0
        return [float(alert.facts["spent_usd"]) for alert in self.events.found]


async def test_a_jump_is_told_and_the_same_again_is_not_one(clock: FakeClock, counts: MemoryCounts) -> None:
    watched = Watched(clock, counts)
    assert await watched.spend(3.75) == []
    clock.advance(WINDOW)
    assert await watched.spend(4.0) == [4.0]  # the two hours before have a mean of $0.31
    for _ in range(10):
        clock.advance(WINDOW)
        await watched.spend(3.9)
    watched.events.found.clear()
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
