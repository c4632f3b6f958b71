"""Reads the rows of a CSV file; a quote that is never closed costs its own row, not those after it."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sentinel_core.support.rows import MAX_ROW_BYTES, BadRow, Line, Row

AGAIN_SHARE = 4
"""Characters that may be read again for each character that is read, so that a file full of lone quotes ends soon."""

MOST_LINES = 100_000
"""Lines of one record; a quote that opens and is not closed by then is taken for one that never is."""

_UNCLOSED = "a quote that opens in this row is not closed as CSV wants it"
_NEXT_LINE = "\n"


def csv_rows(lines: Iterable[Line], delimiter: str) -> Iterator[Row | BadRow]:
    """Yield rows as dictionaries by the heading, numbered by their last lines; one of an open quote by its first."""
    previous = csv.field_size_limit(MAX_ROW_BYTES)
    try:
        heading: list[str] | None = None
        for row in _Records(iter(lines), delimiter).rows():
            if isinstance(row, BadRow):
                yield row
            elif heading is None:
                heading = row[1] or None
            elif row[1]:
                yield _named(row[0], heading, row[1])
    finally:
        csv.field_size_limit(previous)


@dataclass(slots=True)
class _Records:
    """The records of a file: lines of a record that proves to be bad are read again, as records of their own."""

    lines: Iterator[Line]
    delimiter: str
    _ahead: deque[Line] = field(default_factory=deque)
    _read: int = 0
    _again: int = 0
    _has_heading: bool = False

    def rows(self) -> Iterator[tuple[int, list[str]] | BadRow]:
        """Yield the cells of each record with the number of its last line."""
        while (line := self._next()) is not None:
            found = line if isinstance(line, BadRow) else self._record(line)
            self._has_heading |= isinstance(found, tuple) and bool(found[1])
            yield found

    def _next(self) -> Line | None:
        if self._ahead:
            return self._ahead.popleft()
        line = next(self.lines, None)
        self._read += len(line[1]) if isinstance(line, tuple) else 0
        return line

    def _record(self, first: tuple[int, bytes]) -> tuple[int, list[str]] | BadRow:
        taken = [first]
        try:
            cells = next(csv.reader(self._texts(taken), delimiter=self.delimiter, strict=True), [])
        except csv.Error as error:
            return self._lenient(first, taken, str(error))
        return taken[-1][0], cells

    def _texts(self, taken: list[tuple[int, bytes]]) -> Iterator[str]:
        """Yield the first line and those after it, up to one that is bad and to the longest row."""
        yield _text(taken[0][1])
        size = len(taken[0][1])
        while (line := self._next()) is not None:
            is_long = len(taken) == MOST_LINES or (isinstance(line, tuple) and size + len(line[1]) > MAX_ROW_BYTES)
            if isinstance(line, BadRow) or is_long:
                self._ahead.appendleft(line)
                return
            taken.append(line)
            size += len(line[1])
            yield _text(line[1])

    def _lenient(
        self, first: tuple[int, bytes], taken: list[tuple[int, bytes]], complaint: str
    ) -> tuple[int, list[str]] | BadRow:
        """
        Read the first line alone, as spreadsheets read a quote within a cell.

        It is bad where its quote stays open, but for a heading.
        """
        size = sum(len(line) for _, line in taken[1:])
        if self._again + size > MAX_ROW_BYTES + AGAIN_SHARE * self._read:
            return BadRow(first[0], f"{_UNCLOSED}: rows {first[0]} to {taken[-1][0]} are left out")
        self._again += size
        self._ahead.extendleft(reversed(taken[1:]))
        reader = csv.reader([_text(first[1]).rstrip("\r\n"), _NEXT_LINE], delimiter=self.delimiter)
        try:
            cells = next(reader)
        except csv.Error:
            return BadRow(first[0], f"not CSV: {complaint}")
        is_open = reader.line_num > 1
        if is_open and self._has_heading:
            return BadRow(first[0], _UNCLOSED)
        return first[0], [cell.strip(_NEXT_LINE) for cell in cells] if is_open else cells


def _text(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape")


def _named(number: int, heading: list[str], cells: list[str]) -> Row | BadRow:
    if len(cells) != len(heading):
        return BadRow(number, "another number of cells than the heading")
    if not all(_is_utf8(cell) for cell in cells):
        return BadRow(number, "not UTF-8")
    return number, dict(zip(heading, cells, strict=True))


def _is_utf8(text: str) -> bool:
    return not any("\udc80" <= sign <= "\udcff" for sign in text) if not text.isascii() else True
