"""The deadline of an invocation, and what happens between the answer and it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from sentinel_core.app.lambda_event_kinds import stage_path
from sentinel_core.web.context import context_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

MARGIN_SECONDS = 1.5
"""Kept back from the function's time, to store the answer and to hand it over."""

TELL_MARGIN_SECONDS = 0.5
"""Seconds kept back for handing the answer over, if alerts are sent before it."""

FREE_SECONDS = 5.0
"""Of a warm-up, for the bytes of purged entries."""

JUDGE_SECONDS = 10.0
"""Of a warm-up, for the pairs that wait for a judge: the instance serves no request meanwhile."""


class Parts(Protocol):
    """The parts behind the application."""

    async def warm(self) -> Mapping[str, str]:
        """Load and reach everything, and say how each part is doing; never raises."""

    async def tell(self, *, within: float) -> None:
        """Send the alerts that are due, for so many seconds at the most; never raises."""

    async def free(self, *, within: float) -> None:
        """Free the bytes of purged entries, for about so many seconds; never raises."""

    async def judge(self, *, within: float) -> int:
        """Have waiting pairs judged, for so many seconds at the most; return their number. Never raises."""

    async def drain(self, *, within: float) -> None:
        """Finish the background work, for so many seconds at the most; never raises."""

    async def disconnect(self) -> None:
        """Give connections back; the next use opens new ones. Never raises."""


class Deadline:
    """
    Sets the deadline of this invocation for the application, on the clock of `time.monotonic`.

    Alerts are sent before a buffered answer leaves, because nothing runs after it, and after a streamed one has ended;
    both within the remaining time.
    """

    def __init__(self, app: ASGIApp, parts: Parts) -> None:
        self._app = app
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ends = time.monotonic() + scope["aws.context"].get_remaining_time_in_millis() / 1000
        context = context_of(scope)
        context.deadline = ends - MARGIN_SECONDS
        context.is_buffered = STREAMED not in scope
        scope["root_path"] = stage_path(scope["aws.event"])
        await self._app(scope, receive, send)
        await self._parts.tell(within=ends - time.monotonic() - TELL_MARGIN_SECONDS)


STREAMED = "sentinel.streamed"
"""Key of the ASGI scope of an answer that leaves in parts."""
