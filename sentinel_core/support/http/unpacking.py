"""Unpacks bodies that a server compressed unasked, as they come and within a bound."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from contextlib import suppress

import httpx

from sentinel_core.support.http.message import RefusedResponseError, too_large

PACKINGS = frozenset({"gzip", "x-gzip", "deflate"})
PIECE_BYTES = 65_536
"""Unpacked bytes that are handed on at once: a packed kilobyte may hold a megabyte."""

_ANY_HEADER, _NO_HEADER = zlib.MAX_WBITS | 32, -zlib.MAX_WBITS


class Unpacked(httpx.AsyncByteStream):
    """
    The unpacked bytes of a body in gzip or deflate (RFC 9110, section 8.4.1), at most `most` of them.

    Raises RefusedResponseError for a larger body, and for one that cannot be unpacked or ends early.
    """

    def __init__(self, packed: httpx.AsyncByteStream, most: int | None) -> None:
        self._packed = packed
        self._most = most
        self._unpacked = 0
        self._inflate = zlib.decompressobj(_ANY_HEADER)
        self._is_new = True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._packed:
            rest, piece = part, b""
            # A full piece may leave more in the decompressor, though all of `part` is in it.
            while (rest or len(piece) == PIECE_BYTES) and not self._inflate.eof:
                piece = self._piece(rest)
                rest = self._inflate.unconsumed_tail
                if piece:
                    yield piece
        if not self._is_new and not self._inflate.eof:
            raise RefusedResponseError("its packed response ends early")

    async def aclose(self) -> None:
        await self._packed.aclose()

    def _piece(self, part: bytes) -> bytes:
        try:
            piece = self._decompressed(part)
        except zlib.error as error:
            raise RefusedResponseError("its packed response cannot be read") from error
        self._is_new = False
        self._unpacked += len(piece)
        if self._most is not None and self._unpacked > self._most:
            raise too_large(self._most)
        return piece

    def _decompressed(self, part: bytes) -> bytes:
        """Unpack the next piece; some servers call it deflate and leave out its header."""
        if self._is_new:
            with suppress(zlib.error):
                return self._inflate.decompress(part, PIECE_BYTES)
            self._inflate = zlib.decompressobj(_NO_HEADER)
        return self._inflate.decompress(part, PIECE_BYTES)
