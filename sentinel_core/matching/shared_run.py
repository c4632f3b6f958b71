"""The beginning and the end that two texts or two rows of words share."""

from __future__ import annotations

from collections.abc import Sequence


def shared_run(one: Sequence[str], other: Sequence[str]) -> int:
    """Count the words, or the letters, in which both begin alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))


def shared_runs(one: Sequence[str], other: Sequence[str]) -> tuple[int, int]:
    """Count those in which both begin alike, and of the rest those in which both end alike."""
    start = shared_run(one, other)
    return start, shared_run(one[start:][::-1], other[start:][::-1])


def are_swapped(one: str, other: str, at: int) -> bool:
    """Whether two words of one length differ in two neighbours at a place alone, which have changed places."""
    return one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
