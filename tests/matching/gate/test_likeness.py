import pytest

from sentinel_core.matching.gate import likeness


@pytest.mark.parametrize(
    ("one", "other", "most", "count"),
    [
        ("recieve", "receive", 2, 1),
        ("kitten", "sitting", 3, 3),
        ("kitten", "sitting", 1, 2),
        ("same", "same", 1, 0),
        ("", "ab", 2, 2),
    ],
)
def test_edits_are_counted_up_to_the_most(one: str, other: str, most: int, count: int) -> None:
    assert likeness.edits(one, other, most) == count


def test_words_of_one_base_form_are_the_same() -> None:
    assert likeness.nearest(["cards"], ["card", "house"]) == [1.0]


def test_a_slip_in_an_unknown_word_is_forgiven() -> None:
    assert likeness.nearest(["emergancyy"], ["emergency"]) == [pytest.approx(likeness.SLIP)]


@pytest.mark.parametrize(("one", "other"), [("compost", "compose"), ("sumac", "sumach"), ("notarise", "notarize")])
def test_two_words_of_lists_are_no_slips_of_each_other(one: str, other: str) -> None:
    assert likeness.nearest([one], [other])[0] < likeness.SLIP


def test_a_word_without_words_on_the_other_side_is_near_nothing() -> None:
    assert likeness.mutually_nearest(["card"], []) == ([0.0], [])


def test_a_word_longer_than_the_limit_is_no_slip_of_another() -> None:
    word = "x" * (likeness.LONGEST_WORD + 1)
    assert likeness.misspelling(word, word[:-1] + "y") == 0.0


def test_few_pairs_of_many_invented_words_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[str, str]] = []

    def compare(one: str, other: str) -> float:
        compared.append((one, other))
        return 0.0

    monkeypatch.setattr(likeness, "_spelled_alike", compare)
    invented = [f"zzzzz{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(500)]
    likeness.mutually_nearest(invented, [word[::-1] for word in invented])
    assert len(compared) <= likeness.MOST_PAIRS
