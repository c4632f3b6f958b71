"""Slips of the keyboard become the everyday word that is meant; names, code and rare words stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.matching.canonical_text import comparable
from sentinel_core.matching.known_words import is_known
from sentinel_core.matching.slips import mended


@pytest.mark.parametrize(
    ("slip", "word"),
    [
        ("amoutn", "amount"), ("exchage", "exchange"), ("receipient", "recipient"), ("phisics", "physics"),
        ("electrisity", "electricity"), ("pnumonia", "pneumonia"), ("sychology", "psychology"), ("mortage", "mortgage"),
        ("unsubcribe", "unsubscribe"), ("fotography", "photography"), ("uplaod", "upload"), ("pancaks", "pancakes"),
        ("moeny", "money"), ("februrary", "february"), ("brocoli", "broccoli"), ("dehidration", "dehydration"),
    ],
)  # fmt: skip
def test_a_slip_becomes_the_word_that_is_meant(slip: str, word: str) -> None:
    assert mended(f"What is the {slip} about?") == f"What is the {word} about?"
    assert comparable(f"{slip.title()} of today") == comparable(f"{word} of today")


@pytest.mark.parametrize(
    "text",
    [
        "Who is Peter Bakker?",
        "what is flickr",
        "what is lyrica for",
        "what are prebiotics",
        "what is smishing",
        "how do I stop dozing",
        "the formulae with a backslash",
        "is prednizone safe",
        "the adkins diet",
        "run grpc_sevrer now",
        "open www.recieve.com",
        "How do you spell recomend?",
        "is checkbox or mowing a hobby",
        "hur avbryter jag min prenumeration",
        "xqzvk jjjjj qqqqq zzzzzz kkkkkk",
    ],
)
def test_names_code_and_unknown_words_stay(text: str) -> None:
    assert mended(text) == text


@pytest.mark.parametrize("word", ["emailing", "scammed", "loaves", "checkbox", "unpaid", "amsterdam", "chlorite", "it"])
def test_forms_and_compounds_of_listed_words_are_known(word: str) -> None:
    assert is_known(word)


@given(st.text(max_size=80))
def test_any_text_is_mended_once(text: str) -> None:
    assert mended(mended(text)) == mended(text)
