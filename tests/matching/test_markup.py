"""Markup around a lone question is taken away; all else stays."""

from __future__ import annotations

import pytest

from sentinel_core.matching.canonical_text import comparable
from sentinel_core.matching.markup import without_markup


@pytest.mark.parametrize(
    ("prompt", "question"),
    [
        ("> Why do cats purr?", "Why do cats purr?"),
        ("3. Why do cats purr?", "Why do cats purr?"),
        ("## Why do cats purr?", "Why do cats purr?"),
        ("<h2>Why do cats purr?</h2>", "Why do cats purr?"),
        ("**Why do cats purr?**", "Why do cats purr?"),
        ("- **Frage:** Warum schnurren Katzen?", "Warum schnurren Katzen?"),
        ("Pregunta: ¿Por qué ronronean los gatos?\nRespuesta:", "¿Por qué ronronean los gatos?"),
        ("Question: Why do cats purr?\n\nAnswer:", "Why do cats purr?"),
    ],
)
def test_markup_around_a_question_is_taken_away(prompt: str, question: str) -> None:
    assert without_markup(prompt) == question
    assert comparable(prompt) == comparable(question)


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "> ",
        "1. e4 e5",
        "-40 in Fahrenheit?",
        "- 40 in Fahrenheit?",
        "<p>What does <b> do?</p>",
        "Question: sum\nAnswer:",
        "1. Why?\n2. How?",
        "what is " + "\n" * 290 + "\u3000" * 290 + "?",
        "*args and **kwargs: which?",
        "Q: 3\nA: three\nQ: 8\nA:",
    ],
)
def test_other_prompts_stay_as_they_are(prompt: str) -> None:
    assert without_markup(prompt) == prompt
