"""The texts that are looked for before a pattern stand in all that the pattern finds."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice, product
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from sentinel_core.matching import canonical_text, courtesy, number_words, slips
from sentinel_core.matching.gate.rules import extent, times, timing
from sentinel_core.matching.residual import reasons

MOST = 40
"""Texts of one part of a pattern; all its alternatives are tried, not all their combinations."""


def texts_of(parsed: Any) -> Iterator[str]:
    """Yield texts that a parsed pattern matches, with each alternative in one of them at least."""
    parts = [list(islice(_part(code, value), MOST * 5)) for code, value in parsed]
    for longest in range(max(map(len, parts), default=1)):
        yield "".join(part[longest % len(part)] for part in parts if part)


def _part(code: Any, value: Any) -> Iterator[str]:
    if code is codes.LITERAL:
        yield chr(value)
    elif code is codes.BRANCH:
        for branch in value[1]:
            yield from texts_of(branch)
    elif code is codes.SUBPATTERN:
        yield from texts_of(value[3])
    elif code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
        least, _, inner = value
        found = list(islice(texts_of(inner), MOST))
        yield from ("".join(each) for each in islice(product(found, repeat=max(least, 0)), MOST))
        yield from found if least == 0 else ()
    elif code is codes.IN:
        yield from _signs(value)
    elif code in (codes.ANY, codes.NOT_LITERAL, codes.CATEGORY):
        yield "q"
    else:  # borders, and what stands around a match
        yield ""


def _signs(listed: Any) -> Iterator[str]:
    for kind, value in listed:
        if kind is codes.LITERAL:
            yield chr(value)
        elif kind is codes.RANGE:
            yield chr(value[0])
        elif kind is codes.CATEGORY:
            yield {codes.CATEGORY_DIGIT: "1", codes.CATEGORY_SPACE: " "}.get(value, "q")


@pytest.mark.parametrize(
    ("pattern", "hints"),
    [
        (courtesy._ASKED_TO_EXPLAIN.pattern, courtesy._EXPLAINING),
        (reasons._BOUNDARY.pattern.replace("(?= so )", " so"), reasons._BETWEEN),
        (reasons._AFTER.pattern, reasons._BETWEEN),
        (number_words._ORDINAL.pattern, number_words._IN_ORDINALS),
        (number_words._FIRST.pattern, number_words._IN_ORDINALS),
        (slips._ABOUT_WORDS.pattern, slips._ABOUT),
        (extent._AVOID.pattern, extent._IN_AVOID),
        (extent._FORGETS_ELSEWHERE.pattern, extent._IN_FORGETS),
        (timing._RELATION.pattern, timing._IN_RELATIONS),
        (times._FROM_END.pattern, times._IN_FROM_END),
        (times._TERM.pattern, times._TERMS),
    ],
)
def test_each_alternative_of_a_pattern_has_a_hint(pattern: str, hints: Collection[str]) -> None:
    texts = list(texts_of(parser.parse(pattern)))
    assert texts
    assert [text for text in texts if not any(hint in text.lower() for hint in hints)] == []


def test_each_closing_ends_in_a_listed_word() -> None:
    texts = list(texts_of(parser.parse(canonical_text._TRAILING.pattern)))
    assert [text for text in texts if not (text.endswith(canonical_text._LAST) or "regards" in text)] == []
