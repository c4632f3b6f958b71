from __future__ import annotations

from sentinel_core.cache.ports import Popular
from sentinel_core.stores.rankings import MAX_ENTRIES, MAX_RANKINGS, Ranking, Rankings


def test_a_long_ranking_keeps_the_first_of_each_rank() -> None:
    ranking = Ranking(0.0)
    for _ in range(3):
        ranking.add(Popular("often", 1, 0.0))
    ranking.add(Popular("dear", 1, 9.0))
    for number in range(5_000):
        ranking.add(Popular(f"e{number}", 1, 0.001))

    assert len(ranking.entries) <= 2 * MAX_ENTRIES
    assert ranking.ranked("hits", 1) == [Popular("often", 3, 0.0)]
    assert ranking.ranked("saved_usd", 1) == [Popular("dear", 1, 9.0)]


def test_the_oldest_ranking_is_evicted() -> None:
    rankings = Rankings()
    for number in range(MAX_RANKINGS + 1):
        rankings.add((f"ns{number}", "1970-01-12"), Popular("a", 1, 0.0), 0.0)

    assert [rankings.get((f"ns{number}", "1970-01-12")) is None for number in (0, 1, MAX_RANKINGS)] == [
        True,
        False,
        False,
    ]
