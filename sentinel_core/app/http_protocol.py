"""Uvicorn's HTTP protocol with bounds: sizes of a head, absolute times, callers that do not read."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from http import HTTPStatus
from types import FunctionType
from typing import Any

from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from sentinel_core.app.connections import Connections, EdgeLimits, State
from sentinel_core.app.http_cycle import Cycle
from sentinel_core.support.sockets import is_readable
from sentinel_core.web import errors

_HEADERS = (
    b"content-type: application/json\r\nconnection: close\r\ncache-control: no-store\r\n"
    b"x-content-type-options: nosniff\r\n"
)


MOST_PIECES = 4_096
LEAST_PIECE_BYTES = 64
"""Of a body in more than `MOST_PIECES` pieces, on average: each costs the event loop as much as a kilobyte."""

MOST_FRAMING_BYTES = 1 << 16
"""Beyond the bytes of the body itself: of chunk sizes and extensions, which no limit of a body counts."""

MOST_PIPELINED = 16
"""Requests that wait for the answer of an earlier one; further ones are dropped, and the connection closes."""


_begin_cycle = FunctionType(
    HttpToolsProtocol.on_headers_complete.__code__, {**vars(httptools_impl), "RequestResponseCycle": Cycle}
)
"""
Uvicorn's `on_headers_complete` with our class of cycles, which uvicorn names nowhere else. A cycle that changes its
class afterwards loses Python's fast access to its attributes: 3 µs of an exact hit.
"""


class BoundedHttp(HttpToolsProtocol):
    """
    One connection of a caller.

    Uvicorn bounds neither the bytes nor the number of headers, nor the time a caller may take for a head, and it
    waits for ever for a caller that does not read. A refused connection is answered, then its input is dropped
    for a second before it closes, because a reset would take the answer from the caller (RFC 9112 section 9.6).
    """

    def __init__(self, *, limits: EdgeLimits, registry: Connections, **uvicorn: Any) -> None:
        super().__init__(**uvicorn)
        self._limits = limits
        self._registry = registry
        self._timer: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None
        self._timed: State | None = None
        self._in_message = self._has_head = self._is_refused = self._is_ending = False
        self._outside = self._header_bytes = self._header_count = self._pieces = self._body_bytes = 0
        self._wire_bytes = 0
        self._idle_since = self._begun = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begun = self.loop.time()
        if self._registry.admit(self):
            self._arm(State.NEW, self._limits.head_seconds, self._end_head)
        else:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "too many connections", "too_many_connections")

    def connection_lost(self, exc: Exception | None) -> None:
        self._registry.forget(self)
        self._disarm()
        self._end_stall()
        super().connection_lost(exc)
        self._unset_keepalive_if_required()

    def evict(self) -> None:
        """Close for a new connection's sake; bytes that are already here are lost."""
        self.transport.abort()

    def shutdown(self) -> None:
        """Close between requests; after an answer under way; soon if the caller does not read."""
        self._is_ending = True
        super().shutdown()
        if self.flow.write_paused or self.transport.is_closing():
            self._begin_stall()

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        self._outside += len(data)
        self._wire_bytes += len(data)
        super().data_received(data)
        if self._outside > self._limits.header_bytes and not self.transport.is_closing():
            self._refuse_head()
        if self._in_message and self._has_head and self._wire_bytes > MOST_FRAMING_BYTES + 2 * self._body_bytes:
            self._refuse(HTTPStatus.BAD_REQUEST, "the body is mostly chunk extensions", "chunk_extensions")
        self._settle()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._registry.move(self, State.STALLED)
        self._begin_stall()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.transport.is_closing():
            self._end_stall()
            self._settle()

    def on_message_begin(self) -> None:
        if self._is_refused:
            return
        self._in_message, self._has_head = True, False
        self._outside = self._header_bytes = self._header_count = self._pieces = self._body_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        if self._counts(len(url)):
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header; trailers count too, and are dropped."""
        self._header_count += 1
        if self._counts(len(name) + len(value)) and not self._has_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._is_refused:
            return
        self._has_head = True
        self._wire_bytes = 0
        _begin_cycle(self)
        self._begun = self.loop.time()
        kept = self._limits.idle_seconds - self._limits.ending_seconds
        if self._registry.is_nearly_full or 0 < self._idle_since < self._begun - kept:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        if self._is_refused:
            return
        self._outside = 0
        self._pieces += 1
        self._body_bytes += len(body)
        if self._pieces > MOST_PIECES and self._body_bytes < LEAST_PIECE_BYTES * self._pieces:
            self._refuse(
                HTTPStatus.BAD_REQUEST, f"the body comes in pieces below {LEAST_PIECE_BYTES} bytes", "tiny_pieces"
            )
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._is_refused:
            self._in_message = False
            self._outside = 0
            super().on_message_complete()
            if len(self.pipeline) >= MOST_PIPELINED:
                self.cycle.keep_alive, self._is_refused = False, True

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._idle_since = self.loop.time()
        if self.transport.is_closing():
            self._begin_stall()
        else:
            self._settle()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection, unless a request has arrived that the event loop has not read yet."""
        self.timeout_keep_alive_task = None
        if self.transport.is_closing():
            return
        if is_readable(self.transport.get_extra_info("socket")):
            self._keep(1.0)
        elif self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """Answer as if no upgrade were asked for (RFC 9110 section 7.8), without uvicorn's two lines of advice."""

    def send_400_response(self, msg: str) -> None:
        """Answer bytes that are no request, in the shape of all errors."""
        del msg
        self._refuse(HTTPStatus.BAD_REQUEST, "the request is not HTTP/1.1", "invalid_http")

    def _counts(self, size: int) -> bool:
        """Count bytes of a head or trailer; return whether they still fit."""
        self._header_bytes += size
        if self._header_bytes > self._limits.header_bytes or self._header_count > self._limits.headers:
            self._refuse_head()
        return not self._is_refused

    def _refuse_head(self) -> None:
        message = f"the head is larger than {self._limits.header_bytes} bytes or {self._limits.headers} headers"
        self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, message, "headers_too_large")

    def _refuse(self, status: HTTPStatus, message: str, code: str) -> None:
        """Answer with an error and close; after the answer under way if there is one. Reads nothing more."""
        if self._is_refused:
            return
        self._is_refused = True
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False
            if not self.cycle.more_body:
                return
            self.cycle.disconnected = True  # its body is what broke the rule: it never comes whole
            self.cycle.message_event.set()
            if self.cycle.response_started:
                self.transport.abort()
                return
        body = json.dumps(errors.body(message, kind="invalid_request_error", code=code)).encode()
        self.transport.write(b"%s%scontent-length: %d\r\n\r\n%s" % (STATUS_LINE[status], _HEADERS, len(body), body))
        self._linger()

    def _linger(self) -> None:
        self._unset_keepalive_if_required()
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._arm(None, self._limits.linger_seconds, self.transport.abort)

    def _settle(self) -> None:
        """Note the reason for which the connection waits now, and the end of the wait."""
        if self._is_refused or self.transport.is_closing():
            return
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if not self._in_message:
            self._settle_between(is_answering=is_answering)
        elif self._has_head:
            self._arm(State.RECEIVING, self._limits.body_seconds, self._end_body)
        else:
            self._arm(State.NEW, self._limits.head_seconds, self._end_head)
        if self._in_message and not self.flow.write_paused:
            self._registry.move(self, State.RECEIVING)

    def _settle_between(self, *, is_answering: bool) -> None:
        if self.cycle is None:
            return  # only line ends so far: the first head is still awaited
        self._disarm()
        if not self.flow.write_paused:
            self._registry.move(self, State.ANSWERING if is_answering else State.IDLE)
        if not is_answering and self.timeout_keep_alive_task is None:
            self._keep(self._limits.idle_seconds)

    def _keep(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _arm(self, timed: State | None, seconds: float, callback: Callable[[], None]) -> None:
        """Start a time limit; one that runs for the same purpose goes on."""
        if self._timer is not None and self._timed is timed:
            return
        self._disarm()
        self._timed, self._timer = timed, self.loop.call_later(seconds, callback)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._timed = None

    def _end_head(self) -> None:
        if self._in_message:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "the head did not arrive in time", "head_timeout")
        else:
            self.transport.close()

    def _end_body(self) -> None:
        """Wait; the application answers a late body itself, the rest are bodies that no answer waits for."""
        self.cycle.keep_alive = False
        if self.cycle.response_complete:
            self.transport.close()

    def _begin_stall(self) -> None:
        """Cut the connection unless the caller reads soon, and in any case some time after the request's deadline."""
        limits = self._limits
        allowed = limits.linger_seconds * 2 if self._is_ending else limits.write_seconds
        last = self._begun + limits.answer_seconds + limits.write_seconds - self.loop.time()
        self._end_stall()
        self._stall = self.loop.call_later(max(0.0, min(allowed, last)), self.transport.abort)

    def _end_stall(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None
