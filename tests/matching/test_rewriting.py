"""Rules are asked in order, each about the text that those before it left."""

from __future__ import annotations

import pytest

from sentinel_core.matching.rewriting import rules_of

RULES = rules_of(
    ("one|uno", r"\b(?:one|uno)\b", "two"),
    ("two", r"\btwo\b", "three"),
    ("four", r"\bfour\b", "one"),
    ("ño", "ño", "no"),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("nothing", "nothing"),
        ("one", "three"),
        ("one uno", "three three"),
        ("four", "one"),
        ("tone", "tone"),
        ("one año four", "three ano one"),
    ],
)
def test_each_rule_reads_the_text_of_those_before(text: str, expected: str) -> None:
    assert RULES.rewritten(text) == expected


def test_texts_in_ascii_need_no_other_hints() -> None:
    plain = RULES.for_ascii()
    assert plain.hints == ("one", "uno", "two", "four")
    assert plain.rewritten("uno four") == RULES.rewritten("uno four") == "three one"


def test_hinted_rules_are_those_with_a_hint_in_the_text() -> None:
    assert [rule.replacement for rule in RULES.hinted("two tone")] == ["two", "three"]
