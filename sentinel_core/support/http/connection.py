"""One HTTP/1.1 connection of a client: one request at a time, its response parsed as it arrives."""

from __future__ import annotations

import asyncio
import select
import time
from typing import Any

import httptools
import httpx

MAX_HEADER_BYTES = 65_536
MAX_BUFFER_BYTES = 262_144
"""Past this much unread body the socket is left to fill, so that the sender waits for the reader."""


class Connection(asyncio.Protocol):
    """Raises httpx's exceptions. `status`, `reason` and `headers` are set once `ask` returns."""

    def __init__(self) -> None:
        self.status = 0
        self.reason = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.is_complete = False
        self.is_reusable = False
        self._transport: Any = None
        self._parser = httptools.HttpResponseParser(self)
        self._waiter: asyncio.Future[None] | None = None
        self._error: httpx.RequestError | None = None
        self._chunks: list[bytes] = []
        self._buffered = 0
        self._header_bytes = 0
        self._is_open_ended = False
        self._has_head = False
        self._method = "GET"
        self._rested_at = 0.0

    async def ask(self, message: bytes, method: str) -> None:
        """Send a whole request and return when the response's headers are here; at most once a rest."""
        self._method = method
        self._transport.write(message)
        while not self._has_head:
            await self._wait()

    async def more(self) -> None:
        """Return when there is more of the body, or its end."""
        if self.is_empty and not self.is_complete:
            await self._wait()

    @property
    def is_empty(self) -> bool:
        return not self._chunks

    def take(self) -> bytes:
        """Return what has arrived of the body and was not taken yet."""
        chunks, self._chunks = self._chunks, []
        if self._buffered > MAX_BUFFER_BYTES and self._transport is not None:
            self._transport.resume_reading()
        self._buffered = 0
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def rest(self) -> None:
        """Make ready for another request."""
        self._parser = httptools.HttpResponseParser(self)
        self._chunks, self._buffered = [], 0
        self.is_complete = self.is_reusable = self._is_open_ended = self._has_head = False
        self._rested_at = time.monotonic()

    def is_usable(self, keep_seconds: float) -> bool:
        """
        Whether a rested connection may carry another request.

        The socket itself is asked: after a freeze of the process the event loop has not heard of the
        other side's close yet, and the clock may have stood still.
        """
        if self._transport is None or self._transport.is_closing():
            return False
        if time.monotonic() - self._rested_at > keep_seconds:
            return False
        poll = select.poll()
        poll.register(self._transport.get_extra_info("socket").fileno(), select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._is_open_ended and exc is None:
            self.is_complete = True
        elif not self.is_complete:
            self._error = self._error or _lost(exc, answered=self._header_bytes > 0)
        self._wake()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(f"not HTTP/1.1: {error}")
        self._wake()

    def on_message_begin(self) -> None:
        self.headers, self._header_bytes = [], 0
        self.reason = b""

    def on_status(self, reason: bytes) -> None:
        self._header_bytes += 1
        self.reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > MAX_HEADER_BYTES:
            self._fail("too many headers")
        else:
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        if self.status < 200:  # an interim response: the final one follows
            return
        self._has_head = True
        names = {name.lower() for name, _ in self.headers}
        self._is_open_ended = not names & {b"content-length", b"transfer-encoding"}
        if self._method == "HEAD":
            self.is_complete = True

    def on_body(self, body: bytes) -> None:
        self._chunks.append(body)
        self._buffered += len(body)
        if self._buffered > MAX_BUFFER_BYTES and self._transport is not None:
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        if self._has_head and not self.is_complete:
            self.is_complete = True
            self.is_reusable = self._error is None and self._parser.should_keep_alive()

    def _fail(self, message: str) -> None:
        self._error = self._error or httpx.RemoteProtocolError(message)
        self.close()

    async def _wait(self) -> None:
        if self._error is not None:
            raise self._error
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is None or self._waiter.done():
            return
        if self._error is not None:
            self._waiter.set_exception(self._error)
        else:
            self._waiter.set_result(None)


def _lost(exc: Exception | None, *, answered: bool) -> httpx.RequestError:
    if exc is not None:
        return httpx.ReadError(str(exc))
    return httpx.RemoteProtocolError("closed in mid-answer" if answered else "closed without an answer")
