"""Odds learned from a judge: what they start from, how they move, and how far."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sentinel_core.cache.odds import (
    ENOUGH,
    MOST_DIFFERENT,
    MOST_STRATA,
    RECENT,
    JudgeErrors,
    Odds,
    Steering,
    draw_of,
    stratum_of,
)
from sentinel_core.cache.pairs import Relation
from sentinel_core.cache.said_words import WINDOW
from sentinel_core.cache.verdict import CONFIDENCE, Verdict, Zone

ALWAYS, NEVER = 0.0, 1.0
PASSED, SCORE, RULE = "passed:18", "score:12", "rule:numbers"


def taught(stratum: str, same: int, different: int, odds: Odds | None = None) -> Odds:
    odds = odds or Odds()
    for is_same in [True] * same + [False] * different:
        odds.note(stratum, is_same=is_same)
    return odds


@pytest.mark.parametrize(
    ("verdict", "stratum"),
    [
        (Verdict(True, 0.93), "passed:18"),
        (Verdict(True, 1.0), "passed:19"),
        (Verdict(False, 0.61, CONFIDENCE), "score:12"),
        (Verdict(False, 0.0, "numbers"), "rule:numbers"),
    ],
)
def test_pairs_are_grouped_by_rule_or_confidence(verdict: Verdict, stratum: str) -> None:
    assert stratum_of(verdict) == stratum


def test_errors_of_the_judge_are_taken_out_of_its_share() -> None:
    errors = JudgeErrors(0.02, 0.08)

    assert errors.true_share(0.5 * 0.92 + 0.5 * 0.02) == pytest.approx(0.5)
    assert (errors.true_share(0.0), errors.true_share(1.0)) == (0.001, 0.999)
    assert errors.belief(0.5) == pytest.approx(0.46 / 0.47)


@pytest.mark.parametrize(
    ("stratum", "same", "different", "draw", "zone"),
    [
        (SCORE, 0, 0, NEVER, Zone.GREY),
        (RULE, 0, 0, NEVER, Zone.GREY),
        (RULE, 0, 7, NEVER, Zone.GREY),
        (RULE, 0, 40, NEVER, Zone.DECIDED),
        (RULE, 0, 40, ALWAYS, Zone.PROBED),
        (SCORE, 20, 20, NEVER, Zone.GREY),
        (PASSED, 0, 0, NEVER, Zone.GREY),
        (PASSED, ENOUGH, 0, NEVER, Zone.DECIDED),
        (PASSED, ENOUGH, 0, ALWAYS, Zone.PROBED),
        (PASSED, 40, 20, NEVER, Zone.GREY),
    ],
)
def test_the_zone_follows_the_traffic(stratum: str, same: int, different: int, draw: float, zone: Zone) -> None:
    assert taught(stratum, same, different).zone(stratum, draw) is zone


def test_the_judge_is_believed_where_equal_pairs_are_common() -> None:
    assert taught(RULE, 30, 30).believes(RULE)
    assert not taught(RULE, 2, 60).believes(RULE)


def test_a_window_forgets_an_earlier_domain() -> None:
    odds = taught(PASSED, WINDOW, 0)
    assert odds.is_trusted(PASSED)
    taught(PASSED, 0, 30, odds)
    assert not odds.is_trusted(PASSED)
    taught(PASSED, WINDOW, 0, odds)
    assert (odds.is_trusted(PASSED), odds.learned_from(PASSED)) == (True, WINDOW)


def test_four_of_the_latest_twenty_words_are_a_change_of_domain() -> None:
    odds = taught(PASSED, WINDOW, MOST_DIFFERENT)
    assert odds.zone(PASSED, NEVER) is Zone.DECIDED
    odds.note(PASSED, is_same=False)
    assert odds.zone(PASSED, NEVER) is Zone.GREY
    taught(PASSED, RECENT, 0, odds)
    assert odds.zone(PASSED, NEVER) is Zone.DECIDED


def test_frozen_odds_learn_nothing_and_reset_ones_start_again() -> None:
    assert taught(PASSED, 0, 60, Odds(steering=Steering(is_frozen=True))).is_trusted(PASSED)

    odds = taught(PASSED, 0, 60)
    odds.reset()
    assert (odds.is_trusted(PASSED), odds.learned_from(PASSED)) == (True, 0)


def test_the_number_of_strata_is_bounded() -> None:
    odds = Odds()
    for number in range(2 * MOST_STRATA):
        odds.note(f"rule:{number}", is_same=True)

    assert sum(odds.learned_from(f"rule:{number}") for number in range(2 * MOST_STRATA)) == MOST_STRATA


def test_a_pair_draws_the_same_place_everywhere() -> None:
    assert (draw_of("0" * 64), draw_of("80000000" + "0" * 56)) == (0.0, 0.5)


def test_zones_follow_new_words_new_steering_and_a_reset() -> None:
    odds, drawn = Odds(), 0.5
    zones = [odds.zone(RULE, drawn)]
    taught(RULE, 0, 40, odds)
    zones.append(odds.zone(RULE, drawn))
    odds.steering = Steering(probes=0.9)
    zones.append(odds.zone(RULE, drawn))
    odds.reset()
    zones.append(odds.zone(RULE, drawn))

    assert zones == [Zone.GREY, Zone.DECIDED, Zone.PROBED, Zone.GREY]


@pytest.mark.parametrize("stratum", [RULE, SCORE, PASSED])
@pytest.mark.parametrize(("same", "different"), [(0, 0), (30, 30), (2, 60), (60, 0)])
def test_a_pair_called_the_same_is_known_as_judged(stratum: str, same: int, different: int) -> None:
    odds = Odds()
    odds.known(stratum)
    taught(stratum, same, different, odds)
    gate = Verdict(passed=False, confidence=0.0, stratum=stratum)

    assert odds.known(stratum) == odds.consulted(gate, Relation.SAME)
    assert odds.belief(stratum) == odds.errors.belief(odds.share(stratum), is_repeated=odds.asks_again(stratum))


def test_the_number_of_remembered_strata_is_bounded() -> None:
    odds = Odds()
    for number in range(5 * MOST_STRATA):
        odds.known(f"rule:of another version {number}")

    assert len(odds._places) <= 2 * MOST_STRATA + 1


@pytest.mark.parametrize("passed", [True, False])
@pytest.mark.parametrize("different", [0, 60])
def test_a_steered_verdict_keeps_the_rest_of_the_gate(passed: bool, different: int) -> None:
    gate = Verdict(passed, 0.97, None if passed else "numbers", "two", "three", ("names",), None)
    stratum = stratum_of(gate)
    odds = taught(stratum, 0, different)
    steered = odds.steered(gate, NEVER)

    is_refused = passed and different > 0
    assert steered == replace(
        gate,
        passed=passed and not is_refused,
        rule="learned" if is_refused else gate.rule,
        zone=odds.zone(stratum, NEVER),
        stratum=stratum,
        share=odds.share(stratum),
        learned_from=different,
    )
