"""Reads labelled pairs, streams and conversations: JSON Lines or CSV, plain or gzipped."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from sentinel_core.errors import ConfigurationError
from sentinel_core.support.csv_records import csv_rows
from sentinel_core.support.rows import BadRow as BadLine
from sentinel_core.support.rows import Row, lines, problem_of


@dataclass(frozen=True, slots=True)
class Pair:
    """`same`: the answer stored for `stored` is right for `asked`. `earlier` are the turns before each, as JSON."""

    asked: str
    stored: str
    same: bool
    source: str
    kind: str
    earlier: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Request:
    """One prompt of a stream in its order; equal `answer_id` and `namespace` mean the same answer is right."""

    prompt: str
    answer_id: str
    source: str
    namespace: str
    kind: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """`row` counts from 1, a CSV's heading included."""

    file: str
    row: int
    rule: str


Record: TypeAlias = Pair | Request


def read(path: Path) -> Iterator[Record | BadRow]:
    """Every row as a record, or why it is none; raises ConfigurationError where the file cannot be read."""
    try:
        with _opened(path) as source:
            rows = csv_rows(lines(source), ",") if ".csv" in path.suffixes else _json_rows(source)
            for row in rows:
                yield BadRow(path.name, row.row, row.reason) if isinstance(row, BadLine) else _record(path, *row)
    except (OSError, EOFError, zlib.error) as error:
        raise ConfigurationError(problem_of(error, path)) from error


def _opened(path: Path) -> io.BufferedIOBase:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _json_rows(source: io.BufferedIOBase) -> Iterator[Row | BadLine]:
    for line in lines(source):
        if isinstance(line, BadLine):
            yield line
        elif line[1].strip():
            yield _decoded(line[0], line[1])


def _decoded(number: int, line: bytes) -> Row | BadLine:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return BadLine(number, "not UTF-8")
    try:
        return number, json.loads(text)
    except (ValueError, RecursionError):
        return number, None


def _record(path: Path, number: int, row: Any) -> Record | BadRow:
    try:
        return _parsed(row, path.name.split(".")[0])
    except ValueError as error:
        return BadRow(path.name, number, str(error))


def _parsed(row: Any, named: str) -> Record:
    """Check a row; raises ValueError with the rule a row broke."""
    if not isinstance(row, Mapping):
        raise ValueError("a row is a JSON object")  # noqa: TRY004  the rule a row broke, not a programming error
    if "prompt" in row:
        return Request(
            _text(row, "prompt"), _text(row, "answer_id"), _optional(row, "source", named), _optional(row, "ns", ""),
            _optional(row, "kind", ""),
        )  # fmt: skip
    if "a" not in row:
        raise ValueError("a row needs a, b and same, or prompt and answer_id")
    return _pair(row, named)


def _pair(row: Mapping[str, Any], named: str) -> Pair:
    source, kind = _optional(row, "source", named), _optional(row, "kind", "")
    if isinstance(row["a"], list):
        (stored, earlier), (asked, later) = _chat(row, "a"), _chat(row, "b")
        return Pair(asked, stored, _same(row), source, kind, (later, earlier))
    return Pair(_text(row, "b"), _text(row, "a"), _same(row), source, kind)


def _chat(row: Mapping[str, Any], name: str) -> tuple[str, str]:
    """Return the last message's text, and all before it as JSON."""
    messages = row.get(name)
    if not isinstance(messages, list) or not messages or not isinstance(messages[-1], Mapping):
        raise ValueError(f"{name} is a list of messages")
    return _text(messages[-1], "content"), json.dumps(messages[:-1], sort_keys=True)


def _same(row: Mapping[str, Any]) -> bool:
    value = row.get("same")
    if value in (0, 1, "0", "1"):
        return bool(int(value))
    raise ValueError("same is 0 or 1")


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError(f"{name} is a text that is not empty")


def _optional(row: Mapping[str, Any], name: str, default: str) -> str:
    value = row.get(name)
    if value is None or isinstance(value, str):
        return value or default
    raise ValueError(f"{name} is a text")
