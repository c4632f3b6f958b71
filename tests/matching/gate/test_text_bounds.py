"""Every text up to the longest compared has a bound on the work it causes, and raises nothing."""

import pytest

from sentinel_core.cache import scope, volatility
from sentinel_core.matching.canonical_text import LONGEST, comparable
from sentinel_core.matching.gate import Gate
from sentinel_core.matching.gate.reading import MOST_WORDS, read
from sentinel_core.matching.gate.rules import edits

ATOMS = [
    "\u0301\u0316", "-", " ", "six ", "nine hundred million ", "\ufdfa", "x", "https://e.com/a_b?c=d ", "\U0001f389",
    '"', "'a' ", "``` ", "\u017f", "\u0130", "from a to b ", "\ud800", "\x00", "a\u0301\u0316", "a@b.", "1,000",
]  # fmt: skip
GATE = Gate()


@pytest.mark.parametrize("atom", ATOMS)
def test_a_repeated_atom_raises_nothing_and_is_bounded(atom: str) -> None:
    text = (atom * LONGEST)[: LONGEST - 1]
    assert len(comparable(text)) <= LONGEST
    assert len(read(text).tokens) <= MOST_WORDS + 1
    assert not GATE.examine(text, text[:-9] + "another", 0.9).passed
    assert len(scope.digest(text)) == 64
    assert volatility.reason(text, 0.0) is None


@pytest.mark.parametrize("text", [f"is {'a' * 3_900} cheaper than b c d e f g h", f"{',' * 3_900} lol x"])
def test_a_comparison_and_a_laugh_are_looked_for_in_few_steps(text: str) -> None:
    assert len(comparable(text)) <= LONGEST


def test_a_ligature_does_not_make_a_text_longer_than_the_limit() -> None:
    assert comparable("\ufdfa" * 1_000) == "\ufdfa" * 1_000


def test_repeated_words_are_aligned_by_their_ends_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edits, "SequenceMatcher", None)  # an alignment of all would fail
    found = edits.edits(read("start " + "word " * 150 + "apples"), read("start " + "word " * 150 + "pears"))
    assert (found.asked, found.stored) == (("apples",), ("pears",))


@pytest.mark.parametrize("first", ["is ", "what "])
def test_the_same_words_with_other_numbers_of_words_left_out_are_judged(first: str) -> None:
    """A question leaves out its "not": the rest may be the beginning of the other prompt's rest."""
    asked, stored = first + "not not " * 3, "not " + first + "not not " * 2 + "not "

    for one, other in ((asked, stored), (stored, asked)):
        assert Gate().judge(one, other, 0.9).passed in (True, False)
