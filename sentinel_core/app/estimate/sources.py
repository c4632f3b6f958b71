"""Bytes of a log: inflated where it is gzipped, as UTF-8 where it is UTF-16 or UTF-32."""

from __future__ import annotations

import codecs
import io
import zlib
from typing import Any

PEEKED = 65_536
"""Bytes by which a format is found."""

_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",  # begins with the mark of UTF-16
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_ZEROS = {"01010101": "utf-16-le", "10101010": "utf-16-be", "01110111": "utf-32-le", "11101110": "utf-32-be"}
_SIGNS = 8

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
        before = self._inflate.copy()
        try:
            piece = self._inflate.decompress(self._left, most)
        except zlib.error:
            self.is_damaged = True
            return _until_damage(before, self._left)
        self._left = self._inflate.unconsumed_tail or self._inflate.unused_data
        return piece


def encoding_of(head: bytes) -> str | None:
    """Return the encoding of a text in UTF-16 or UTF-32, by its mark or by the NUL bytes of its first signs."""
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return name
    for zeros, name in _ZEROS.items():
        if len(head) >= _SIGNS and [byte == 0 for byte in head[:_SIGNS]] == [bool(int(zero)) for zero in zeros]:
            return name
    return None


def _until_damage(inflate: Any, data: bytes) -> bytes:
    """Return what can be inflated of damaged data, byte by byte."""
    found = b""
    for at in range(len(data)):
        try:
            found += inflate.decompress(data[at : at + 1])
        except zlib.error:
            break
    return found


class Recoded(io.RawIOBase):
    """A text as UTF-8."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            self._left = self._text.read(PEEKED).encode("utf-8", "surrogateescape")
        piece, self._left = self._left[: len(buffer)], self._left[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)
