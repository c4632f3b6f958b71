"""Prompts in other languages are one where the kind of question and the words are the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from sentinel_core.matching.other_languages import asks_the_same

SECTIONS = (Path(__file__).parent / "pairs.txt").read_text(encoding="utf-8").strip().split("\n\n")
PAIRS = {name: [(line[0], *line[2:].split(" | ")) for line in lines] for name, *lines in map(str.splitlines, SECTIONS)}
"""By language: a sign, `+` for one request and `-` for two, and both prompts."""


@pytest.mark.parametrize("language", PAIRS)
def test_rewordings_are_one_request_and_others_are_not(language: str) -> None:
    pairs = PAIRS[language]

    found = [(sign, one, other) for sign, one, other in pairs if asks_the_same(one, other) != (sign == "+")]
    turned = [(sign, one, other) for sign, one, other in pairs if asks_the_same(other, one) != (sign == "+")]

    assert len(pairs) > 10
    assert (found, turned) == ([], [])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How can I reset my password?", "How do I reset my password?"),
        ("", "Wie geht es?"),
        ("?!", "¿?"),
        ("Wie?", "Wie bitte?"),
        ("Wie kann ich " + "x" * 400, "Wie kann ich bitte " + "x" * 400),
    ],
)
def test_english_and_empty_and_long_prompts_are_left_to_the_gate(one: str, other: str) -> None:
    assert not asks_the_same(one, other)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("waurm miauen katzen", "Warum miauen Katzen?"),
        ("Wan muss ich Rosen gießen", "Wann muss ich Rosen gießen?"),
        ("coment changer mon mot de passe", "Comment changer mon mot de passe ?"),
    ],
)
def test_a_slip_in_the_first_question_word_is_read_over(wrong: str, right: str) -> None:
    assert asks_the_same(wrong, right)
