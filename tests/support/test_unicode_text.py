import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.support.unicode_text import LONGEST, MOST_MARKS, has_many_marks, normalised


@given(text=st.text(max_size=200))
def test_ordinary_text_is_normalised(text: str) -> None:
    assert normalised("NFKC", text) == unicodedata.normalize("NFKC", text) or has_many_marks(text)


def test_marks_up_to_the_limit_are_normalised() -> None:
    text = "e\u0301" + "\u0316" * (MOST_MARKS - 1)
    assert not has_many_marks(text)
    assert normalised("NFC", text) == unicodedata.normalize("NFC", text) != text


@pytest.mark.parametrize("mark", ["\u0301", "\u0316", "\u0f73", "\uff9e"])
def test_more_marks_than_the_limit_keep_their_form(mark: str) -> None:
    text = "e" + mark * (MOST_MARKS + 1)
    assert has_many_marks(text)
    assert normalised("NFKC", text) == text


def test_text_past_the_longest_keeps_its_form() -> None:
    assert normalised("NFC", "e\u0301" * LONGEST) == "e\u0301" * LONGEST
