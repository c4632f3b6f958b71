"""Answers that can be compared, and those that say nothing about their prompt."""

from __future__ import annotations

import pytest

from sentinel_core.cache.answer_forms import SHORT, form_of
from sentinel_core.chat.messages import Completion


def completion(text: str, *, finish_reason: str = "stop", **message: object) -> Completion:
    return Completion("groq", "m", {"role": "assistant", "content": text, **message}, finish_reason)  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Paris.", "  paris"),
        ("**Paris**", "Paris!"),
        ("42", "４２"),
        ('{"a": 1, "b": [2]}', '```json\n{"b": [2], "a": 1}\n```'),
        ("<think>Hm.</think>Paris", "paris"),
        ("Paris\n is  the capital.", "paris is the capital"),
    ],
)
def test_equal_answers_have_equal_forms(one: str, other: str) -> None:
    assert form_of(completion(one)) == form_of(completion(other)) is not None


@pytest.mark.parametrize(("one", "other"), [("5", "-5"), ('{"a": 1}', '{"a": 2}'), ("yes", "no"), ("$5", "5%")])
def test_other_answers_have_other_forms(one: str, other: str) -> None:
    assert form_of(completion(one)) != form_of(completion(other))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "...",
        "I don't know.",
        "I do not know the answer to that.",
        "I'm not sure.",
        "Sorry, I can't help with that.",
        "I cannot answer this question.",
        "There is no information about this in the context.",
        "The context does not mention it.",
        "Not specified",
        "N/A",
        "Unknown.",
        "Das weiß ich leider nicht.",
        "Je ne sais pas.",
        "No lo sé.",
        "我不知道。",
        "Could you clarify what you mean?",
        "Please provide more details.",
        "Please contact our support team.",
        "Error: something went wrong",
        "{}",
        '{"answer": null}',
        '{"answer": ""}',
        '{"answer": "I don\'t know"}',
        '[{"answer": "unknown", "score": 3}]',
        "a" * (SHORT + 1),
        '{"a": "' + "x" * 20_000 + '"}',
        "<think>without an end",
    ],
)
def test_answers_that_say_nothing_are_not_compared(text: str) -> None:
    assert form_of(completion(text)) is None


@pytest.mark.parametrize(
    "answer",
    [
        completion("Paris", finish_reason="length"),
        completion("Paris", tool_calls=[{"id": "1"}]),
        completion("Paris", refusal="No."),
    ],
    ids=["cut", "tools", "refusal"],
)
def test_unfinished_answers_tool_calls_and_refusals_are_not_compared(answer: Completion) -> None:
    assert form_of(answer) is None
