"""Every field of a provider's answer takes every JSON type, on every route, plain and streamed."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Any

import httpx
import pytest

from sentinel_core.chat.messages import ChatRequest, Chunk
from sentinel_core.providers.catalogue import custom
from sentinel_core.providers.openai_compatible import OpenAICompatible
from sentinel_core.providers.retries import Retries
from sentinel_core.web.routes.chat_schema import ChatCompletion
from sentinel_core.web.routes.query import QueryResponse
from tests.support.fakes import CountingProvider
from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]
Path = tuple[str | int, ...]

HUGE = b"9" * 5_000
VALUES: list[Any] = [
    *(None, True, 0, -1, 429, 0.5, 1e308, int("9" * 400), "1e999", "", "stop"),
    *([], ["stop"], [None], {}, {"a": {}}, {"prompt_tokens": 1e308}),
]

CALL = {"id": "c1", "type": "function", "index": 0, "function": {"name": "f", "arguments": "{}"}}
USAGE = {
    "prompt_tokens": 5,
    "completion_tokens": 3,
    "total_tokens": 8,
    "prompt_tokens_details": {"cached_tokens": 1},
    "completion_tokens_details": {"reasoning_tokens": 1},
}
HEAD = {
    "id": "x",
    "created": 1,
    "model": "m",
    "system_fingerprint": "f",
    "service_tier": "t",
    "x_groq": {"usage": USAGE},
}
MESSAGE = {
    "role": "assistant",
    "content": "Hi.",
    "refusal": None,
    "reasoning": "r",
    "tool_calls": [CALL],
    "function_call": None,
    "annotations": [],
}
PLAIN = {
    **HEAD,
    "object": "chat.completion",
    "choices": [{"index": 0, "message": MESSAGE, "finish_reason": "stop", "logprobs": None}],
    "usage": USAGE,
}
CHUNK = {
    **HEAD,
    "object": "chat.completion.chunk",
    "choices": [{"index": 0, "delta": MESSAGE, "finish_reason": None, "logprobs": None}],
    "usage": None,
}
END = {**CHUNK, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": USAGE}
ERROR = {"error": {"message": "no", "type": "t", "param": "p", "code": "c", "metadata": {"reasons": ["r"]}}}


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        yield from paths(item, (*path, name))


def changed(value: Any, path: Path, new: Any) -> bytes:
    value = copy.deepcopy(value)
    if not path:
        value = new
    else:
        place = value
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = new
    raw = json.dumps(value).encode()
    return raw.replace(b'"1e999"', b"1e999")


class Provider:
    """An upstream that answers what it is set to."""

    def __init__(self) -> None:
        self.plain, self.events, self.status = b"", [b""], 200

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if json.loads(request.content).get("stream") and self.status == 200:
            body = b"".join(b"data: " + event + b"\n\n" for event in [*self.events, b"[DONE]"])
            return httpx.Response(200, content=body, headers={"content-type": "text/event-stream"})
        return httpx.Response(self.status, content=self.plain, headers={"content-type": "application/json"})


@pytest.fixture
def asked(api: Build) -> tuple[Provider, Api]:
    provider = Provider()
    port = OpenAICompatible(
        custom("http://upstream.test/v1", "m"),
        key="k",
        transport=httpx.MockTransport(provider),
        retries=Retries(attempts=1),
    )
    return provider, api(provider=port)


MESSAGES = [{"role": "user", "content": "hello there"}]
FRESH = {"cache-control": "no-store"}


async def check_plain(it: Api) -> None:
    """Ask each plain route: an answer of the documented shape, or the provider's error."""
    chat = await it.client.post("/v1/chat/completions", json={"messages": MESSAGES}, headers=FRESH)
    query = await it.client.post("/v1/query", json={"prompt": "hello there"}, headers=FRESH)
    batch = await it.client.post(
        "/v1/query/batch", json={"items": [{"prompt": "one"}, {"prompt": "two"}]}, headers=FRESH
    )

    assert batch.status_code == 200, batch.text
    statuses = {chat.status_code, query.status_code, *(item["status"] for item in strict(batch.content)["results"])}
    assert len(statuses) == 1
    assert statuses <= {200, 400, 402, 403, 404, 422, 429, 502, 503}, (statuses, chat.text)
    if statuses == {200}:
        ChatCompletion.model_validate(strict(chat.content))
        QueryResponse.model_validate(strict(query.content))
    else:
        check_error(strict(chat.content))


async def check_stream(it: Api) -> None:
    """Ask for a stream: one that ends, an error event, or an error with its status."""
    body = {"messages": MESSAGES, "stream": True, "stream_options": {"include_usage": True}}
    response = await it.client.post("/v1/chat/completions", json=body, headers=FRESH)

    if response.status_code != 200:
        assert response.status_code in {400, 402, 403, 404, 422, 429, 502, 503}, response.text
        check_error(strict(response.content))
        return
    *events, last = [event.removeprefix(b"data: ") for event in response.content.split(b"\n\n") if event]
    for event in events:
        strict(event)
    if last != b"[DONE]":
        check_error(strict(last))


def strict(raw: bytes) -> Any:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    return json.loads(raw, parse_constant=refuse)


def check_error(body: Any) -> None:
    error = body["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert all(isinstance(error[name], str) for name in ("message", "type"))
    assert all(isinstance(error[name], str | None) for name in ("param", "code"))


@pytest.mark.parametrize("path", list(paths(PLAIN)), ids=repr)
async def test_each_field_of_an_answer_takes_every_type(asked: tuple[Provider, Api], path: Path) -> None:
    provider, it = asked
    for value in VALUES:
        provider.plain = changed(PLAIN, path, value)
        await check_plain(it)


@pytest.mark.parametrize("path", list(paths(CHUNK)), ids=repr)
async def test_each_field_of_a_chunk_takes_every_type(asked: tuple[Provider, Api], path: Path) -> None:
    provider, it = asked
    whole, end = json.dumps(CHUNK).encode(), json.dumps(END).encode()
    for value in VALUES:
        foreign = changed(CHUNK, path, value)
        for provider.events in ([foreign, whole, end], [whole, end, foreign]):
            await check_stream(it)


@pytest.mark.parametrize("path", list(paths(ERROR)), ids=repr)
async def test_each_field_of_an_error_takes_every_type(asked: tuple[Provider, Api], path: Path) -> None:
    provider, it = asked
    whole = json.dumps(CHUNK).encode()
    for value in VALUES:
        foreign = changed(ERROR, path, value)
        provider.plain, provider.events = foreign, [whole, foreign]
        for provider.status in (200, 403, 429):
            await check_plain(it)
            await check_stream(it)


async def test_a_number_of_5000_digits_is_refused(asked: tuple[Provider, Api]) -> None:
    provider, it = asked
    provider.plain = json.dumps({**PLAIN, "created": 77777}).encode().replace(b"77777", HUGE)
    provider.events = [json.dumps({**CHUNK, "created": 77777}).encode().replace(b"77777", HUGE)]

    await check_plain(it)
    await check_stream(it)


async def test_an_unexpected_failure_in_mid_stream_is_an_error_event(api: Build) -> None:
    class Broken(CountingProvider):
        async def stream(
            self, request: ChatRequest, *, timeout: float, patience: float | None = None
        ) -> AsyncGenerator[Chunk, None]:
            yield {"choices": [{"index": 0, "delta": {"content": "Hi"}}]}
            raise RuntimeError("a defect")

    it = api(provider=Broken())
    response = await it.client.post("/v1/chat/completions", json={"messages": MESSAGES, "stream": True})

    assert strict(response.content.split(b"data: ")[-1]) == {
        "error": {"message": "internal error", "type": "internal_error", "param": None, "code": "internal_error"}
    }
