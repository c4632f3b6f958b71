"""One streamed response: when it is whole, and how long it is waited for."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from sentinel_core.errors import ProviderTimeoutError, ProviderUnavailableError
from sentinel_core.providers.event_stream import EventStream
from sentinel_core.support.clock import SYSTEM_CLOCK

pytestmark = pytest.mark.anyio


def event(content: str = "", finish_reason: str | None = None, index: int = 0) -> bytes:
    choice = {"index": index, "delta": {"content": content}, "finish_reason": finish_reason}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


ERROR = b'data: {"error": {"message": "late"}}\n\n'


class Body(httpx.AsyncByteStream):
    """Sends these pieces; None keeps the line open, an exception breaks it."""

    def __init__(self, *pieces: bytes | Exception | None) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            if piece is None:
                while True:
                    await asyncio.sleep(0.01)
                    yield b": keep-alive\n\n"
            if isinstance(piece, Exception):
                raise piece
            yield piece


def stream(*pieces: bytes | Exception | None, choices: int = 1) -> EventStream:
    response = httpx.Response(200, stream=Body(*pieces))
    return EventStream(response, "groq", clock=SYSTEM_CLOCK, choices=choices)


async def collect(events: EventStream, seconds: float = 5.0, **how: Any) -> str:
    until, text = time.monotonic() + seconds, ""
    while (chunk := await events.next(until, **how)) is not None:
        text += "".join(choice["delta"]["content"] for choice in chunk["choices"])
    return text


@pytest.mark.parametrize(
    "tail",
    [b"data: [DONE]\n\n", b"data:[DONE] \r\n\r\n", b"data: [DONE]", b"", ERROR, httpx.ReadError("cut"), b"data: {"],
)
async def test_a_finished_answer_is_whole_whatever_follows(tail: bytes | Exception) -> None:
    assert await collect(stream(event("Hi"), event(finish_reason="stop"), tail)) == "Hi"


@pytest.mark.parametrize("tail", [b"", ERROR, httpx.ReadError("cut")])
async def test_an_unfinished_answer_is_broken_off(tail: bytes | Exception) -> None:
    with pytest.raises(ProviderUnavailableError):
        await collect(stream(event("Hi"), tail))


async def test_each_choice_must_have_finished() -> None:
    with pytest.raises(ProviderUnavailableError):
        await collect(stream(event("Hi"), event(finish_reason="stop"), choices=2))

    both = [event(finish_reason="stop", index=index) for index in range(2)]
    assert await collect(stream(event("Hi"), *both, choices=2)) == "Hi"


async def test_comments_reset_neither_deadline_nor_idle_limit() -> None:
    with pytest.raises(ProviderTimeoutError):
        await collect(stream(None), 0.05)
    with pytest.raises(ProviderTimeoutError):
        await collect(stream(event("Hi"), None), 60.0, idle=0.05)


async def test_a_body_that_is_no_stream_is_read_whole() -> None:
    events = stream(b" ", b'{"error":', b' "no"}')
    until = time.monotonic() + 30

    assert await events.peek(until) == b' {"error":'
    assert await events.read_all(until) == b' {"error": "no"}'
