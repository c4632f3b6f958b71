"""Weak labels: pairs of prompts whose answers agree, or do not, beyond chance."""

from __future__ import annotations

from array import array
from collections.abc import Set
from dataclasses import dataclass, field
from sys import intern
from typing import NamedTuple

WINDOW = 400
"""Latest labels of one namespace that count."""

MOST_OF_WRITER = WINDOW // 10
"""Labels of one user, or of one key that names no users, in a window; a new one replaces its oldest."""

SHRINKING = 10.0
"""Labels without agreement that are added to each stratum's, so that few labels say little."""


class Label(NamedTuple):
    """
    One compared pair; `pair` and `writer` are hashes.

    `value` is 1 for equal answers and below 0 for others, so that answers which agree by chance only are 0 on average.
    """

    stratum: str
    writer: int
    pair: int
    value: float


def _integers() -> array[int]:
    return array("q")


def _floats() -> array[float]:
    return array("d")


@dataclass(slots=True)
class Agreements:
    """
    The latest labels of one namespace, summed by stratum; a pair counts once.

    They are kept in columns: 10 KB where objects, a set and a counter take 100, and a thousand namespaces may be full.
    """

    _strata: list[str] = field(default_factory=list)
    _writers: array[int] = field(default_factory=_integers)
    _pairs: array[int] = field(default_factory=_integers)
    _values: array[float] = field(default_factory=_floats)
    _sums: dict[str, tuple[int, float]] = field(default_factory=dict)

    def note(self, label: Label) -> None:
        if label.pair in self._pairs:
            return
        if self._writers.count(label.writer) >= MOST_OF_WRITER:
            self._drop(self._writers.index(label.writer))
        elif len(self._pairs) >= WINDOW:
            self._drop(0)
        stratum = intern(label.stratum)
        self._strata.append(stratum)
        self._writers.append(label.writer)
        self._pairs.append(label.pair)
        self._values.append(label.value)
        self._add(stratum, 1, label.value)

    def strata(self) -> Set[str]:
        """Return the names of the strata with labels."""
        return self._sums.keys()

    def count(self, stratum: str) -> int:
        """Return the number of labels of a stratum."""
        return self._sums.get(stratum, (0, 0.0))[0]

    def share(self, stratum: str) -> float:
        """Return the share of equal pairs that a stratum has at least, beyond chance; 0.0 without labels."""
        count, total = self._sums.get(stratum, (0, 0.0))
        return max(0.0, total / (count + SHRINKING))

    def clear(self) -> None:
        """Forget all labels."""
        self._sums.clear()
        for part in (self._strata, self._writers, self._pairs, self._values):
            del part[:]

    def _drop(self, at: int) -> None:
        self._writers.pop(at)
        self._pairs.pop(at)
        self._add(self._strata.pop(at), -1, -self._values.pop(at))

    def _add(self, stratum: str, number: int, value: float) -> None:
        count, total = self._sums.get(stratum, (0, 0.0))
        self._sums[stratum] = count + number, total + value
        if count + number == 0:
            del self._sums[stratum]
