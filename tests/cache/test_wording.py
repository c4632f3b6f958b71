from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.cache import personal, volatility, wording
from sentinel_core.cache.wording import MOST_WORDS, NAME, Weights, read
from sentinel_core.chat.messages import ChatRequest

WEIGHTS = """-50

did the

did the of

-100: #3
25: did the|^did

200: plumber
-300: dinosaurs"""


def lines(name: str) -> list[str]:
    """Return the prompts of a data file, one a line."""
    return (Path(__file__).parent.parent / "data" / name).read_text(encoding="utf-8").splitlines()


def test_a_score_sums_the_pieces_and_the_mean_of_content_words() -> None:
    weights = Weights(WEIGHTS)

    assert weights.score("Did the plumber come?") == pytest.approx(-0.5 - 1.0 + 0.25 + 0.25 + 2.0 / 2)
    assert weights.score("Did the dinosaurs") == pytest.approx(-0.5 + 0.25 + 0.25 - 3.0)
    assert weights.score("?!") == -math.inf


def test_words_outside_the_vocabulary_are_read_by_their_form() -> None:
    pieces, content = read(
        "Hi, did Mr Hill's van 4711 arrive at 3pm on Friday", frozenset({"did", "at"}), frozenset({"on"})
    )

    assert {"^did", "did <name>", "<name>'s <w>", "<w> <long>", "at <clock> <w>", "<clock> <w> <day>$"} <= pieces
    assert content == ["did", "mr", "hill", "van", "arrive", "at", "friday"]


def test_signs_of_chinese_and_japanese_are_words() -> None:
    assert {"^我 的", "快 递"} <= read("我的快递", frozenset("我的快递"), frozenset())[0]


@given(st.text(max_size=400), st.sampled_from([wording.PERSONAL, wording.LIVE]))
def test_only_the_first_words_of_any_text_are_weighed(text: str, kind: str) -> None:
    words = wording.WORD.findall(text)
    assert wording.weights(kind).score(text) < 100
    assert len(read(text, frozenset(), frozenset())[1]) <= min(MOST_WORDS, len(words))


def test_most_prompts_of_kinds_it_was_not_fitted_to_are_told() -> None:
    """The prompts are in no list that the weights were fitted to; 116 are personal."""
    told = [(line[0] == "+", bool(personal.reasons(line[2:]))) for line in lines("whose_kinds.txt")]

    assert len(told) == 211
    assert told.count((True, True)) >= 106
    assert told.count((False, True)) <= 3


def test_the_wording_counts_as_a_rule_that_can_be_switched_off() -> None:
    request = ChatRequest("fake", "small", ({"role": "user", "content": "Did the plumber come?"},), {})

    assert personal.reason(request) == NAME
    assert personal.reason(request, off={NAME}) is None
    assert NAME in personal.NAMES


@pytest.mark.parametrize(
    "prompt",
    [
        "Translate to French: did the plumber come?",
        "Classify the intent: is my parcel shipped. Did the plumber come?",
        'What does "did the plumber come" mean?',
    ],
)
def test_text_to_be_worked_on_is_not_weighed(prompt: str) -> None:
    assert NAME not in personal.reasons(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "Is breakfast part of the booking I made?",
        "Quel siège m'a été attribué ?",
        "Дверь гаража закрыта?",
        "मेरा परीक्षा परिणाम क्या है?",
        "ما الذي قلته لك قبل قليل؟",
        "Kuinka monta lomapäivää minulla on jäljellä?",
        "今天天气很好。我的包裹在哪里？",
    ],
)
def test_personal_prompts_are_told_in_languages_with_few_sentences(prompt: str) -> None:
    assert personal.reasons(prompt) != ()


def test_statements_before_the_question_are_not_weighed() -> None:
    assert personal.reasons("The plumber has not come yet. What is the capital of Peru?") == ()


def test_of_a_long_prompt_the_first_and_the_last_sentence_are_weighed() -> None:
    passage = "The parcel was sent on Monday, is it here? " * 20

    assert NAME not in personal.reasons(f"What is a parcel? {passage} What is a parcel?")
    assert NAME in personal.reasons(f"What is a parcel? {passage} Did the plumber come?")


def test_most_live_prompts_of_kinds_it_was_not_fitted_to_are_told() -> None:
    """The prompts are in no list that the weights were fitted to; 102 are live."""
    told = [(line[0] == "+", volatility.reason(line[2:], 0.0) is not None) for line in lines("live_kinds.txt")]

    assert len(told) == 174
    assert told.count((True, True)) >= 84
    assert told.count((False, True)) <= 1


def test_live_wording_counts_as_a_rule_that_can_be_switched_off() -> None:
    assert volatility.reason("Are the Lakers winning?", 0.0) == NAME
    assert volatility.reason("Are the Lakers winning?", 0.0, off={NAME}) is None
    assert NAME in volatility.NAMES


def test_a_rule_of_live_words_that_is_off_is_not_undone_by_the_wording() -> None:
    assert volatility.reason("Who is winning the match?", 0.0) == "scores"
    assert volatility.reason("Who is winning the match?", 0.0, off={"scores"}) is None


def test_what_is_asked_of_a_long_text_is_not_live_by_its_wording() -> None:
    passage = "The Lakers are ahead of the Bulls by nine. " * 10

    assert volatility.reason(f"{passage}\nAre the Lakers winning?", 0.0) is None


@pytest.mark.parametrize(
    "prompt",
    [
        "Wie viel kostet die Zustellung?",
        "Gibt es Rabatt für Studenten?",
        "Quanto custa a devolução?",
        "¿Hacen envíos a Chile?",
        "Hoe laat sluit de winkel?",
        "Quali carte accettate?",
        "What does s.split(' ') do?",
        "Почему мой холодильник шумит?",
        "मैं अपनी लिखावट कैसे सुधारूँ?",
        "كيف أحسن ذاكرتي؟",
        "¿Guardas mis conversaciones?",
        "Er jorden rund?",
        "谁写了红楼梦？",
        "Wurde Cäsar ermordet?",
    ],
)
def test_questions_that_all_customers_ask_are_neither(prompt: str) -> None:
    assert personal.reasons(prompt) == ()
    assert volatility.reason(prompt, 0.0) is None
