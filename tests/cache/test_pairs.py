"""Judged pairs: which label wins, what a known pair decides, and what is stored of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.cache.pairs import JudgedPair, Labeller, Relation, decode, encode, key_of, merged, verdict_of
from sentinel_core.cache.scope import digest
from sentinel_core.cache.verdict import Verdict
from sentinel_core.errors import CorruptEntryError

NOW = 1_000.0
KEY = key_of(digest("a"), digest("b"))


def pair(relation: Relation, by: Labeller = Labeller.JUDGE, at: float = NOW) -> JudgedPair:
    return JudgedPair(KEY, relation, by, at, NOW + 10)


SAME, DIFFERENT, DOUBTED = pair(Relation.SAME), pair(Relation.DIFFERENT), pair(Relation.DOUBTED, Labeller.AUDIT)


def test_a_pair_has_one_key_in_either_order() -> None:
    assert key_of(digest("b"), digest("a")) == KEY
    assert key_of(digest("a"), digest("c")) != KEY


@pytest.mark.parametrize(
    ("known", "new", "left"),
    [
        (None, SAME, SAME),
        (SAME, DIFFERENT, DIFFERENT),
        (DIFFERENT, SAME, DIFFERENT),
        (DIFFERENT, pair(Relation.SAME, Labeller.CURATED), pair(Relation.SAME, Labeller.CURATED)),
        (pair(Relation.DIFFERENT, Labeller.FEEDBACK), SAME, pair(Relation.DIFFERENT, Labeller.FEEDBACK)),
        (pair(Relation.SAME, Labeller.AGREEMENT), DIFFERENT, DIFFERENT),
        (SAME, DOUBTED, DOUBTED),
        (DOUBTED, SAME, DOUBTED),
        (DOUBTED, replace(DOUBTED, at=NOW + 1), pair(Relation.DIFFERENT, Labeller.AUDIT, NOW + 1)),
        (DOUBTED, DOUBTED, DOUBTED),
        (DOUBTED, pair(Relation.SAME, Labeller.AUDIT), DOUBTED),
    ],
)
def test_the_more_trusted_label_wins_and_different_among_equals(
    known: JudgedPair | None, new: JudgedPair, left: JudgedPair
) -> None:
    assert merged(known, new) == left


@pytest.mark.parametrize(
    ("known", "now", "verdict"),
    [
        (None, NOW, None),
        (DOUBTED, NOW, None),
        (SAME, NOW + 9, Verdict(True, 1.0, known_by="judge")),
        (SAME, NOW + 10, None),
        (pair(Relation.SAME, Labeller.AGREEMENT), NOW, None),
        (pair(Relation.SAME, Labeller.PROBE), NOW, None),
        (DIFFERENT, NOW, Verdict(False, 0.0, "known-different", known_by="judge")),
    ],
)
def test_a_known_pair_needs_no_gate_until_it_expires(
    known: JudgedPair | None, now: float, verdict: Verdict | None
) -> None:
    assert verdict_of(known, now) == verdict


@given(st.sampled_from(Relation), st.sampled_from(Labeller), st.floats(0, 1e10), st.text(max_size=20))
def test_an_encoded_pair_is_read_as_it_was(relation: Relation, by: Labeller, at: float, stratum: str) -> None:
    one = JudgedPair(KEY, relation, by, at, at + 1, stratum)

    assert decode(encode(one)) == one
    assert encode(one).isascii()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "[" * 100_000,
        encode(SAME).replace("same", "equal"),
        encode(SAME).replace("judge", "mob"),
        encode(SAME).replace("1000.0", "NaN"),
        encode(SAME).replace("1000.0", '"1"'),
        encode(SAME).replace(KEY, "ab"),
    ],
)
def test_no_other_text_is_a_pair(text: str) -> None:
    with pytest.raises(CorruptEntryError):
        decode(text)
