"""Reads the rows of a log: JSON Lines, JSON, CSV or plain prompts, gzipped or not, found by content."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeAlias

MAX_ROW_BYTES = 8_388_608
"""The longest row; longer ones are skipped with a reason."""

_PEEKED = 65_536
_GZIP = 31  # zlib's number for a gzip header and the largest window
_CHUNK = 1_048_576
_LISTS = ("data", "observations", "requests", "logs", "rows", "traces", "items")
_COLUMNS = "prompt question query input messages request request_body body text content user_prompt"
PROMPT_COLUMNS = frozenset((*_COLUMNS.split(), "proxy_server_request"))
_OVERLAP = 1_024
_LONGEST_WORD = 10  # false, an escape, …
_SEPARATORS = re.compile(r"[\s,\[\]\ufeff]*")
_BETWEEN_OBJECTS = re.compile(r"[}\]]\s*,?\s*(?=\{)")


@dataclass(frozen=True, slots=True)
class BadRow:
    """`row` counts from 1, a CSV's heading included."""

    row: int
    reason: str


Row: TypeAlias = "tuple[int, Any]"
"""Its number, and a JSON value or a text."""


def rows(raw: BinaryIO) -> Iterator[Row | BadRow]:
    """Yield each row of a log, or the reason why it is none; what comes after a bad row is still read."""
    count, plain = 0, _unzipped(_peekable(raw))
    source = _peekable(plain)
    head = source.peek(_PEEKED)[:_PEEKED]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        source = _peekable(_Recoded(io.TextIOWrapper(source, encoding="utf-16", errors="replace", newline="")))
        head = source.peek(_PEEKED)[:_PEEKED]
    for row in _reader(head)(source):
        count = row.row if isinstance(row, BadRow) else row[0]
        yield row
    if isinstance(plain, _Inflated) and plain.is_damaged:
        yield BadRow(count + 1, "the gzip file ends early or is damaged: the rest cannot be read")


def _peekable(raw: Any) -> io.BufferedReader:
    return raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(raw, _PEEKED)


def _unzipped(raw: io.BufferedReader) -> Any:
    return _Inflated(raw) if raw.peek(2)[:2] == b"\x1f\x8b" else raw


class _Inflated(io.RawIOBase):
    """A gzip file; where it `is_damaged`, what comes before the damage is still read."""

    def __init__(self, raw: io.BufferedReader) -> None:
        self._raw = raw
        self._inflate = zlib.decompressobj(_GZIP)
        self._left = b""
        self.is_damaged = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.is_damaged:
            self._left = self._left or self._raw.read(_PEEKED)
            if not self._left and not self._inflate.unconsumed_tail:
                self.is_damaged = not self._inflate.eof
                return 0
            piece = self._piece(len(buffer))
            if piece:
                buffer[: len(piece)] = piece
                return len(piece)
        return 0

    def _piece(self, most: int) -> bytes:
        if self._inflate.eof:  # another member follows (RFC 1952 section 2.2)
            self._inflate = zlib.decompressobj(_GZIP)
        try:
            piece = self._inflate.decompress(self._left, most)
        except zlib.error:
            self.is_damaged = True
            return b""
        self._left = self._inflate.unconsumed_tail or self._inflate.unused_data
        return piece


class _Recoded(io.RawIOBase):
    """A text as UTF-8."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            self._left = self._text.read(_PEEKED).encode("utf-8")
        piece, self._left = self._left[: len(buffer)], self._left[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


def _reader(head: bytes) -> Callable[[io.BufferedReader], Iterator[Row | BadRow]]:
    """Choose the reader by the first lines."""
    text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").lstrip()
    first, _, rest = text.partition("\n")
    if text.startswith("["):
        return _json_values
    if text.startswith("{"):
        is_lines = _is_json(first) or not rest.strip() or rest.startswith("{")
        return _json_lines if is_lines else _json_values
    if (delimiter := delimiter_of(first, PROMPT_COLUMNS)) is not None:
        return lambda source: csv_rows(source, delimiter)
    return _json_lines if text.startswith('"') and _is_json(first) else _plain_lines


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def delimiter_of(heading: str, columns: frozenset[str]) -> str | None:
    """Return what separates the columns of a heading, None if none of them is known."""
    for delimiter in (",", ";", "\t"):
        cells = next(csv.reader([heading.strip("\r\n")], delimiter=delimiter), [])
        if columns & {snake(cell) for cell in cells}:
            return delimiter
    return None


def snake(name: str) -> str:
    """Return a name of a field in lower case with underscores."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip().removeprefix("\ufeff"))
    return re.sub(r"[^0-9a-z]+", "_", spaced.lower()).strip("_")


def lines(source: io.BufferedReader) -> Iterator[tuple[int, bytes] | BadRow]:
    """Yield each line with its number; those that are too long as bad rows."""
    number = 0
    while line := source.readline(MAX_ROW_BYTES + 1):
        number += 1
        if len(line) <= MAX_ROW_BYTES:
            yield number, line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            continue
        while line and not line.endswith(b"\n"):
            line = source.readline(MAX_ROW_BYTES)
        yield BadRow(number, f"longer than {MAX_ROW_BYTES} bytes")


def _decoded_lines(source: io.BufferedReader) -> Iterator[tuple[int, str] | BadRow]:
    for line in lines(source):
        if isinstance(line, BadRow):
            yield line
            continue
        try:
            text = line[1].decode("utf-8").strip("\r\n")
        except UnicodeDecodeError:
            yield BadRow(line[0], "not UTF-8")
            continue
        if text.strip():
            yield line[0], text


def _json_lines(source: io.BufferedReader) -> Iterator[Row | BadRow]:
    for line in _decoded_lines(source):
        if isinstance(line, BadRow):
            yield line
            continue
        try:
            value = json.loads(line[1])
        except (ValueError, RecursionError):
            yield BadRow(line[0], "not JSON")
            continue
        yield from ((line[0], each) for each in _unwrapped(value))


def _plain_lines(source: io.BufferedReader) -> Iterator[Row | BadRow]:
    yield from _decoded_lines(source)


def csv_rows(source: io.BufferedReader, delimiter: str) -> Iterator[Row | BadRow]:
    """Yield each row of a CSV file as a dictionary by its heading."""
    refused: list[BadRow] = []
    previous = csv.field_size_limit(MAX_ROW_BYTES)
    reader = csv.DictReader(_csv_lines(source, refused), delimiter=delimiter)
    try:
        while True:
            try:
                row = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                yield BadRow(reader.line_num, f"not CSV: {error}")
                continue
            finally:
                yield from refused
                refused.clear()
            yield _csv_row(reader.line_num, row)
    finally:
        csv.field_size_limit(previous)


def _csv_lines(source: io.BufferedReader, refused: list[BadRow]) -> Iterator[str]:
    for line in lines(source):
        if isinstance(line, BadRow):
            refused.append(line)
            yield "\n"  # keeps the count of lines; a blank line is no row
        else:
            yield line[1].decode("utf-8", "surrogateescape")


def _csv_row(number: int, row: dict[str | Any, str | Any]) -> Row | BadRow:
    if None in row or None in row.values():
        return BadRow(number, "another number of cells than the heading")
    if not all(_is_utf8(cell) for cell in row.values()):
        return BadRow(number, "not UTF-8")
    return number, row


def _is_utf8(text: str) -> bool:
    return not any("\udc80" <= sign <= "\udcff" for sign in text) if not text.isascii() else True


def _json_values(source: io.BufferedReader) -> Iterator[Row | BadRow]:
    """Yield the elements of an array, or of several values one after the other, in bounded memory."""
    text, number = _Text(source), 0
    while text.skip():
        number += 1
        found = text.value()
        if found is None:
            yield BadRow(number, text.give_up())
        else:
            yield from ((number, each) for each in _unwrapped(found[0]))


class _Text:
    """The part of a text that is being parsed."""

    def __init__(self, source: io.BufferedReader) -> None:
        self._source = source
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._parse = json.JSONDecoder().raw_decode
        self._buffer, self._at, self._is_more = "", 0, True

    def skip(self) -> bool:
        """Go to the next value; return whether there is one."""
        while True:
            self._at = _SEPARATORS.match(self._buffer, self._at).end()  # type: ignore[union-attr]  # matches always
            if self._at < len(self._buffer):
                return True
            if not self._read():
                return False

    def value(self) -> tuple[Any] | None:
        """Parse the value here; return None if it is not JSON or too long."""
        while True:
            try:
                found, end = self._parse(self._buffer, self._at)
            except json.JSONDecodeError as error:
                if self._is_broken(error) or self._is_long or not self._read():
                    return None
                continue
            except RecursionError:
                return None
            if end - self._at > MAX_ROW_BYTES:
                return None
            if end < len(self._buffer) or not self._read():  # a number may go on
                self._at = end
                return (found,)

    def _is_broken(self, error: json.JSONDecodeError) -> bool:
        """Whether more text would not mend it: the error is not at the end of what is read."""
        return not error.msg.startswith("Unterminated") and error.pos < len(self._buffer) - _LONGEST_WORD

    def give_up(self) -> str:
        """Go to where the next object seems to begin; return why this value is skipped."""
        reason = f"longer than {MAX_ROW_BYTES} bytes" if self._is_long else "not JSON"
        while (following := _BETWEEN_OBJECTS.search(self._buffer, self._at)) is None:
            self._buffer, self._at = self._buffer[-_OVERLAP:], 0
            if not self._read():
                self._buffer = ""
                return reason
        self._at = following.end()
        return reason

    @property
    def _is_long(self) -> bool:
        return len(self._buffer) - self._at > MAX_ROW_BYTES

    def _read(self) -> bool:
        """Read as much again as is still unparsed, so that long values are parsed few times."""
        left = self._buffer[self._at :]
        chunk = self._source.read(max(_CHUNK, len(left))) if self._is_more else b""
        self._is_more = bool(chunk)
        self._buffer, self._at = left + self._decode(chunk, not chunk), 0
        return self._is_more


def _unwrapped(value: Any) -> Iterable[Any]:
    """Return the rows of an export that holds them as a list, else the value itself."""
    if isinstance(value, list) and value and all(isinstance(each, dict) and "role" not in each for each in value):
        return value
    if isinstance(value, dict) and not any(snake(name) in PROMPT_COLUMNS for name in value):
        for name in _LISTS:
            inner = value.get(name)
            if isinstance(inner, list) and inner and all(isinstance(each, dict) for each in inner):
                return inner
    return [value]
