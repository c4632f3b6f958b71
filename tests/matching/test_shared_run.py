import pytest

from sentinel_core.matching.shared_run import shared_run


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [("", "", 0), ("ab", "", 0), ("ab", "ab", 2), ("abc", "abd", 2), ("ab", "abc", 2), (("a", "b"), ("a", "c"), 1)],
)
def test_both_begin_alike_for_so_many(one: str, other: str, count: int) -> None:
    assert shared_run(one, other) == shared_run(other, one) == count
