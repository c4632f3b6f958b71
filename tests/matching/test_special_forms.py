from __future__ import annotations

import pytest

from sentinel_core.matching.canonical_text import comparable


@pytest.mark.parametrize(
    ("prompt", "text"),
    [("5² + 3", "5 ^ 2 + 3"), ("1½ cups", "1 1/2 cups"), ("½ cup", "1/2 cup"), ("10₂", "10 base 2"), ("H₂O", "h2o")],
)
def test_superscripts_and_fractions_stay_other_numbers(prompt: str, text: str) -> None:
    assert comparable(prompt) == text
    assert comparable(text) == text


def test_a_square_is_one_text_in_signs_and_words() -> None:
    assert comparable("What is 12²?") == comparable("What is 12 squared?") == comparable("What is 12^2?")
