"""Parses JSON values one after the other, in bounded memory."""

from __future__ import annotations

import codecs
import io
import json
import re
from typing import Any

from sentinel_core.support.rows import MAX_ROW_BYTES

_CHUNK = 1_048_576
_OVERLAP = 1_024
_LONGEST_WORD = 10  # false, an escape, …
_SEPARATORS = re.compile(r"[\s,\[\]\ufeff]*")
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_BETWEEN_OBJECTS = re.compile(r"[}\]]\s*,?\s*(?=\{)")


class JsonText:
    """The part of a text that is being parsed."""

    def __init__(self, source: io.BufferedReader) -> None:
        self._source = source
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self._parse = json.JSONDecoder().raw_decode
        self._buffer, self._at, self._is_more = "", 0, True
        self.is_utf8 = True
        """Whether the bytes of the last value were UTF-8."""

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
            except (RecursionError, ValueError):  # too deep, or a number of thousands of digits
                return None
            if end - self._at > MAX_ROW_BYTES:
                return None
            if end < len(self._buffer) or not self._read():  # a number may go on
                self.is_utf8 = _NOT_UTF8.search(self._buffer, self._at, end) is None
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
