"""One HTTP/1.1 client connection: carries one request at a time and parses the response as it arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httptools
import httpx

from sentinel_core.support.sockets import is_readable

MAX_HEADER_BYTES = 65_536
MAX_HEADERS = 256
MAX_OVERHEAD_BYTES = 65_536
"""Bytes without one byte of the body among them: heads, interim responses, chunk extensions, trailers."""
MAX_BUFFER_BYTES = 131_072
"""Above this much unread body, reading pauses, so that the sender waits for the reader."""

_MAX_LINE_ENDS = 8


class Connection(asyncio.Protocol):
    """
    Carries requests one after the other. Bytes that arrive while no request is under way close it.

    `status`, `reason` and `headers` are set once `ask` returns; `buffered` counts the bytes of the body to
    `take`. Raises httpx's exceptions. Calls `on_unasked` when bytes arrive that belong to no request.
    """

    def __init__(self, on_unasked: Callable[[], None] = lambda: None) -> None:
        self.status = 0
        self.reason = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.is_complete = False
        self.buffered = 0
        self._on_unasked = on_unasked
        self._transport: Any = None
        self._parser = httptools.HttpResponseParser(self)
        self._waiter: asyncio.Future[None] | None = None
        self._error: httpx.RequestError | None = None
        self._chunks: list[bytes] = []
        self._header_bytes = 0
        self._overhead = 0
        self._is_asked = False
        self._is_open_ended = False
        self._is_kept_alive = False
        self._is_paused = False
        self._has_answered = False
        self._has_head = False
        self._method = "GET"

    async def ask(self, message: bytes, method: str) -> None:
        """Send a whole request; return when the head of the response has arrived. Call `rest` between requests."""
        if self._transport is None or self._error is not None:
            raise self._error or httpx.RemoteProtocolError("closed before the request")
        self._method = method
        self._is_asked = True
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

    @property
    def is_reusable(self) -> bool:
        """Whether the response has ended, the request was sent whole, and nothing else was received."""
        return (
            self.is_complete
            and self._is_kept_alive
            and self._error is None
            and not self._is_paused
            and self._transport is not None
            and not self._transport.is_closing()
            and self._transport.get_write_buffer_size() == 0
        )

    def take(self) -> bytes:
        """Return the part of the body that has arrived and was not taken yet."""
        chunks, self._chunks = self._chunks, []
        if self._is_paused and self._transport is not None:
            self._transport.resume_reading()
        self._is_paused = False
        self.buffered = 0
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def rest(self) -> None:
        """Make ready for another request; until then every received byte closes the connection."""
        self._parser = httptools.HttpResponseParser(self)
        self._chunks, self.buffered, self._overhead = [], 0, 0
        self.is_complete = self._is_asked = self._is_kept_alive = False
        self._is_open_ended = self._has_answered = self._has_head = False

    def is_silent(self) -> bool:
        """
        Whether the connection is open and has no bytes to read.

        Asks the socket itself: after a freeze of the process the event loop has not yet seen a close.
        """
        if self._transport is None or self._transport.is_closing():
            return False
        return not is_readable(self._transport.get_extra_info("socket"))

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
            self._error = self._error or _lost(exc, answered=self._has_answered)
        self._wake()

    def data_received(self, data: bytes) -> None:
        if not self._is_asked or self.is_complete:
            self._refuse_unasked()
            return
        self._has_answered = True
        self._overhead += len(data)
        self._parse(data)
        if self._overhead > MAX_OVERHEAD_BYTES and not self.is_complete:
            self._fail("too many bytes outside the body")
        self._wake()

    def on_message_begin(self) -> None:
        if self.is_complete:
            self._refuse_unasked()
        else:
            self.headers, self._header_bytes = [], 0
            self.reason = b""

    def on_status(self, reason: bytes) -> None:
        if self._counts(reason):
            self.reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        """Trailers count too, and are dropped."""
        if self._counts(name, value) and not self._has_head:
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self.is_complete or self._error is not None:
            return
        self.status = self._parser.get_status_code()
        if self._parser.get_http_version() not in ("1.0", "1.1") or self.status < 100 or self.status == 101:
            self._fail("not a response of HTTP/1.1")
        if self.status < 200:  # an interim response: the final one follows
            return
        names = {name.lower(): value for name, value in self.headers}
        if names.get(b"transfer-encoding", b"chunked").strip().lower() != b"chunked":
            self._fail("unknown transfer encoding")
        self._has_head = True
        self._is_open_ended = not names.keys() & {b"content-length", b"transfer-encoding"}
        if self._method == "HEAD":
            self.is_complete = True

    def on_body(self, body: bytes) -> None:
        if self.is_complete or self._error is not None:
            return
        if not self._has_head:
            self._fail("an interim response with a body")
            return
        self._overhead = 0
        self._chunks.append(body)
        self.buffered += len(body)
        if self.buffered > MAX_BUFFER_BYTES and not self._is_paused and self._transport is not None:
            self._is_paused = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        if self._has_head and not self.is_complete and self._error is None:
            self.is_complete = True
            self._is_kept_alive = self._parser.should_keep_alive() and self.status != httpx.codes.REQUEST_TIMEOUT

    def _parse(self, data: bytes) -> None:
        """
        Feed the parser, trailing line ends one by one.

        The parser skips line ends after a message, so only this shows that they were not part of it.
        """
        end = max(len(data.rstrip(b"\r\n")), len(data) - _MAX_LINE_ENDS)
        try:
            self._parser.feed_data(data[:end])
            for position in range(end, len(data)):
                if self.is_complete:
                    self._refuse_unasked()
                    return
                self._parser.feed_data(data[position : position + 1])
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if self.is_complete:
                self._refuse_unasked()
            else:
                self._fail(f"not HTTP/1.1: {error}")

    def _counts(self, *parts: bytes) -> bool:
        """Count a line of a head or a trailer; return whether it still fits and belongs to the response."""
        if self.is_complete or self._error is not None:
            return False
        self._header_bytes += sum(map(len, parts))
        if self._header_bytes > MAX_HEADER_BYTES or len(self.headers) >= MAX_HEADERS:
            self._fail("too many headers")
            return False
        return True

    def _refuse_unasked(self) -> None:
        """Close, so that these bytes never become an answer; a response that has ended before them is good."""
        if not self.is_complete:
            self._error = self._error or httpx.RemoteProtocolError("answered before it was asked")
        self._is_kept_alive = False
        self.close()
        self._on_unasked()

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
