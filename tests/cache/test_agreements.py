"""Weak labels: each pair once, each writer a tenth, and only with words of the judge."""

from __future__ import annotations

import pytest

from sentinel_core.cache.agreements import MOST_OF_WRITER, WINDOW, Agreements, Label
from sentinel_core.cache.odds import Odds, Steering

SCORE, PASSED = "score:3", "passed:18"


def agreed(labels: int, stratum: str = SCORE, *, value: float = 1.0, writers: int = 1_000) -> Agreements:
    it = Agreements()
    for number in range(labels):
        it.note(Label(stratum, number % writers, number, value))
    return it


def test_a_pair_counts_once_and_the_window_ends() -> None:
    it = agreed(3)
    it.note(Label(SCORE, 7, 0, 1.0))

    assert (it.count(SCORE), agreed(WINDOW + 50).count(SCORE)) == (3, WINDOW)
    assert agreed(0).strata() == set()


def test_one_writer_has_a_tenth_of_the_window() -> None:
    it = agreed(10 * WINDOW, writers=1)
    for number in range(5):
        it.note(Label("rule:numbers", 9, -number - 1, 1.0))

    assert (it.count(SCORE), it.count("rule:numbers")) == (MOST_OF_WRITER, 5)


def test_answers_that_agree_by_chance_prove_nothing() -> None:
    it, chance = Agreements(), 0.25
    for number in range(WINDOW):
        it.note(Label(SCORE, number, number, 1.0 if number % 4 == 0 else -chance / (1 - chance)))

    assert it.share(SCORE) == pytest.approx(0.0, abs=1e-9)
    assert agreed(WINDOW).share(SCORE) == pytest.approx(WINDOW / (WINDOW + 10))


def test_agreement_alone_moves_no_odds() -> None:
    odds, plain = Odds(), Odds()
    odds.agreements = agreed(WINDOW)

    assert odds.share(SCORE) == plain.share(SCORE)
    assert odds.learned_from(SCORE) == 0
    assert odds.strata() == [SCORE]


@pytest.mark.parametrize(("words", "low", "high"), [(20, 0.3, 0.5), (200, 0.15, 0.25)])
def test_agreement_raises_a_share_beside_words_of_the_judge(words: int, low: float, high: float) -> None:
    odds = Odds()
    for _ in range(words):
        odds.note(SCORE, is_same=False)
    without = odds.share(SCORE)
    odds.agreements = agreed(WINDOW)

    assert without < low <= odds.share(SCORE) <= high


def test_agreement_never_has_the_gates_passes_served_unjudged() -> None:
    odds = Odds()
    for _ in range(100):
        odds.note(PASSED, is_same=False)
    without = odds.share(PASSED)
    odds.agreements = agreed(WINDOW, PASSED)

    assert odds.share(PASSED) == without


def test_frozen_odds_take_no_label_and_a_reset_forgets_them() -> None:
    frozen, odds = Odds(steering=Steering(is_frozen=True)), Odds()
    for it in (frozen, odds):
        it.agree(Label(SCORE, 1, 1, 1.0))
    odds_before = odds.agreements.count(SCORE)
    odds.reset()

    assert (frozen.agreements.count(SCORE), odds_before, odds.agreements.count(SCORE)) == (0, 1, 0)
