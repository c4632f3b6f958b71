import pytest

from sentinel_core.matching.gate import Gate
from sentinel_core.matching.gate.features import FEATURES, features
from sentinel_core.matching.gate.manner import manners
from sentinel_core.matching.gate.reading import read
from sentinel_core.matching.gate.scoring import correction

EGGS = (
    "A farmer has 900 eggs. He placed them on a tray, which holds 30 eggs each. How much will the farmer earn if he"
    " sells them for $2.5 per tray?"
)
RETOLD = (
    "A farmer possesses 900 eggs and arranges them on trays that can accommodate 30 eggs each. If each tray is sold"
    " for $2.5, what will the farmer's earnings be?"
)


def _same_sums(one: str, other: str) -> float:
    return features(read(one), read(other), 0.9)[FEATURES.index("same_sums")]


def test_a_story_retold_with_the_same_three_numbers_has_the_same_sums() -> None:
    assert _same_sums(EGGS, RETOLD) == 1.0


@pytest.mark.parametrize(
    "other",
    [
        RETOLD.replace("900", "800"),
        RETOLD.replace("30 eggs each", "eggs"),
        "900 eggs, 30 a tray, $2.5 a tray",
    ],
)
def test_other_numbers_and_what_tells_no_story_have_not(other: str) -> None:
    assert _same_sums(EGGS, other) == 0.0


def test_two_numbers_are_not_enough_to_tell_stories_apart() -> None:
    assert _same_sums(EGGS.replace("$2.5", "money"), RETOLD.replace("$2.5", "money")) == 0.0


def test_a_story_retold_is_served_where_its_likeness_alone_would_not_do() -> None:
    values = dict(zip(FEATURES, features(read(EGGS), read(RETOLD), 0.85), strict=True))
    without = correction().score([*(values | {"same_sums": 0.0}).values()])

    assert without < Gate().needed
    assert Gate().judge(EGGS, RETOLD, 0.85).passed


@pytest.mark.parametrize(
    ("asked", "stored", "expected"),
    [
        ("How do I block my card?", "My card was stolen", (1, 0, 0, 0, 0)),
        ("How do I renew a visa?", "How can I renew a visa?", (0, 0, 1, 0, 0)),
        ("Who wrote the song?", "When was the song written?", (0, 0, 0, 1, 0)),
        ("Is tea healthy?", "Do people drink tea?", (0, 0, 0, 0, 1)),
        ("I want the weather", "Tell me the weather in my town", (0, 1, 0, 0, 0)),
    ],
)
def test_manners_say_how_both_ask(asked: str, stored: str, expected: tuple[int, ...]) -> None:
    assert manners(read(asked), read(stored)) == manners(read(stored), read(asked)) == expected


def test_a_pair_has_one_value_for_each_feature() -> None:
    assert len(features(read("How do I pay?"), read("How can I pay my bill?"), 0.9)) == len(FEATURES)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Can I call off a booking?", "Can I cancel a booking?", 1.0),
        ("Do you deliver on Sundays?", "Are Sunday deliveries possible?", 1.0),
        ("How will I get my card?", "Where is my card?", 0.0),
        ("I am having trouble withdrawing cash", "Can I withdraw cash?", 0.0),
        ("How do I clean a mouse?", "How do I clean a mouse cage?", 0.0),
    ],
)
def test_words_match_where_all_of_one_kind_of_question_find_their_like(one: str, other: str, expected: float) -> None:
    assert features(read(one), read(other), 0.8)[FEATURES.index("all_matched")] == expected
