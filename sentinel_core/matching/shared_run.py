"""The beginning that two texts or two rows of words share."""

from __future__ import annotations

from collections.abc import Sequence


def shared_run(one: Sequence[str], other: Sequence[str]) -> int:
    """Count the words, or the letters, in which both begin alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))
