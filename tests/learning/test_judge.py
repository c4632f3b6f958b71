"""How the judge's word is read from its answer."""

from __future__ import annotations

import pytest

from sentinel_core.cache.pairs import Relation
from sentinel_core.learning.judge import relation_in
from tests.support.fakes import completion

SAME, DIFFERENT = Relation.SAME, Relation.DIFFERENT


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("same", SAME),
        ("Same.", SAME),
        (' "DIFFERENT"\n', DIFFERENT),
        ("**different**", DIFFERENT),
        ("same\u200b", None),
        ("the same", None),
        ("same, but", None),
        ("not same", None),
        ("samedifferent", None),
        ("different same", None),
        ("ſame", None),
        ("", None),
        (None, None),
        ("same" * 100_000, None),
    ],
)
def test_one_word_is_read_and_nothing_else(text: str | None, relation: Relation | None) -> None:
    assert relation_in(completion(text)) is relation


def test_an_answer_cut_off_or_with_a_tool_call_says_nothing() -> None:
    assert relation_in(completion("same", finish_reason="length")) is None
    assert relation_in(completion("same", tool_calls=[{"id": "1"}])) is None
