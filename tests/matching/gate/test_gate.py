import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.matching.gate import CONFIDENCE, RULES, Gate, Verdict, scoring
from sentinel_core.matching.gate.gate import REACH

GATE = Gate()
TRAPS = [
    json.loads(line) for line in (Path(__file__).parents[2] / "data" / "traps.jsonl").read_text("utf-8").splitlines()
]
DIFFERENT = [row for row in TRAPS if not row["same"]]


@given(prompt=st.text(max_size=120), similarity=st.floats(-1, 1))
def test_an_identical_prompt_is_never_refused(prompt: str, similarity: float) -> None:
    assert GATE.judge(prompt, prompt, similarity) == Verdict(passed=True, confidence=1.0)


@given(asked=st.text(max_size=60), stored=st.text(max_size=60), similarity=st.floats(-1, 1))
def test_the_gate_says_the_same_either_way_round(asked: str, stored: str, similarity: float) -> None:
    one, other = GATE.judge(asked, stored, similarity), GATE.judge(stored, asked, similarity)
    assert (one.passed, one.rule) == (other.passed, other.rule)
    assert one.confidence == pytest.approx(other.confidence)
    assert 0 <= one.confidence <= 1


@pytest.mark.parametrize("prompt", ["", " ", "🎉", "\x00\x07", "x" * 100_000, "a " * 50_000, "你好 world привет"])
def test_odd_prompts_have_a_verdict(prompt: str) -> None:
    assert not GATE.judge(prompt, "How do I pay?", 0.2).passed
    assert GATE.judge(prompt, prompt, 1.0).passed


def test_a_refusal_names_its_rule_and_both_spans() -> None:
    verdict = GATE.judge("How do I enable 2FA?", "How do I disable 2FA?", 0.9)
    assert (verdict.passed, verdict.rule, verdict.asked_span, verdict.stored_span) == (
        False,
        "antonyms",
        "enable",
        "disable",
    )


def test_a_rule_that_is_switched_off_refuses_nothing() -> None:
    verdict = Gate(rules=frozenset(RULES) - {"antonyms", "replacement"}).judge(
        "How do I enable 2FA?", "How do I disable 2FA?", 0.99
    )
    assert verdict.rule in (None, CONFIDENCE)


def test_without_a_refusing_rule_the_confidence_decides() -> None:
    verdict = GATE.judge("Where can I find a warm place to sit?", "What is the nicest cafe for a quiet lunch?", 0.5)
    assert (verdict.passed, verdict.rule) == (False, CONFIDENCE)


def test_more_similarity_is_more_confidence() -> None:
    values = [GATE.judge("How do I pay?", "How can I pay my bill?", n / 20).confidence for n in range(21)]
    assert values == sorted(set(values))


def test_what_a_rule_refuses_is_worth_less_and_as_much_as_its_similarity_says() -> None:
    asked, stored = "open on Monday", "open on Tuesday"
    loose = Gate(rules=frozenset(RULES) - {"dates", "contrasts", "replacement"})
    low, high, unruled = (gate.judge(asked, stored, near) for gate, near in ((GATE, 0.7), (GATE, 0.9), (loose, 0.9)))
    assert (low.rule, high.rule, unruled.rule, unruled.passed) == ("dates", "dates", None, True)
    assert low.confidence < high.confidence < 0.5 < unruled.confidence


def test_whoever_asks_why_is_told_every_rule_that_refuses_and_is_surer_of_it() -> None:
    asked, stored = "open on Monday with a card", "open on Tuesday without a card"
    first, all_told = GATE.judge(asked, stored, 0.95), GATE.examine(asked, stored, 0.95)
    assert (first.rule, first.also) == ("dates", ())
    assert (all_told.rule, all_told.also) == ("dates", ("negation", "antonyms", "contrasts"))
    assert all_told.confidence < first.confidence
    without = Gate(rules=frozenset(RULES) - {"dates", "antonyms"}).examine(asked, stored, 0.95)
    assert (without.rule, without.also) == ("negation", ("contrasts",))


@pytest.mark.parametrize("row", TRAPS, ids=lambda row: row["b"])
def test_asking_every_rule_decides_nothing_else(row: dict[str, Any]) -> None:
    one, other = GATE.judge(row["a"], row["b"], 0.97), GATE.examine(row["a"], row["b"], 0.97)
    assert replace(other, also=(), confidence=one.confidence) == one


def test_no_similarity_undoes_a_rule() -> None:
    assert GATE.judge("open on Monday", "open on Tuesday", 0.9999).rule == "dates"


def test_fewer_wrong_hits_allowed_asks_for_a_higher_score() -> None:
    needed = [Gate(max_wrong=share).needed for share in (0.001, 0.01, 0.02, 0.05, 0.5, 1.0)]
    assert needed == sorted(needed, reverse=True)


@pytest.mark.parametrize("options", [{"rules": frozenset({"nonsense"})}, {"max_wrong": 0.0}, {"max_wrong": 1.5}])
def test_options_outside_their_range_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"no such rule: nonsense|max_wrong must be"):
        Gate(**options)


def test_the_trap_set_is_as_large_as_promised() -> None:
    assert len(TRAPS) >= 200
    assert len({row["kind"] for row in TRAPS}) >= 15


def test_the_rules_alone_stop_nine_traps_in_ten_however_near() -> None:
    served = [row["a"] for row in DIFFERENT if GATE.judge(row["a"], row["b"], 0.97).rule in (None, CONFIDENCE)]
    assert len(served) <= len(DIFFERENT) // 10, served


def test_no_rule_refuses_another_wording_of_the_trap_set() -> None:
    verdicts = {row["b"]: GATE.judge(row["a"], row["b"], 0.97).rule for row in TRAPS if row["same"]}
    assert {prompt: rule for prompt, rule in verdicts.items() if rule not in (None, CONFIDENCE)} == {}


def test_a_rule_is_final_at_every_budget_with_a_calibration() -> None:
    budgets = (0.001, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0)
    pair = "covered by the warranty", "covered by the extended warranty"
    assert {Gate(max_wrong=share).judge(*pair, 0.99).rule for share in budgets} == {"addition"}


@given(asked=st.text(max_size=40), stored=st.text(max_size=40), similarity=st.floats(0.5, 1))
def test_a_larger_budget_serves_all_that_a_smaller_one_serves(asked: str, stored: str, similarity: float) -> None:
    served = [Gate(max_wrong=share).judge(asked, stored, similarity).passed for share in (0.01, 0.02, 0.05, 0.1, 1.0)]
    assert served == sorted(served)


def test_known_odds_raise_the_confidence_and_may_turn_a_refusal() -> None:
    plain, likely = (
        GATE.judge("what is the boiling time", "how long does it take to boil", 0.78, odds) for odds in (1.0, 9.0)
    )

    assert likely.confidence > plain.confidence
    assert (plain.passed, likely.passed) == (False, True)


def test_a_refusal_is_close_within_reach_of_the_needed_score() -> None:
    asked, stored = "How can I settle an invoice?", "How do I pay a bill?"
    steps = [number / 1_000 for number in range(500, 1_001)]
    verdicts = {similarity: GATE.judge(asked, stored, similarity) for similarity in steps}
    least = min(similarity for similarity, verdict in verdicts.items() if verdict.passed)
    close = [similarity for similarity, verdict in verdicts.items() if verdict.is_close]

    width = REACH / scoring.correction().weights[0]
    assert min(close) == pytest.approx(least - width, abs=2e-3)
    assert max(close) == pytest.approx(least - 1e-3)
    assert not GATE.judge("How do I enable 2FA?", "How do I disable 2FA?", 0.99).is_close
