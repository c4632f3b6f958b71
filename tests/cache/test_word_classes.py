from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.cache import wording
from sentinel_core.cache.word_classes import pieces, table


def classes(sentence: str) -> list[str]:
    """Return the classes of a sentence's words."""
    return table().sequence(sentence, [word.lower() for word in wording.WORD.findall(sentence)])


@pytest.mark.parametrize(
    "sentence",
    [
        "Where is my parcel?",
        "Wo ist mein Paket?",
        "Où est mon colis ?",
        "Dov'è il mio pacco?",
        "Gdzie jest moja paczka?",
        "मेरा पार्सल कहाँ है?",
        "أين طردي؟",
        "Kargom nerede?",
        "我的包裹在哪里？",
        "私の荷物はどこ？",
        "내 택배 어디?",
    ],
)
def test_one_question_has_the_same_classes_in_all_languages(sentence: str) -> None:
    assert set(classes(sentence)) - {"is", "the"} == {"where", "my"}


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("What does 猫 mean?", ["what", "did", "mean"]),
        ("Was kostet das?", ["what", "cost", "the"]),
        ("Manda un messaggio a Luca", ["do", "a"]),
        ("Arabamın muayenesi ne zaman bitiyor?", ["my", "what", "when"]),
        ("was it paid", ["was", "paid"]),
        ("Photosynthese", []),
        ("", []),
    ],
)
def test_words_are_read_in_the_language_with_the_most_of_them(sentence: str, found: list[str]) -> None:
    assert classes(sentence) == found


def test_pieces_are_classes_in_a_row_at_the_ends_and_what_lacks() -> None:
    assert pieces("wo ist es", ("wo", "ist", "es")) == {
        "@where", "@is", "@where is", "@^where", "@^where is", "@^where..is", "@is$", "@no speaker",
    }  # fmt: skip
    assert pieces("mein", ("mein",)) == {"@my", "@^my", "@my$"}
    assert pieces("xyz", ("xyz",)) == {"@none", "@no speaker"}


@given(st.text(max_size=200))
def test_any_text_has_no_more_classes_than_characters(text: str) -> None:
    assert len(classes(text)) <= len(text)
