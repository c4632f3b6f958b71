"""Server-sent events on their way to a caller, with comments that keep a silent line open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from typing import Protocol

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from sentinel_core.web.departures import Watch

COMMENT = b": keep-alive\n\n"
"""A line that SSE readers skip (WHATWG HTML, section 9.2.6)."""


class Source(Protocol):
    """Whatever the events come from."""

    async def aclose(self) -> None:
        """Stop it; never raises."""


class EventStreamResponse(StreamingResponse):
    """
    Sends events, and a comment after every `heartbeat` seconds without one; 0 sends none.

    Closes its source at once when the reader leaves, so that the provider stops writing, and billing.
    """

    def __init__(
        self,
        events: AsyncGenerator[bytes, None],
        headers: Mapping[str, str],
        *,
        source: Source | None = None,
        heartbeat: float = 0.0,
    ) -> None:
        super().__init__(events, media_type="text/event-stream", headers={"cache-control": "no-cache", **headers})
        self._events = events
        self._source = source
        self._heartbeat = heartbeat

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send in this task: the group of tasks that Starlette opens holds up the first event by 0.15 ms."""
        watch = Watch(receive)
        try:
            async with aclosing(self._events):
                await self.stream_response(send)
        except asyncio.CancelledError:
            if not watch.has_left:
                raise
            watch.forgive()
        finally:
            watch.end()
            if self._source is not None:
                await self._source.aclose()

    async def stream_response(self, send: Send) -> None:
        """Send the head, then each event as one message."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        line = _Line(send, self._heartbeat)
        try:
            async for event in self._events:
                await line.send(event)
        finally:
            await line.stop()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class _Line:
    """Where events are sent, by one sender at a time; a timer of its own sends the comments."""

    def __init__(self, send: Send, heartbeat: float) -> None:
        self._send = send
        self._heartbeat = heartbeat
        self._time = asyncio.get_running_loop().time
        self._last = self._time()
        self._turn = asyncio.Lock()
        self._beating = asyncio.create_task(self._beat()) if heartbeat else None

    async def send(self, event: bytes) -> None:
        async with self._turn:
            await self._send({"type": "http.response.body", "body": event, "more_body": True})
            self._last = self._time()

    async def stop(self) -> None:
        if self._beating is not None:
            self._beating.cancel()
            with suppress(asyncio.CancelledError):
                await self._beating

    async def _beat(self) -> None:
        """Send comments until the line breaks, which the sender of events finds out by itself."""
        with suppress(OSError):
            while True:
                wait = self._last + self._heartbeat - self._time()
                if wait > 0:
                    await asyncio.sleep(wait)
                else:
                    await self.send(COMMENT)
