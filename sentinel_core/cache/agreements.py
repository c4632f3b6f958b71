"""Weak labels: pairs of prompts whose answers agree, or do not, beyond chance."""

from __future__ import annotations

from collections import Counter, deque
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


@dataclass(slots=True)
class Agreements:
    """The latest labels of one namespace, summed by stratum; a pair counts once."""

    _labels: deque[Label] = field(default_factory=deque)
    _pairs: set[int] = field(default_factory=set)
    _of_writers: Counter[int] = field(default_factory=Counter)
    _sums: dict[str, tuple[int, float]] = field(default_factory=dict)

    def note(self, label: Label) -> None:
        if label.pair in self._pairs:
            return
        if self._of_writers[label.writer] >= MOST_OF_WRITER:
            self._drop(next(at for at, each in enumerate(self._labels) if each.writer == label.writer))
        elif len(self._labels) >= WINDOW:
            self._drop(0)
        self._labels.append(label._replace(stratum=intern(label.stratum)))
        self._pairs.add(label.pair)
        self._of_writers[label.writer] += 1
        self._add(label, 1)

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
        for part in (self._labels, self._pairs, self._of_writers, self._sums):
            part.clear()

    def _drop(self, at: int) -> None:
        label = self._labels[at]
        del self._labels[at]
        self._pairs.discard(label.pair)
        self._of_writers[label.writer] -= 1
        if not self._of_writers[label.writer]:
            del self._of_writers[label.writer]
        self._add(label, -1)

    def _add(self, label: Label, times: int) -> None:
        count, total = self._sums.get(label.stratum, (0, 0.0))
        self._sums[label.stratum] = count + times, total + times * label.value
        if count + times == 0:
            del self._sums[label.stratum]
