"""When an answer that all near entries hold is reused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sentinel_core.cache.curated import CuratedEntry
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.odds import JUDGED, LEARNED, OUTRUN, Odds
from sentinel_core.cache.pairs import Labeller
from sentinel_core.cache.plan import Judgement
from sentinel_core.cache.ports import Candidate
from sentinel_core.cache.shared_answer import FEWEST_ENTRIES, LONGEST, shared
from sentinel_core.cache.verdict import CONFIDENCE, Verdict, Zone
from tests.support.fakes import completion

ANSWER = "Your card arrives within five days."
CLOSE = Verdict(False, 0.85, CONFIDENCE, stratum="confidence:17", zone=Zone.PROBED, is_close=True)
FAR = Verdict(False, 0.3, CONFIDENCE)
RULE = Verdict(False, 0.2, "negation")


def judgement(number: int, verdict: Verdict, answer: str | None = ANSWER, **message: object) -> Judgement:
    entry = Entry(f"prompt {number}", completion(answer, **message), created=0.0, ttl=100.0)  # type: ignore[arg-type]
    return Candidate(entry, 0.9 - number / 100), verdict


def judgements(*verdicts: Verdict, answer: str | None = ANSWER, **message: object) -> list[Judgement]:
    return [judgement(number, verdict, answer, **message) for number, verdict in enumerate(verdicts)]


def test_the_likeliest_of_entries_with_one_answer_passes_and_is_last() -> None:
    likelier = replace(CLOSE, confidence=0.9)
    given = judgements(FAR, CLOSE, likelier, RULE)

    passed = given[2][0], Verdict(True, 0.9)
    assert shared(given) == (given[0], given[1], given[3], passed)


def test_case_and_blanks_of_one_answer_do_not_matter() -> None:
    given = [judgement(0, CLOSE), judgement(1, FAR, ANSWER.upper()), judgement(2, FAR, f" {ANSWER}\n")]

    assert shared(given)[-1][0] == given[0][0]


@pytest.mark.parametrize(("refused", "hits"), [(1, True), (2, True), (3, False)])
def test_rules_against_more_than_half_of_the_entries_are_final(refused: int, hits: bool) -> None:
    assert bool(shared(judgements(*[RULE] * refused, *[CLOSE] * (4 - refused)))) is hits


@pytest.mark.parametrize("count", range(FEWEST_ENTRIES))
def test_few_entries_show_nothing(count: int) -> None:
    assert shared(judgements(*[CLOSE] * count)) == ()


def test_one_other_answer_is_enough_to_refuse() -> None:
    assert shared([*judgements(CLOSE, CLOSE, CLOSE), judgement(3, FAR, "Your card arrives within six days.")]) == ()


@pytest.mark.parametrize(
    "verdict",
    [
        FAR,
        RULE,
    ],
)
def test_clear_refusals_stand(verdict: Verdict) -> None:
    assert shared(judgements(verdict, verdict, verdict)) == ()


@pytest.mark.parametrize(
    "verdict",
    [
        replace(CLOSE, rule=LEARNED),
        replace(CLOSE, rule=OUTRUN),
        replace(CLOSE, rule=JUDGED, known_by=Labeller.JUDGE),
        replace(FAR, known_by=Labeller.JUDGE),
    ],
)
def test_what_judge_odds_or_label_say_of_one_entry_stands(verdict: Verdict) -> None:
    assert shared(judgements(CLOSE, verdict, CLOSE, CLOSE)) == ()


def test_a_passed_entry_that_is_too_old_is_not_replaced() -> None:
    assert shared(judgements(Verdict(True, 0.99), CLOSE, CLOSE)) == ()


@pytest.mark.parametrize(
    "answer",
    [None, "", "Yes.", "42", "No, never", "I'm sorry, I can't help with that.", "Which card do you mean?",
     "Error: upstream timed out", '{"intent": "unknown"}', "word " * LONGEST],
)  # fmt: skip
def test_answers_that_say_nothing_of_their_prompt_do_not_count(answer: str | None) -> None:
    assert shared(judgements(CLOSE, CLOSE, CLOSE, answer=answer)) == ()


def test_calls_of_tools_do_not_count() -> None:
    calls = [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]

    assert shared(judgements(CLOSE, CLOSE, CLOSE, tool_calls=calls)) == ()


def test_answers_with_calls_of_tools_beside_equal_text_do_not_count() -> None:
    calls = [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    given = [*judgements(CLOSE, CLOSE), judgement(2, CLOSE, tool_calls=calls)]

    assert shared(given) == ()


def test_curated_answers_have_their_own_measure() -> None:
    given = judgements(CLOSE, CLOSE, CLOSE)
    near = given[0][0]
    curated = CuratedEntry("prompt 0", near.entry.completion, created=0.0, ttl=100.0, id="a")

    assert shared([(Candidate(curated, 0.9), CLOSE), *given[1:]]) == ()


def test_a_close_refusal_stays_close_where_odds_are_learned() -> None:
    assert Odds().steered(CLOSE, 0.5).is_close
