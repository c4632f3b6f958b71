"""Reads the rows of a log: JSON Lines, JSON, CSV or plain prompts, gzipped or not, found by content."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

from sentinel_core.app.estimate.json_values import JsonText
from sentinel_core.app.estimate.sources import PEEKED, Inflated, Recoded, encoding_of, peekable, unzipped
from sentinel_core.support.csv_records import csv_rows
from sentinel_core.support.rows import BadRow, Row, lines

_LISTS = ("data", "observations", "requests", "logs", "rows", "traces", "items")
_MAGICS = {
    b"\x1f\x8b": "a gzip file within a gzip file",
    b"BZh": "a bzip2 file",
    b"PK\x03\x04": "a zip file",
    b"\xfd7zXZ": "an xz file",
    b"\x28\xb5\x2f\xfd": "a zstandard file",
    b"PAR1": "a Parquet file",
    b"\x89PNG": "an image",
    b"%PDF": "a PDF file",
}
_COLUMNS = "prompt question query input messages request request_body body text content user_prompt"
PROMPT_COLUMNS = frozenset((*_COLUMNS.split(), "proxy_server_request"))


def rows(raw: BinaryIO) -> Iterator[Row | BadRow]:
    """Yield each row of a log, or the reason why it is none; rows after a bad one are still read."""
    count, plain = 0, unzipped(peekable(raw))
    source = peekable(plain)
    head = source.peek(PEEKED)[:PEEKED]
    if (encoding := encoding_of(head)) is not None:
        source = peekable(Recoded(io.TextIOWrapper(source, encoding=encoding, errors="replace", newline="")))
        head = source.peek(PEEKED)[:PEEKED]
    elif b"\r" in head and b"\n" not in head and _binary(head) is None:  # lines of an old Mac
        source = peekable(Recoded(io.TextIOWrapper(source, encoding="utf-8", errors="surrogateescape", newline=None)))
        head = source.peek(PEEKED)[:PEEKED]
    elif (what := _binary(head)) is not None:
        yield BadRow(1, what)
        return
    for row in _reader(head)(source):
        count = row.row if isinstance(row, BadRow) else row[0]
        yield row
    if isinstance(plain, Inflated) and plain.is_damaged:
        yield BadRow(count + 1, "the gzip file ends early or is damaged: the rest cannot be read")


def _binary(head: bytes) -> str | None:
    """Say what a file is that holds no text; None for text."""
    for magic, name in _MAGICS.items():
        if head.startswith(magic):
            return f"{name}, not text: unpack or export it first"
    is_json = head.lstrip()[:1] in (b"{", b"[", b'"')
    return "not text: its first line holds NUL bytes" if b"\0" in head.partition(b"\n")[0] and not is_json else None


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
        return lambda source: csv_rows(lines(source), delimiter)
    return _json_lines if text.startswith('"') and _is_json(first) else _plain_lines


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def delimiter_of(heading: str, columns: frozenset[str]) -> str | None:
    """Return the separator of a heading's columns, None if none of them is known."""
    for delimiter in (",", ";", "\t"):
        try:
            cells = next(csv.reader([heading.strip("\r\n")], delimiter=delimiter), [])
        except csv.Error:  # a lone carriage return, or a cell of more than 131,072 characters
            return None
        if columns & {snake(cell) for cell in cells}:
            return delimiter
    return None


def snake(name: str) -> str:
    """Return a name of a field in lower case with underscores."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip().removeprefix("\ufeff"))
    return re.sub(r"[^0-9a-z]+", "_", spaced.lower()).strip("_")


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


def _json_values(source: io.BufferedReader) -> Iterator[Row | BadRow]:
    """Yield the elements of an array, or of several values one after the other, in bounded memory."""
    text, number = JsonText(source), 0
    while text.skip():
        number += 1
        found = text.value()
        if found is None:
            yield BadRow(number, text.give_up())
        elif not text.is_utf8:
            yield BadRow(number, "not UTF-8")
        else:
            yield from ((number, each) for each in _unwrapped(found[0]))


def _unwrapped(value: Any) -> Iterable[Any]:
    """Return the rows of an export that holds them as a list, else the value itself."""
    if isinstance(value, list) and value and all(isinstance(each, dict) and "role" not in each for each in value):
        return value
    if isinstance(value, dict) and not any(snake(name) in PROMPT_COLUMNS for name in value):
        for name in _LISTS:
            inner = value.get(name)
            if isinstance(inner, list) and any(isinstance(each, dict) for each in inner):
                return inner
    return [value]
