"""
The file of a backup: a header, a row for each answer in the order of their places, and a last line with their number.

While it is written, rows and cursors go to a file beside it, so that a killed backup goes on.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

from sentinel_core.app.estimate.sources import Inflated, peekable, unzipped
from sentinel_core.errors import ConfigurationError
from sentinel_core.support.rows import MAX_ROW_BYTES, BadRow, lines

Row = Mapping[str, Any]
_CURSOR, _END, _HEADER = "cursor", "end", "header"


def line_of(row: Row) -> bytes:
    """Write as one line: equal rows are equal bytes."""
    return json.dumps(row, separators=(",", ":")).encode("ascii") + b"\n"


class Draft:
    """The unfinished file `FILE.part`: the header, then pages of rows, each ended by the cursor of the next."""

    def __init__(self, path: Path) -> None:
        """Open or go on with a draft; raises ConfigurationError if the file cannot be written."""
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self.header: Row | None = None
        self.cursor: str | None = ""
        self._places: dict[str, tuple[int, int]] = {}
        try:
            self._file = self._part.open("r+b" if self._part.exists() else "w+b")
        except OSError as error:
            raise ConfigurationError(f"{self._part}: {error.strerror}") from error
        self._resume()

    @property
    def count(self) -> int:
        """Rows so far."""
        return len(self._places)

    def start(self, header: Row) -> None:
        """Note the header; raises ConfigurationError where an unfinished backup has another."""
        if self.header is not None and dict(self.header) != dict(header):
            raise ConfigurationError(f"{self._part} is an unfinished backup of something else: delete it")
        if self.header is None:
            self.header = header
            self._write(line_of(header))

    def add(self, rows: list[Row], cursor: str | None) -> None:
        """Append a page with the cursor of the next one."""
        for row in rows:
            at = self._file.tell()
            self._write(line := line_of(row))
            self._places[_place(row)] = at, len(line)
        self._write(line_of({"kind": _CURSOR, "cursor": cursor}))
        self._file.flush()
        self.cursor = cursor

    def finish(self) -> None:
        """Write the rows in the order of their places under the file's own name; the draft goes."""
        whole = self._path.with_name(f"{self._path.name}.new")
        with whole.open("wb") as file:
            file.write(line_of(self.header or {}))
            for _, (at, size) in sorted(self._places.items()):
                self._file.seek(at)
                file.write(self._file.read(size))
            file.write(line_of({"kind": _END, "rows": self.count}))
        whole.replace(self._path)
        self.close()
        self._part.unlink()

    def close(self) -> None:
        """Close the draft, so that another run goes on with it."""
        self._file.close()

    def _write(self, line: bytes) -> None:
        self._file.write(line)

    def _resume(self) -> None:
        """Take in the whole pages; cut the file behind the last of them."""
        page: dict[str, tuple[int, int]] = {}
        at = keep = 0
        for line in self._file:
            row = _row(line)
            if row is None:
                break
            if row.get("kind") == _HEADER:
                self.header, keep = row, at + len(line)
            elif row.get("kind") == _CURSOR:
                self.cursor, keep = row["cursor"], at + len(line)
                self._places |= page
                page = {}
            else:
                page[_place(row)] = at, len(line)
            at += len(line)
        self._file.seek(keep)
        self._file.truncate()


def read(path: Path) -> Iterator[tuple[int, Row] | BadRow]:
    """
    Yield the header, then each row with its number, or the reason why it is none.

    Raises ConfigurationError for a file that is no backup. A file without its last line ends with a bad row.
    """
    try:
        with path.open("rb") as raw, closing(unzipped(peekable(raw))) as plain:
            yield from _rows(path, plain)
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error


def _rows(path: Path, plain: BinaryIO) -> Iterator[tuple[int, Row] | BadRow]:
    number, count, is_whole = 0, 0, False
    for line in lines(io.BufferedReader(plain, MAX_ROW_BYTES) if isinstance(plain, Inflated) else peekable(plain)):
        number = line.row if isinstance(line, BadRow) else line[0]
        row = None if isinstance(line, BadRow) else _row(line[1])
        if number == 1 and (row is None or row.get("kind") != _HEADER):
            raise ConfigurationError(f"{path}: not a backup of Sentinel")
        if isinstance(line, BadRow):
            yield line
        elif row is None:
            yield BadRow(number, "not a JSON object in UTF-8")
        elif row.get("kind") == _END:
            is_whole = row.get("rows") == count
        else:
            yield number, row
        count += number > 1
    if number == 0:
        raise ConfigurationError(f"{path}: empty")
    if not is_whole:
        yield BadRow(number + 1, "the file is cut or rows are missing: its last line does not name their number")


def _row(line: bytes) -> Row | None:
    try:
        row = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) and line.endswith((b"\n", b"}")) else None


def _place(row: Row) -> str:
    return json.dumps([row.get(name) for name in ("kind", "scope", "digest", "id")])
