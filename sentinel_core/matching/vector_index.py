"""Finds the vectors of one scope that are nearest to another."""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from weakref import ReferenceType, ref

import numpy as np
from numpy.typing import NDArray

from sentinel_core.cache.ports import Vector
from sentinel_core.matching.vectors import DIMENSION

WORDS = DIMENSION // 64
FIRST_CAPACITY = 2

GAP_SHARE = 8
"""Where more than one row in this many was removed, the rest moves into a smaller table."""

FEW_ROWS = 64
"""A table of so many rows takes its memory as a whole, and moving it would gain little."""

LATEST = 128
"""Additions that an index remembers, so that what was nearest before them is compared with them alone."""

SIGNS_FROM = 2048
"""Below, one matrix product is as fast as comparing signs first: after an inference, which leaves no cache warm."""

PROBE = 256
"""Entries looked at before all others; the best of them says how many signs the rest may differ in."""

SCAN_SHARE = 8
"""Where more than one entry in this many is near, picking rows costs more than reading all in order."""

DEVIATIONS = 5.0
"""Of 85,000 pairs of real prompts with cosine above 0.5 none was more than 3.9 away from the mean."""

# The matrix product and the row-wise one add up in another order.
_ROUNDING = 1e-5
_TIES = 256


@dataclass(frozen=True, slots=True)
class _Table:
    """`rows` float32 (capacity, 384); `signs` uint64 (6, capacity), one bit a component."""

    rows: NDArray[np.float32]
    signs: NDArray[np.uint64]


class _Passed(NamedTuple):
    """A search of one revision that found nothing, and the slots of the entries that were nearest all the same."""

    vector: ReferenceType[Vector]
    revision: int
    slots: NDArray[np.intp]


_REVISIONS = itertools.count(1)


class ScopeIndex:
    """
    Digests with their vectors, searched by cosine.

    `add`, `add_many` and `remove` belong to one thread; `nearest` may run in others meanwhile. What it
    returns was true of each entry when it returned; an entry that moved just then may be missing. `revision` is a
    number that every change replaces, and that no other index of this process has.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.revision = next(_REVISIONS)
        self._latest: list[tuple[int, str]] = []  # an empty deque takes 600 bytes, and most scopes are small
        self._latest_from = self.revision
        """All additions after this revision are in `_latest`."""
        self._slots: dict[str, int] = {}
        self._digests: list[str] = []
        self._table = _NO_ROWS
        self._passed: _Passed | None = None
        self._filled = 0
        """Rows of this table that were ever written: pages never written to cost no memory."""

    def __len__(self) -> int:
        return len(self._digests)

    def __contains__(self, digest: str) -> bool:
        return digest in self._slots

    @property
    def nbytes(self) -> int:
        """Bytes of the matrices as far as they take memory; the digests belong to the caller."""
        capacity = len(self._table.rows)
        return (capacity if capacity <= FEW_ROWS else self._filled) * (DIMENSION * 4 + WORDS * 8)

    def vector(self, digest: str) -> Vector | None:
        """Return a copy of a digest's vector, None where it is not here."""
        with self._lock:
            slot = self._slots.get(digest)
            return None if slot is None else self._table.rows[slot].copy()

    def add(self, digest: str, vector: Vector) -> None:
        """Add a vector; it replaces the one of a digest already here."""
        self.add_many([digest], vector[np.newaxis])

    def add_many(self, digests: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """`vectors` has the shape (digests, 384); of a digest given twice the last one stays."""
        if vectors.shape != (len(digests), DIMENSION):
            raise ValueError(f"vectors of shape {vectors.shape} for {len(digests)} digests")
        with self._lock:
            fresh = [digest for digest in dict.fromkeys(digests) if digest not in self._slots]
            self._reserve(len(self) + len(fresh))
            self._slots.update(zip(fresh, range(len(self), len(self) + len(fresh)), strict=True))
            slots = [self._slots[digest] for digest in digests]
            self._table.rows[slots] = vectors
            self._table.signs[:, slots] = _signs(vectors)
            # Last, for a search counts the rows by it.
            self._digests += fresh
            self._filled = max(self._filled, len(self._digests))
            self.revision = next(_REVISIONS)
            self._note_latest(digests)

    def has_nearer_since(self, revision: int, vector: Vector, floor: float) -> bool:
        """Return whether an entry added after `revision` has `similarity >= floor`; True where that is not known."""
        with self._lock:
            if revision < self._latest_from:
                return True
            since = itertools.takewhile(lambda added: added[0] > revision, reversed(self._latest))
            slots = [self._slots[digest] for _, digest in since if digest in self._slots]
            return bool(slots) and bool((cosines(self._table.rows[slots], vector) >= floor).any())

    def remove(self, digest: str) -> bool:
        """Remove a row; the last one moves into the gap, so that rows stay dense and nothing is rebuilt."""
        with self._lock:
            slot = self._slots.pop(digest, None)
            if slot is None:
                return False
            self.revision = next(_REVISIONS)
            last = self._digests.pop()
            if last != digest:
                self._digests[slot] = last
                self._slots[last] = slot
                self._table.rows[slot] = self._table.rows[len(self._digests)]
                self._table.signs[:, slot] = self._table.signs[:, len(self._digests)]
            if not self._digests or (self._filled - len(self._digests)) * GAP_SHARE > max(self._filled, FEW_ROWS):
                self._move(2 * len(self._digests))
            return True

    def pack(self) -> None:
        """Move the rows into a new table, so that nothing is left of removed vectors."""
        with self._lock:
            self._move(2 * len(self._digests))

    def nearest(self, vector: Vector, *, limit: int, floor: float) -> list[tuple[str, float]]:
        """
        Return up to `limit` digests with `similarity >= floor`, nearest first, equals by digest.

        The nearest one of all, asked for next with the same vector, needs no other search.
        """
        slots = self._nearest_slots(vector, limit, floor - _ROUNDING)
        if not len(slots):
            return []
        with self._lock:
            slots = slots[slots < len(self._digests)]
            similarities = cosines(self._table.rows[slots], vector)
            found = [
                (self._digests[slot], similarity)
                for slot, similarity in zip(slots.tolist(), similarities.tolist(), strict=True)
                if similarity >= floor
            ]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def _nearest_slots(self, vector: Vector, limit: int, floor: float) -> NDArray[np.intp]:
        passed, self._passed = self._passed, None
        revision, table = self.revision, self._table
        if limit == 1 and passed is not None and passed.revision == revision and passed.vector() is vector:
            return passed.slots
        count = min(len(self), len(table.rows))
        if count >= SIGNS_FROM:
            return _candidates(table, count, vector, limit, floor)
        similarities = table.rows[:count] @ vector
        slots = _best(similarities, limit, floor)
        if count and not len(slots):
            self._passed = _Passed(ref(vector), revision, _best(similarities, 1, -math.inf))
        return slots

    def _note_latest(self, digests: Sequence[str]) -> None:
        self._latest.extend((self.revision, digest) for digest in digests[-LATEST - 1 :])
        excess = len(self._latest) - LATEST
        if excess > 0:
            self._latest_from = self._latest[excess - 1][0]
            del self._latest[:excess]

    def _reserve(self, count: int) -> None:
        old = self._table
        capacity = max(FIRST_CAPACITY, len(old.rows))
        if count <= len(old.rows):
            return
        while capacity < count:
            capacity *= 2
        self._move(capacity)

    def _move(self, capacity: int) -> None:
        """Copy the rows into a table of this capacity; a search still running keeps the old one."""
        table, count = _empty(capacity) if capacity else _NO_ROWS, len(self._digests)
        table.rows[:count] = self._table.rows[:count]
        table.signs[:, :count] = self._table.signs[:, :count]
        self._table, self._filled = table, count


def _empty(capacity: int) -> _Table:
    # Pages never written to cost no memory.
    return _Table(np.empty((capacity, DIMENSION), np.float32), np.empty((WORDS, capacity), np.uint64))


_NO_ROWS = _empty(0)
"""Shared by all empty indexes, of which there may be many."""


def cosines(rows: NDArray[np.float32], vector: Vector) -> NDArray[np.float32]:
    """Cosines added up row by row: one row gives the same number in whatever company it is."""
    similarities: NDArray[np.float32] = (rows * vector).sum(axis=1)
    return similarities


def _candidates(table: _Table, count: int, vector: Vector, limit: int, floor: float) -> NDArray[np.intp]:
    """Return the slots worth an exact look: the `limit` nearest, and whatever rounding may confuse with them."""
    distances = _sign_distances(table.signs[:, :count], vector)
    probe = np.argpartition(distances, PROBE)[:PROBE]
    similarities = table.rows[probe] @ vector
    bar = max(floor, _kth_largest(similarities, limit))
    near = distances <= reach(bar)
    near[probe] = True
    if np.count_nonzero(near) > count // SCAN_SHARE:
        return _best(table.rows[:count] @ vector, limit, floor)
    slots = np.flatnonzero(near)
    return slots[_best(table.rows[slots] @ vector, limit, floor)]


def _best(similarities: NDArray[np.float32], limit: int, floor: float) -> NDArray[np.intp]:
    """Return their places; mostly few are near at all, and each step over all of them costs."""
    chosen = np.flatnonzero(similarities >= floor)
    if len(chosen) > limit:
        bar = _kth_largest(similarities[chosen], limit) - 2 * _ROUNDING
        chosen = chosen[similarities[chosen] >= bar]
    most = limit + _TIES
    if len(chosen) > most:
        chosen = chosen[np.argpartition(-similarities[chosen], most)[:most]]
    return chosen


def _kth_largest(values: NDArray[np.float32], k: int) -> float:
    if k > len(values):
        return -math.inf
    return float(np.partition(values, len(values) - k)[len(values) - k])


def _signs(vectors: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Pack the signs of (n, 384) into (6, n)."""
    return np.ascontiguousarray(np.packbits(vectors > 0, axis=1)).view(np.uint64).T


def _sign_distances(signs: NDArray[np.uint64], vector: Vector) -> NDArray[np.uint16]:
    """Count the components whose sign differs from the vector's, for every entry."""
    distances = np.zeros(signs.shape[1], dtype=np.uint16)
    for stored, word in zip(signs, _signs(vector[np.newaxis])[:, 0], strict=True):
        distances += np.bitwise_count(stored ^ word)
    return distances


def reach(similarity: float) -> float:
    """
    Return how many of 384 signs may differ between two vectors at least this similar.

    A component's sign differs with probability angle/pi (Goemans and Williamson 1995, lemma 3.2), for
    random directions; the components of this model's vectors scatter like them, or a little less.
    """
    share = math.acos(min(1.0, max(-1.0, similarity))) / math.pi
    return DIMENSION * share + DEVIATIONS * math.sqrt(DIMENSION * share * (1 - share))
