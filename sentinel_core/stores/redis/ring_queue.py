"""Requests and served hits on their way to Redis: a bounded number, each owner's apart."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from sentinel_core.telemetry.shared_rings import SeenHit, Whose
from sentinel_core.telemetry.sums import SeenRequest

Kind: TypeAlias = Literal["requests", "hits"]
Row: TypeAlias = tuple[int, SeenRequest | SeenHit]

ROWS: dict[Kind, int] = {"requests": 20, "hits": 4}
"""Rows of one text: about 20 kB."""

MOST_TEXTS = 8
"""Texts that one round trip carries."""

MOST_SECONDS = 10.0
MOST_PENDING = 500
"""Rows that wait at once; past it the owner with most of them loses its oldest."""


class Line(NamedTuple):
    """The owner and the kind of rows that travel together."""

    whose: Whose
    kind: Kind


class RingQueue:
    """Rows are due as soon as one text is full, or `MOST_SECONDS` after the first of them came."""

    def __init__(self) -> None:
        self._lines: dict[Line, deque[Row]] = {}
        self._size = 0
        self._since = math.inf
        self._has_full = False

    def __len__(self) -> int:
        return self._size

    def add(self, line: Line, row: Row, now: float) -> None:
        """Add a row; `now` is the monotonic clock."""
        rows = self._lines.get(line)
        if rows is None:
            rows = self._lines[line] = deque()
        rows.append(row)
        self._size += 1
        self._since = min(self._since, now)
        self._has_full |= len(rows) >= ROWS[line.kind]
        if self._size > MOST_PENDING:
            self._shorten()

    def take(self, now: float, *, is_flush: bool) -> Iterator[tuple[Line, list[Row]]]:
        """Take the due rows, of at most `MOST_TEXTS` lines; those of other lines stay due by time."""
        if not (is_flush or self._has_full or now - self._since >= MOST_SECONDS):
            return
        for line in list(self._lines)[:MOST_TEXTS]:
            rows = self._lines.pop(line)
            taken = [rows.popleft() for _ in range(min(len(rows), ROWS[line.kind]))]
            self._size -= len(taken)
            if rows:
                self._lines[line] = rows  # behind the others
            yield line, taken
        self._since = now if self._lines else math.inf
        self._has_full = any(len(rows) >= ROWS[line.kind] for line, rows in self._lines.items())

    def erase(self, namespace: str) -> None:
        """Drop the rows of a namespace."""
        for line in [line for line in self._lines if line.whose.namespace == namespace]:
            self._size -= len(self._lines.pop(line))

    def _shorten(self) -> None:
        line = max(self._lines, key=lambda each: len(self._lines[each]))
        self._lines[line].popleft()
        self._size -= 1
