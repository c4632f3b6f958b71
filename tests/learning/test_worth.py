"""A judge is asked before the answer only where its word is expected to save more than it costs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scripts.devtools.http.replies import answer
from sentinel_core.cache.billing import Billing
from sentinel_core.cache.odds import Odds
from sentinel_core.cache.outcome import name
from sentinel_core.cache.said_words import WINDOW
from sentinel_core.learning.learning import Mode
from sentinel_core.learning.worth import Pace, Worth
from sentinel_core.matching.gate import Gate
from tests.learning.conftest import STORED, Judged
from tests.support.fakes import OPEN_GATE, PRICE, chat

pytestmark = pytest.mark.anyio

Build = Callable[..., Judged]


@pytest.mark.parametrize(
    ("worth", "pace", "saving"),
    [
        (Worth(1.0, 0.1, 0.0, 0.5, 1.0), Pace(), 0.4),
        (Worth(1.0, 0.5, 0.0, 0.5, 1.0), Pace(), 0.0),
        (Worth(0.0, 0.1, 0.0, 1.0, 2.0), Pace(), -0.2),
        (Worth(0.0, 0.0, 0.1, 0.5, 1.0), Pace(4.0, 1.0), 0.1),
        (Worth(0.0, 0.0, 0.1, 0.1, 1.0), Pace(4.0, 1.0), -0.06),
        (Worth(1.0, 0.1, 9.0, 0.5, 1.0), Pace(answer=4.0), 0.4),
    ],
)
def test_a_saving_is_the_chance_of_a_hit_less_the_questions(worth: Worth, pace: Pace, saving: float) -> None:
    assert worth.saving(pace) == pytest.approx(saving)


def test_times_are_means_that_follow_slowly() -> None:
    pace = Pace()
    for seconds in (2.0, 3.0):
        pace.note_answer(seconds)
        pace.note_word(seconds / 2)

    assert pace.answer == pytest.approx(2.1)
    assert pace.word == pytest.approx(1.05)


def test_prospects_follow_the_odds_of_the_stratum() -> None:
    rare, usual = Odds(), Odds()
    for _ in range(WINDOW):
        rare.note("score:3", is_same=False)
        usual.note("score:3", is_same=True)
    (seldom, few), (often, once) = rare.prospects("score:3"), usual.prospects("score:3")

    assert 0 < seldom < 0.03
    assert 1 < few < 1.1
    assert often > 0.9
    assert once == 1.0


@pytest.mark.parametrize(
    ("question_usd", "mode", "gate", "model", "questions"),
    [
        (PRICE / 100, "inline", Gate(), "small", 2),
        (PRICE, "inline", Gate(), "small", 0),
        (None, "inline", Gate(), "small", 2),
        (PRICE, "inline", Gate(), "unpriced", 2),
        (PRICE, "inline", OPEN_GATE, "small", 1),
        (PRICE, "background", Gate(), "small", 2),
    ],
    ids=["cheap", "dear", "unknown price", "unknown answer", "a pass of the gate", "background"],
)
async def test_a_dear_judge_is_not_asked_before_the_answer(
    judged: Build, question_usd: float | None, mode: Mode, gate: Gate, model: str, questions: int
) -> None:
    it = judged(mode=mode, gate=gate, usd=1_000.0)
    it.learning.judge.billing = Billing(lambda *_: question_usd)
    it.upstream.default = answer("same")
    for prompt in (STORED, "what is deep learning"):
        await it.ask(ask=it.world.ask(chat(prompt, model=model)))
    await it.settle()

    assert len(it.questions) == questions
    assert it.learning.ledger.everyone["judge_not_worth"] == int(questions == 0)


async def test_a_dear_judge_opens_no_pair_and_fails_no_request(judged: Build) -> None:
    it = judged(usd=1_000.0)
    it.learning.judge.billing = Billing(lambda *_: PRICE)
    await it.ask(STORED)

    assert name((await it.ask()).outcome) == "miss"
    assert len(it.world.memory.pairs) == 0
