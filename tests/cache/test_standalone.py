from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.cache.standalone import LONGEST, refers_back, stands_alone

CHATS = Path(__file__).parents[3] / "shared" / "data" / "dev" / "conv_pairs.jsonl.gz"


@pytest.mark.parametrize(
    "turn",
    [
        "What is the capital of France?",
        "How do I reset a password in Windows 11?",
        "Hi, do you take American Express?",
        "Unrelated, but is the contact centre open on bank holidays?",
        "What documents do UK residents need to enter Spain?",
        "Can dogs eat grapes?",
    ],
)
def test_a_whole_question_stands_alone(turn: str) -> None:
    assert stands_alone(turn)


@pytest.mark.parametrize(
    "turn",
    [
        "",
        "yes please",
        "How much does it cost?",
        "What about Germany?",
        "And in France?",
        "Who is the author?",
        "What is the population of the city?",
        "Do you have a bigger size?",
        "Could you rewrite that in Python?",
        "Can you translate to French?",
        "Which day do the recycling bins go out?",
        "When is my first payday?",
        "Is Tuesday available?",
        "What are the side effects?",
        "How do I cancel",
        "Was kostet die Lieferung nach Irland?",
        "What is a bond? What is a share?",
        "What is a bond " + "x" * LONGEST,
    ],
)
def test_a_turn_that_may_refer_back_does_not_stand_alone(turn: str) -> None:
    assert not stands_alone(turn)


@pytest.mark.parametrize(
    "earlier",
    [
        "From now on, answer in French.",
        "Pretend you are a pirate.",
        "Always say please.",
        "Reply only with one word.",
        "By bond I mean the film.",
        "Imagine we live on Mars.",
    ],
)
def test_a_standing_instruction_keeps_the_history(earlier: str) -> None:
    assert not stands_alone("What is the capital of France?", ["Hello", earlier])


@pytest.mark.parametrize(
    "answer",
    [
        "As you mentioned, your flight is late.",
        "Sure, Anna! It opens at nine.",
        "It opens at nine, as I said earlier.",
        "You're welcome, Bob.",
        "Your previous order is on its way.",
    ],
)
def test_an_answer_that_leans_on_the_history_refers_back(answer: str) -> None:
    assert refers_back(answer)


@pytest.mark.parametrize("answer", ["Paris.", "Yes, we open at nine on Sundays.", "Hello! We take American Express."])
def test_an_answer_to_the_question_alone_does_not_refer_back(answer: str) -> None:
    assert not refers_back(answer)


@given(st.text(max_size=500))
def test_any_text_is_judged(text: str) -> None:
    assert stands_alone(text) in (True, False)


@pytest.mark.skipif(not CHATS.exists(), reason="the labelled chats are not in the repository")
def test_of_labelled_chats_irrelevant_history_is_ignored_and_relevant_never() -> None:
    with gzip.open(CHATS) as lines:
        pairs = [json.loads(line) for line in lines]
    irrelevant = [alone(pair) for pair in pairs if pair["kind"].endswith("irrelevant_history")]
    traps = [alone(pair) for pair in pairs if not pair["same"]]

    assert (sum(irrelevant), len(irrelevant)) == (26, 28)
    assert (sum(traps), len(traps)) == (0, 70)


def alone(pair: Any) -> bool:
    """Whether both chats' last turns stand alone, so that one's answer may serve the other."""
    return all(
        stands_alone(chat[-1]["content"], [turn["content"] for turn in chat[:-1] if turn["role"] == "user"])
        for chat in (pair["a"], pair["b"])
    )
