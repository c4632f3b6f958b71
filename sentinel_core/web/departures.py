"""Notices that a caller leaves while a plain answer is awaited, and ends the request."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive

from sentinel_core.support.begun import Begun
from sentinel_core.web.recording import CLIENT_CLOSED_REQUEST
from sentinel_core.web.service import service_of

UNWATCHED_SECONDS = 0.05
"""An answer that comes sooner, as every hit does, is not worth a watch over the caller."""


async def while_present(answering: Coroutine[Any, Any, Response], request: Request) -> Response:
    """
    Return the answer; cancel `answering` and return an empty 499 if the caller leaves before it is there.

    A place at the provider that the request holds or waits for alone comes back at once. A call that can be stored
    goes on, because it is paid for and answers the caller's next try. The body must have been read.
    """
    begun = Begun(answering)
    if begun.is_done:  # as of exact hits in this process; a watch would cost them 1.5 µs
        return begun.result
    watch = Watch(request.receive)
    try:
        return await begun
    except asyncio.CancelledError:
        if not watch.has_left:
            raise
        watch.forgive()
        service_of(request).recording.departure(request)
        return Response(status_code=CLIENT_CLOSED_REQUEST)
    finally:
        watch.end()


class Watch:
    """
    Waits for the caller to leave, then cancels the task it was made in; `has_left` says that it did.

    It begins after `UNWATCHED_SECONDS` by itself, and has to be ended.
    """

    def __init__(self, receive: Receive) -> None:
        self.has_left = False
        self._receive = receive
        self._answering = asyncio.current_task()
        self._task: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(UNWATCHED_SECONDS, self._begin)

    def end(self) -> None:
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def forgive(self) -> None:
        """Take the cancellation back, so that the task may go on and send its answer."""
        if self._answering is not None:
            self._answering.uncancel()

    def _begin(self) -> None:
        self._task = asyncio.create_task(self._wait())

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        if self._answering is not None:
            self.has_left = True
            self._answering.cancel()
