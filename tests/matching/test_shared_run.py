from collections.abc import Sequence

import pytest

from sentinel_core.matching.shared_run import are_swapped, shared_run, shared_runs


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [("", "", 0), ("ab", "", 0), ("ab", "ab", 2), ("abc", "abd", 2), ("ab", "abc", 2), (("a", "b"), ("a", "c"), 1)],
)
def test_both_begin_alike_for_so_many(one: str, other: str, count: int) -> None:
    assert shared_run(one, other) == shared_run(other, one) == count


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("", "", (0, 0)),
        ("abc", "abc", (3, 0)),
        ("abc", "axc", (1, 1)),
        ("aa", "aaa", (2, 0)),
        ("abab", "ab", (2, 0)),
        (("how", "do", "i", "pay"), ("how", "can", "i", "pay"), (1, 2)),
    ],
)
def test_no_part_is_shared_at_both_ends(one: Sequence[str], other: Sequence[str], found: tuple[int, int]) -> None:
    assert shared_runs(one, other) == found
    assert shared_runs(other, one) == found


def test_two_neighbours_alone_may_be_swapped() -> None:
    assert are_swapped("wnan", "wann", 1)
    assert not are_swapped("wnab", "wann", 1)
    assert not are_swapped("wxyn", "wann", 1)
