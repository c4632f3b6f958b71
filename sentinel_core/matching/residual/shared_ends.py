"""The beginning and the end that two texts share, found without reading them character by character."""

from __future__ import annotations

_CUT_BACK = 2_000
"""Characters in which a place to cut is looked for."""

_MARKS = ("\n", ". ", " ")


def shared_ends(one: str, other: str) -> tuple[int, int]:
    """Return how many characters both begin with and both end with, up to a line end, a sentence end or a blank."""
    head = _cut_back(one, _shared(one, other))
    most = min(len(one), len(other)) - head
    tail = _shared_at_end(one, other, most)
    return head, 0 if tail == 0 else _cut_forward(one, tail)


def _shared(one: str, other: str) -> int:
    """Halve the range in which the texts part; each step compares slices at the speed of memory."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _shared_at_end(one: str, other: str, most: int) -> int:
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def _cut_back(text: str, end: int) -> int:
    start = max(0, end - _CUT_BACK)
    places = ((text.rfind(mark, start, end), len(mark)) for mark in _MARKS)
    return next((place + length for place, length in places if place >= 0), 0)


def _cut_forward(text: str, length: int) -> int:
    begin = len(text) - length
    places = ((text.find(mark, begin, begin + _CUT_BACK), len(mark)) for mark in _MARKS)
    return next((len(text) - place - width for place, width in places if place >= 0), 0)
