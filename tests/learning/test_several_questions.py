"""A judge is asked about some curated answers, or about a likely second pair, within one timeout."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from scripts.devtools.http.replies import Call, Reply, answer
from sentinel_core.cache.curated import LEADS, Record
from sentinel_core.cache.outcome import Hit
from sentinel_core.cache.scope import Query
from sentinel_core.matching.gate import RULES, Gate
from tests.learning.conftest import Judged

pytestmark = pytest.mark.anyio

ASKED = "what is the best deep learning course today"
SAME, DIFFERENT = answer("same"), answer("different")


async def put(it: Judged, *records: tuple[tuple[str, ...], str]) -> None:
    await it.world.curated.put("open", [Record(text, questions, text) for questions, text in records])


def stored(it: Judged) -> list[str]:
    """Return the stored questions that the judge was asked about."""
    return [json.loads(call.body["messages"][1]["content"])["first"] for call in it.questions]


FOUR = (
    (("what is the best deep learning course", "name the best deep learning course today"), "D"),
    (("what is the best machine learning course today",), "M"),
    (("what is the best slow learning course today",), "S"),
    (("what is the best fast learning course today",), "F"),
)


async def test_the_judge_is_asked_about_the_next_answer_after_a_refusal(judged: Callable[..., Judged]) -> None:
    it = judged(has_curated=True, gate=Gate(max_wrong=0.0001))
    await put(it, *FOUR)
    it.upstream.script(DIFFERENT, SAME, SAME)

    found = await it.ask(ASKED)

    assert isinstance(found.outcome, Hit)
    assert found.outcome.is_curated
    answers = [text for question in stored(it) for questions, text in FOUR if question in questions]
    assert answers[0] != answers[1]
    assert found.completion.text == answers[1]


async def test_the_judge_is_asked_about_so_many_answers_and_each_once(judged: Callable[..., Judged]) -> None:
    it = judged(has_curated=True, gate=Gate(max_wrong=0.0001))
    await put(it, *FOUR)
    it.upstream.default = DIFFERENT

    found = await it.ask(ASKED)

    assert not isinstance(found.outcome, Hit)
    assert len(stored(it)) == LEADS == len({question.split()[4] for question in stored(it)})


async def test_the_nearest_questions_of_several_answers_are_compared(judged: Callable[..., Judged]) -> None:
    it = judged(has_curated=True)
    many = tuple(f"what is the best deep learning course today {word}" for word in "abcdef")
    await put(it, (many, "D"), *FOUR[1:])
    ask = it.world.ask(ASKED)
    vector, query = await it.world.embedder.embed(ASKED), Query("open", "", ASKED, "")

    found = {leads: it.world.curated.nearest(ask, query, vector, 0.5, leads) for leads in (1, LEADS)}

    texts = {leads: [each.entry.completion.text for each in near] for leads, near in found.items()}
    assert texts[1] == ["D"] * 4
    assert (len(texts[LEADS]), texts[LEADS].count("D"), len(set(texts[LEADS]))) == (4, 2, LEADS)
    assert [each.similarity for each in found[LEADS]] == sorted(
        (each.similarity for each in found[LEADS]), reverse=True
    )


async def test_all_questions_share_one_timeout(judged: Callable[..., Judged]) -> None:
    it = judged(has_curated=True, gate=Gate(max_wrong=0.0001), timeout=50.0)
    await put(it, *FOUR)

    def slow(call: Call) -> Reply:
        it.world.clock.advance(30.0)
        return DIFFERENT

    it.upstream.models["llama-3.1-8b-instant"] = slow
    await it.ask(ask=it.world.ask(ASKED, deadline=1_000.0))

    assert len(stored(it)) == 2


async def test_a_learned_answer_is_asked_about_only_as_the_first(judged: Callable[..., Judged]) -> None:
    it = judged(gate=Gate(max_wrong=0.0001))
    it.upstream.default = DIFFERENT
    for questions, _ in FOUR:
        await it.ask(questions[0])
    before = len(it.questions)

    await it.ask(ASKED)

    assert len(it.questions) == before + 1


@pytest.mark.parametrize(("same", "pairs"), [(38, 2), (8, 1)])
async def test_a_likely_second_pair_is_asked_about_after_a_refusal(
    judged: Callable[..., Judged], same: int, pairs: int
) -> None:
    it = judged(gate=Gate(max_wrong=0.0001))
    it.upstream.default = DIFFERENT
    for questions, _ in FOUR[1:3]:
        await it.ask(questions[0])
    odds, before = it.learning.odds("open"), len(it.questions)
    for stratum in [*(f"score:{step}" for step in range(20)), *(f"rule:{rule}" for rule in RULES)]:
        for word in range(40):
            odds.note(stratum, is_same=word < same)
    it.upstream.script(DIFFERENT, SAME, SAME)

    found = await it.ask(ASKED)

    assert len(set(stored(it)[before:])) == pairs
    assert isinstance(found.outcome, Hit) is (pairs == 2)
