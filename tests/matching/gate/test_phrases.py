import pytest

from sentinel_core.matching.gate.phrases import in_one_word


@pytest.mark.parametrize(
    ("phrase", "word"),
    [
        ("get rid of ants", "remove ants"),
        ("signing up for it", "register for it"),
        ("set up the router", "setup the router"),
        ("first names of all", "first names of all"),
        ("forenames and family names", "first name and last name"),
        ("how many people live in ghana", "population of ghana"),
        ("the first names and last names of all", "the full name of all"),
        ("what is", "what is"),
        ("get", "get"),
        ("", ""),
    ],
)
def test_a_listed_phrase_is_read_as_its_one_word(phrase: str, word: str) -> None:
    assert in_one_word(phrase.split()) == tuple(word.split())
