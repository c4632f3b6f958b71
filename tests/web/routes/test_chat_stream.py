from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest

from sentinel_core.chat.messages import ChatRequest, Chunk
from sentinel_core.errors import ProviderError, ProviderTimeoutError, ProviderUnavailableError
from sentinel_core.web.context import context_of
from sentinel_core.web.event_stream import COMMENT
from tests.support.fakes import CountingProvider
from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]
BODY = {"messages": [{"role": "user", "content": "hello"}], "stream": True}


class Thinking(CountingProvider):
    """Gives its first chunk after `before` seconds, the second after `between` more, or fails there."""

    def __init__(self, before: float = 0.0, between: float = 0.0, error: ProviderError | None = None) -> None:
        super().__init__()
        self.before, self.between, self.error = before, between, error
        self.is_closed = asyncio.Event()

    async def stream(
        self, request: ChatRequest, *, timeout: float, patience: float | None = None
    ) -> AsyncGenerator[Chunk, None]:
        self.requests.append(request)
        self.started.set()
        try:
            await asyncio.sleep(self.before)
            if self.error is not None:
                raise self.error
            yield {"model": "m", "choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": None}]}
            await asyncio.sleep(self.between)
            yield {"model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
        finally:
            self.is_closed.set()


async def ask(it: Api, **extra: Any) -> tuple[int, dict[str, str], list[bytes]]:
    response = await it.client.post("/v1/chat/completions", json={**BODY, **extra})
    return response.status_code, dict(response.headers), [e + b"\n\n" for e in response.content.split(b"\n\n") if e]


async def test_a_quick_answer_has_its_headers_and_no_comment(api: Build) -> None:
    status, headers, events = await ask(api(provider=Thinking(), heartbeat=0.2))

    assert (status, headers["cache-status"], COMMENT in events) == (200, "sentinel; fwd=miss", False)


@pytest.mark.parametrize("thinking", [{"before": 0.35}, {"between": 0.35}])
async def test_comments_fill_the_silence_of_a_provider(api: Build, thinking: dict[str, Any]) -> None:
    status, headers, events = await ask(api(provider=Thinking(**thinking), heartbeat=0.1))

    assert (status, headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert events.count(COMMENT) >= 2
    assert b'"Hi"' in b"".join(events)
    assert events[-1] == b"data: [DONE]\n\n"


async def test_without_a_heartbeat_headers_wait_for_the_first_chunk(api: Build) -> None:
    _, headers, events = await ask(api(provider=Thinking(before=0.3), heartbeat=0))

    assert headers["cache-status"] == "sentinel; fwd=miss"
    assert COMMENT not in events


@pytest.mark.parametrize(
    ("before", "is_late"),
    [(0.0, False), (0.07, False), (0.3, True)],
)
async def test_an_error_has_its_status_until_the_first_comment(api: Build, before: float, is_late: bool) -> None:
    error = ProviderTimeoutError("late", provider="fake")
    it = api(provider=Thinking(before=before, error=error), heartbeat=0.2)
    status, _, events = await ask(it)

    body = json.loads(events[-1].removeprefix(b"data: "))
    assert status == (200 if is_late else 504)
    assert body == {"error": {"message": "late", "type": "provider_error", "param": None, "code": "provider_timeout"}}
    assert (COMMENT in events, b"[DONE]" in b"".join(events)) == (is_late, False)
    assert [(noted.status, noted.outcome) for noted in it.noted.answers] == [(504, "error")]


async def test_a_stale_answer_still_replaces_a_late_failure(api: Build, clock: Any) -> None:
    provider = Thinking()
    it = api(provider=provider, heartbeat=0.1)
    await ask(it)
    clock.advance(120)
    provider.before, provider.error = 0.25, ProviderUnavailableError("down", provider="fake")
    status, _, events = await ask(it)

    assert (status, events[0], events[-1]) == (200, COMMENT, b"data: [DONE]\n\n")
    assert b'"Hi"' in b"".join(events)


async def leave(it: Api, *, after: asyncio.Event, pause: float) -> list[Any]:
    """Ask over ASGI itself; disconnect `pause` seconds after `after` is set; return what was sent."""
    sent: list[Any] = []
    body = json.dumps(BODY).encode()
    queue: asyncio.Queue[Any] = asyncio.Queue()
    queue.put_nowait({"type": "http.request", "body": body, "more_body": False})

    async def send(message: Any) -> None:
        sent.append(message)

    async def disconnect() -> None:
        await after.wait()
        await asyncio.sleep(pause)
        queue.put_nowait({"type": "http.disconnect"})

    headers = [(b"content-type", b"application/json"), (b"host", b"sentinel.test")]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/chat/completions",
        "raw_path": b"",
        "query_string": b"",
        "headers": headers,
        "scheme": "http",
        "server": ("sentinel.test", 80),
        "client": ("127.0.0.1", 1),
        "http_version": "1.1",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "root_path": "",
    }
    async with asyncio.timeout(30):
        await asyncio.gather(it.app(scope, queue.get, send), disconnect())
    return sent


@pytest.mark.parametrize(
    ("thinking", "heartbeat"),
    [({"before": 30.0}, 0.0), ({"before": 30.0}, 15.0), ({"before": 30.0}, 0.1), ({"between": 30.0}, 0.1)],
)
async def test_a_caller_who_leaves_stops_the_provider(api: Build, thinking: dict[str, Any], heartbeat: float) -> None:
    provider = Thinking(**thinking)
    it = api(provider=provider, heartbeat=heartbeat)
    await leave(it, after=provider.started, pause=0.25)

    assert provider.is_closed.is_set()
    assert [(noted.status, noted.outcome, noted.detail) for noted in it.noted.answers] == [(499, "left", "client_left")]


async def test_a_platform_that_buffers_gets_no_comments(api: Build) -> None:
    it = api(provider=Thinking(before=0.25), heartbeat=0.1)
    app = it.app

    async def within(scope: Any, receive: Any, send: Any) -> None:
        context_of(scope).is_buffered = True
        await app(scope, receive, send)

    it.client._transport.app = within  # type: ignore[attr-defined]
    _, headers, events = await ask(it)

    assert (headers["cache-status"], COMMENT in events) == ("sentinel; fwd=miss", False)
