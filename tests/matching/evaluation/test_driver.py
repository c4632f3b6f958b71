from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from sentinel_core.cache.plan import CANDIDATES
from sentinel_core.matching.evaluation.driver import decide
from sentinel_core.matching.evaluation.records import Request
from sentinel_core.matching.evaluation.replay import Decider, replay
from sentinel_core.matching.gate import CONFIDENCE, Candidate, Gate, Verdict
from tests.support.fakes import OPEN_GATE

GATE = Gate()


def decide_by(gate: Gate, asked: str, near: list[Candidate], threshold: float) -> Candidate | None:
    cosines = {each.prompt: each.similarity for each in near}
    return decide(asked, near, threshold, lambda stored: gate.judge(asked, stored, cosines[stored]))


def test_the_nearest_candidate_that_passes_is_taken() -> None:
    asked = "How do I pay my bill?"
    traps = [Candidate("How do I not pay my bill?", 0.99), Candidate("How do I pay 3 bills?", 0.98)]
    right, further = Candidate("how can I pay my bill", 0.97), Candidate("How to pay my bill?", 0.9)

    assert decide_by(GATE, asked, [further, *traps, right], 0.6) == right
    assert decide_by(GATE, asked, [further, *traps, right], 0.98) is None


@pytest.mark.parametrize(("threshold", "taken"), [(0.8, True), (0.81, False)])
def test_a_candidate_on_the_threshold_is_judged(threshold: float, taken: bool) -> None:
    candidate = Candidate("How do I pay?", 0.8)

    assert decide_by(GATE, candidate.prompt, [candidate], threshold) == (candidate if taken else None)


def test_no_candidates_are_a_miss() -> None:
    assert decide_by(GATE, "How do I pay?", [], 0.0) is None


def test_only_the_candidates_of_a_request_are_judged() -> None:
    trap = [Candidate(f"How do I pay {number} bills?", 0.9) for number in range(CANDIDATES)]
    right = Candidate("How do I pay my bill?", 0.89)

    assert decide_by(GATE, right.prompt, [*trap[1:], right], 0.5) == right
    assert decide_by(GATE, right.prompt, [*trap, right], 0.5) is None
    assert decide_by(OPEN_GATE, right.prompt, [*trap, right], 0.5) == trap[0]


@dataclass(frozen=True)
class DoubtfulGate(Gate):
    """A gate that is nearly sure of every pair."""

    def judge(self, asked: str, stored: str, similarity: float, odds: float = 1.0) -> Verdict:
        return Verdict(False, 0.85, CONFIDENCE, is_close=True)


@pytest.mark.parametrize(
    ("same_answers", "answers", "hits"), [(True, "aaaa", 1), (True, "aaba", 0), (False, "aaaa", 0)]
)
def test_a_stream_with_one_text_an_answer_hits_by_it(same_answers: bool, answers: str, hits: int) -> None:
    prompts = ["my card is late", "the card is late", "where is the card", "card is late again"]
    vectors = dict.fromkeys(prompts, np.eye(1, 384, dtype=np.float32)[0])
    decider = Decider(vectors, DoubtfulGate(), same_answers=same_answers)
    records = [Request(prompt, answer, "bot", "", "") for prompt, answer in zip(prompts, answers, strict=True)]

    assert [outcome.hit for _, outcome in replay(records, decider, 0.5)] == [False] * 3 + [bool(hits)]
