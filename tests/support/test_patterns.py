from __future__ import annotations

import re

import pytest

from sentinel_core.support import patterns
from sentinel_core.support.patterns import OVERLAP, PIECE, lazy, search_long, warm


@pytest.fixture
def compiles(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect the sources that are compiled."""
    found: list[str] = []

    def compiled(source: str, flags: int = 0) -> re.Pattern[str]:
        found.append(source)
        return compiling(source, flags)

    compiling = re.compile
    monkeypatch.setattr(patterns, "_LAZY", [])
    monkeypatch.setattr(re, "compile", compiled)
    return found


def test_a_lazy_pattern_is_compiled_once_at_its_first_use(compiles: list[str]) -> None:
    found = lazy("A+", re.IGNORECASE)
    assert compiles == []
    assert [found.search("baa").group(), found.sub("-", "baa"), found.fullmatch("b")] == ["aa", "b-", None]  # type: ignore[union-attr]
    assert compiles == ["A+"]


def test_a_lazy_pattern_has_the_other_attributes_of_a_pattern(compiles: list[str]) -> None:
    found = lazy("(?P<one>a)", re.IGNORECASE)
    assert (found.groupindex, found.pattern, found.flags & re.IGNORECASE) == ({"one": 1}, "(?P<one>a)", re.IGNORECASE)


def test_warming_compiles_all_lazy_patterns_once(compiles: list[str]) -> None:
    first, second = lazy("a"), lazy("b")
    warm()
    warm()
    assert compiles == ["a", "b"]
    assert [bool(first.match("a")), bool(second.match("a"))] == [True, False]


def test_a_broken_source_fails_at_its_first_use(compiles: list[str]) -> None:
    found = lazy("(")
    with pytest.raises(re.error):
        found.search("")


@pytest.mark.parametrize("at", [0, 5, PIECE - 3, PIECE, PIECE + OVERLAP - 2, 3 * PIECE - 1])
def test_a_long_text_is_searched_in_pieces(at: int) -> None:
    found = search_long(re.compile("mark"), "a" * at + "mark" + "a" * PIECE)
    assert found is not None
    assert found.start() == at


@pytest.mark.parametrize("text", ["", "a", "mar" * 20_000])
def test_no_piece_of_a_text_may_match(text: str) -> None:
    assert search_long(re.compile("^mark$"), text) is None
