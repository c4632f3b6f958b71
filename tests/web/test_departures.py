from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, MutableMapping
from typing import Any

import pytest

from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]
Message = MutableMapping[str, Any]


class Leaving:
    """A caller who sends a whole body, and leaves when it is told to."""

    def __init__(self, it: Api, path: str, body: dict[str, Any]) -> None:
        self.left = asyncio.Event()
        self.sent: list[Message] = []
        self._parts: list[Message] = [
            {"type": "http.request", "body": json.dumps(body).encode(), "more_body": False},
        ]
        scope = {"type": "http", "method": "POST", "path": path, "headers": [], "query_string": b"", "scheme": "http"}
        self.answering = asyncio.create_task(self._run(it, scope))

    async def _run(self, it: Api, scope: Message) -> None:
        async def receive() -> Message:
            if self._parts:
                return self._parts.pop(0)
            await self.left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            self.sent.append(message)

        await it.app(scope, receive, send)


CHAT = {"messages": [{"role": "user", "content": "what is machine learning"}], "model": "fake/small"}


def _held(api: Build) -> Api:
    it = api()
    it.world.provider.gate = asyncio.Event()
    return it


@pytest.mark.parametrize("body", [{**CHAT, "temperature": 1.5}, {**CHAT, "n": 2}])
async def test_a_call_for_a_caller_alone_ends_when_the_caller_leaves(api: Build, body: dict[str, Any]) -> None:
    it = _held(api)
    caller = Leaving(it, "/v1/chat/completions", body)
    await it.world.provider.started.wait()
    caller.left.set()
    async with asyncio.timeout(30):
        await caller.answering

    assert [message.get("status") for message in caller.sent] == [499, None]
    assert [(each.outcome, each.status, each.detail) for each in it.noted.answers] == [("left", 499, "client_left")]


async def test_a_call_that_can_be_stored_goes_on_for_the_next_try(api: Build) -> None:
    it = _held(api)
    caller = Leaving(it, "/v1/chat/completions", CHAT)
    await it.world.provider.started.wait()
    caller.left.set()
    async with asyncio.timeout(30):
        await caller.answering
    assert it.world.provider.gate is not None
    it.world.provider.gate.set()
    again = await it.client.post("/v1/chat/completions", json=CHAT)

    assert again.status_code == 200
    assert it.world.provider.calls == 1


async def test_a_batch_ends_when_its_caller_leaves(api: Build) -> None:
    it = _held(api)
    caller = Leaving(it, "/v1/query/batch", {"items": [{"prompt": "a", "temperature": 2.0}, {"prompt": "b"}]})
    await it.world.provider.started.wait()
    caller.left.set()
    async with asyncio.timeout(30):
        await caller.answering

    assert caller.sent[0]["status"] == 499


async def test_a_cancelled_server_task_is_no_departure(api: Build) -> None:
    it = _held(api)
    caller = Leaving(it, "/v1/chat/completions", CHAT)
    await it.world.provider.started.wait()
    caller.answering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller.answering

    assert caller.sent == []
