"""Bytes of a log: inflated where it is gzipped, as UTF-8 where it is UTF-16."""

from __future__ import annotations

import io
import zlib
from typing import Any

PEEKED = 65_536
"""Bytes by which a format is found."""

_GZIP = 31  # zlib's number for a gzip header and the largest window


def peekable(raw: Any) -> io.BufferedReader:
    """Return the source with a buffer."""
    return raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(raw, PEEKED)


def unzipped(raw: io.BufferedReader) -> Any:
    """Return the plain bytes of a source that is gzipped, else the source."""
    return Inflated(raw) if raw.peek(2)[:2] == b"\x1f\x8b" else raw


class Inflated(io.RawIOBase):
    """A gzip file; where it `is_damaged`, all before the damage is still read."""

    def __init__(self, raw: io.BufferedReader) -> None:
        self._raw = raw
        self._inflate = zlib.decompressobj(_GZIP)
        self._left = b""
        self.is_damaged = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.is_damaged:
            self._left = self._left or self._raw.read(PEEKED)
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


class Recoded(io.RawIOBase):
    """A text as UTF-8."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            self._left = self._text.read(PEEKED).encode("utf-8")
        piece, self._left = self._left[: len(buffer)], self._left[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)
