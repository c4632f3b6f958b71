"""The latest words of a judge on one stratum of pairs, in few bytes."""

from __future__ import annotations

from typing import Self

WINDOW = 200
"""Latest verdicts of a stratum that count, so that a change of domain is forgotten."""


class Words(int):
    """
    The latest `WINDOW` verdicts on a stratum: a 1 in front, then a bit for each, 1 for the same, the latest last.

    A number takes 56 bytes where a deque takes 700, and there may be 200,000 of them.
    """

    __slots__ = ()

    def __new__(cls, bits: int = 1) -> Self:
        return super().__new__(cls, bits)

    @property
    def count(self) -> int:
        return self.bit_length() - 1

    @property
    def same(self) -> int:
        return self.bit_count() - 1

    def after(self, *, is_same: bool) -> Words:
        """Return the verdicts with one more; the oldest goes past `WINDOW`."""
        bits = self << 1 | is_same
        return Words(bits if bits.bit_length() <= WINDOW + 1 else bits & (1 << WINDOW) - 1 | 1 << WINDOW)

    def different_of_latest(self, number: int) -> int:
        """Return how many of the latest so many verdicts are "different"."""
        number = min(number, self.count)
        return number - (self & (1 << number) - 1).bit_count()
