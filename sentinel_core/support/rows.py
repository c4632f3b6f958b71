"""Rows of files that people give: lines within a bound, and the reasons why others, or whole files, are not read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

MAX_ROW_BYTES = 8_388_608
"""The longest row; longer ones are skipped with a reason."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """`row` counts lines from 1, a CSV's heading included."""

    row: int
    reason: str


Row: TypeAlias = "tuple[int, Any]"
"""Its number, and a JSON value or a text."""

Line: TypeAlias = "tuple[int, bytes] | BadRow"
"""Its number and its bytes with their end."""


def lines(source: io.BufferedIOBase) -> Iterator[Line]:
    """Yield each line with its number, without a byte order mark; those that are too long as bad rows."""
    number = 0
    while line := source.readline(MAX_ROW_BYTES + 1):
        number += 1
        if len(line) <= MAX_ROW_BYTES:
            yield number, line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            continue
        while line and not line.endswith(b"\n"):
            line = source.readline(MAX_ROW_BYTES)
        yield BadRow(number, f"longer than {MAX_ROW_BYTES} bytes")


def problem_of(error: Exception, path: object = None) -> str:
    """Say why a file cannot be read or written; `path` is for errors that name none."""
    name = getattr(error, "filename", None) or path
    if isinstance(error, FileNotFoundError):
        return f"there is no file {name}"
    if isinstance(error, IsADirectoryError):
        return f"{name} is a folder, not a file"
    if isinstance(error, PermissionError):
        return f"{name}: this user has no permission"
    return f"{name}: {getattr(error, 'strerror', None) or error}"
