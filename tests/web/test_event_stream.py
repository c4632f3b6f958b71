"""The events of a stream: sent in the request's own task, and stopped where the reader leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.types import Message, Scope

from sentinel_core.web import departures
from sentinel_core.web.event_stream import EventStreamResponse

pytestmark = pytest.mark.anyio

SCOPE: Scope = {"type": "http", "asgi": {"spec_version": "2.3"}}


@dataclass
class Line:
    """A caller, who stays until `leave`, and the source of the events."""

    left: asyncio.Event = field(default_factory=asyncio.Event)
    bodies: list[bytes] = field(default_factory=list)
    tasks: set[asyncio.Task[Any] | None] = field(default_factory=set)
    ends: list[str] = field(default_factory=list)

    async def receive(self) -> Message:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.tasks.add(asyncio.current_task())
        self.bodies.append(message.get("body", b"head"))

    async def events(self, *, is_endless: bool) -> AsyncGenerator[bytes, None]:
        try:
            yield b"first"
            if is_endless:
                self.left.set()
                await asyncio.Event().wait()
            yield b"last"
        finally:
            self.ends.append("events")

    async def aclose(self) -> None:
        self.ends.append("source")


@pytest.fixture(autouse=True)
def watched_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(departures, "UNWATCHED_SECONDS", 0.0)


async def test_a_stream_is_sent_in_the_task_of_its_request() -> None:
    line, before = Line(), asyncio.all_tasks()
    await EventStreamResponse(line.events(is_endless=False), {}, source=line)(SCOPE, line.receive, line.send)

    assert line.bodies == [b"head", b"first", b"last", b""]
    assert line.tasks == {asyncio.current_task()}
    assert (line.ends, asyncio.all_tasks()) == (["events", "source"], before)


@pytest.mark.parametrize("heartbeat", [0.0, 60.0])
async def test_a_stream_ends_without_an_error_where_its_reader_leaves(heartbeat: float) -> None:
    line, before = Line(), asyncio.all_tasks()
    response = EventStreamResponse(line.events(is_endless=True), {}, source=line, heartbeat=heartbeat)
    await asyncio.wait_for(asyncio.create_task(response(SCOPE, line.receive, line.send)), 30)
    await asyncio.sleep(0)

    assert line.bodies == [b"head", b"first"]
    assert (line.ends, asyncio.all_tasks()) == (["events", "source"], before)


async def test_a_stream_that_is_cancelled_from_elsewhere_says_so() -> None:
    line = Line()
    streaming = asyncio.create_task(
        EventStreamResponse(_waiting(line), {}, source=line)(SCOPE, line.receive, line.send)
    )
    while b"first" not in line.bodies:  # noqa: ASYNC110
        await asyncio.sleep(0)
    streaming.cancel()

    with pytest.raises(asyncio.CancelledError):
        await streaming
    assert line.ends == ["events", "source"]


async def _waiting(line: Line) -> AsyncGenerator[bytes, None]:
    try:
        yield b"first"
        await asyncio.Event().wait()
    finally:
        line.ends.append("events")
