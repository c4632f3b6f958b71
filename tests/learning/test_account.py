from __future__ import annotations

import pytest

from sentinel_core.learning.account import LOSING, PAYING, UNASKED, Prices, account

PRICES = Prices(compute_usd_per_second=0.5, store_usd_per_million=2.0)


def test_without_anything_counted_nothing_is_spent_saved_or_broken_even() -> None:
    empty = account({}, PRICES)
    assert (empty.own_usd, empty.net_usd, empty.break_even_hits, empty.judge) == (0.0, 0.0, None, UNASKED)


def test_the_cache_pays_for_judge_audits_embedding_and_store() -> None:
    counted = {
        "cost_usd": 10.0,
        "saved_usd": 8.0,
        "hit_exact": 3,
        "hit_semantic": 1,
        "judge_calls": 4,
        "judge_usd": 1.0,
        "judge_saved_usd": 2.0,
        "audit_usd": 0.5,
        "embed_us": 1_000_000,
        "store_commands": 500_000,
    }
    found = account(counted, PRICES)
    assert (found.embedding_usd, found.store_usd, found.own_usd, found.net_usd) == (0.5, 1.0, 3.0, 5.0)
    assert (found.hits, found.break_even_hits, found.judge) == (4, 2, PAYING)


@pytest.mark.parametrize(("cost", "said"), [(1.0, PAYING), (1.1, LOSING)])
def test_a_judge_that_costs_more_than_it_saves_is_named(cost: float, said: str) -> None:
    assert account({"judge_calls": 1, "judge_usd": cost, "judge_saved_usd": 1.0}, PRICES).judge == said
