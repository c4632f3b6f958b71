from __future__ import annotations

import pytest

from sentinel_core.telemetry.counters import CRASHED, ERROR, MOST_TENANTS, NOT_CACHED, REJECTED, Counters
from sentinel_core.telemetry.records import Answered
from tests.support.fakes import FakeClock


def _counted(clock: FakeClock, *answers: Answered) -> Counters:
    counters = Counters(clock)
    for answered in answers:
        counters.record(answered)
    return counters


def test_a_process_that_answered_nothing_counts_nothing(clock: FakeClock) -> None:
    assert _counted(clock) == Counters(clock)
    assert Counters(clock).started == clock.now()


def test_answers_add_up(clock: FakeClock) -> None:
    counters = _counted(
        clock,
        Answered("/", "miss", 200, 10.0, prompt_tokens=7, completion_tokens=5, cost_usd=0.25, saved_usd=0.0),
        Answered("/", "miss", 200, 20.0, "expired", prompt_tokens=1, completion_tokens=1, cost_usd=0.5, saved_usd=0.0),
        Answered("/", "hit_exact", 200, 0.1, "exact", avoided_tokens=12, cost_usd=0.0, saved_usd=0.25),
        Answered("/", "bypass", 200, 5.0, "no-cache", cost_usd=0.125, saved_usd=0.0, unstored="no-store"),
        Answered("/", "miss", 200, 5.0, cost_usd=0.0, saved_usd=0.25, avoided_tokens=12, collapsed=True),
    )

    assert counters.outcomes == {"miss": 3, "hit_exact": 1, "bypass": 1}
    assert (counters.misses, counters.bypasses, counters.unstored, counters.errors) == (
        {"expired": 1}, {"no-cache": 1}, {"no-store": 1}, {},
    )  # fmt: skip
    assert (counters.prompt_tokens, counters.completion_tokens, counters.avoided_tokens) == (8, 6, 24)
    assert (counters.cost_usd, counters.saved_usd, counters.unpriced, counters.collapsed) == (0.875, 0.5, 0, 1)
    assert {name: histogram.total for name, histogram in counters.latencies.items()} == {
        "miss": 3, "hit_exact": 1, "bypass": 1,
    }  # fmt: skip


@pytest.mark.parametrize(("cost", "saved"), [(None, 0.0), (0.0, None), (None, None)])
def test_an_answer_of_unknown_price_is_counted_as_such(
    clock: FakeClock, cost: float | None, saved: float | None
) -> None:
    counters = _counted(clock, Answered("/", "miss", 200, 1.0, cost_usd=cost, saved_usd=saved))

    assert (counters.unpriced, counters.cost_usd, counters.saved_usd) == (1, 0.0, 0.0)


@pytest.mark.parametrize("word", [REJECTED, NOT_CACHED, ERROR, CRASHED])
def test_a_failure_is_counted_by_its_kind_and_has_no_price(clock: FakeClock, word: str) -> None:
    counters = _counted(clock, Answered("/", word, 500, 1.0, "a_code"))

    assert (counters.outcomes, counters.errors, counters.unpriced) == ({word: 1}, {"a_code": 1}, 0)


def test_estimates_are_summed_by_tenant_and_bounded(clock: FakeClock) -> None:
    counters = Counters(clock)
    for number in range(MOST_TENANTS + 2):
        counters.add_estimate(0.5, f"t{number}")
    counters.add_estimate(0.25, "t0")
    counters.add_estimate(0.25, None)

    assert (counters.estimates["t0"], counters.estimates["other"], len(counters.estimates)) == (0.75, 1.0, 1_001)
    assert counters.estimated_usd == 0.5 * (MOST_TENANTS + 2) + 0.5
