"""One provider over a real socket: each row of the failure table, plain and streamed."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any, TypeAlias

import httpx
import pytest

from scripts.devtools.http.replies import DEFAULT_TEXT, DEFAULT_USAGE, Fault, Reply, answer, failure, raw
from scripts.devtools.http.upstream import Upstream
from sentinel_core.chat.messages import ChatRequest, Chunk, Completion, Usage
from sentinel_core.chat.streaming import Collector
from sentinel_core.errors import (
    ConfigurationError,
    ProviderError,
    ProviderKeyError,
    ProviderProtocolError,
    ProviderRateLimitedError,
    ProviderRejectedError,
    ProviderTimeoutError,
    ProviderUnavailableError,
)
from sentinel_core.providers.catalogue import KNOWN, ProviderSpec
from sentinel_core.providers.event_stream import translate
from sentinel_core.providers.openai_compatible import OpenAICompatible, World
from sentinel_core.providers.retries import Retries
from sentinel_core.providers.sse import MAX_EVENT_BYTES
from sentinel_core.support.http import LeanTransport

pytestmark = pytest.mark.anyio

REQUEST = ChatRequest(
    provider="groq",
    model="openai/gpt-oss-20b",
    messages=({"role": "user", "content": "What is the capital of France?"},),
    params={"temperature": 0.7, "max_tokens": 500},
    hints={"user": "someone"},
)
USAGE = Usage(500, 300, 100, 50)
CALLS = [{"id": "call_1", "type": "function", "function": {"name": "look_up", "arguments": '{"city": "Paris"}'}}]

CacheRequest: TypeAlias = Callable[..., Awaitable[Any]]


class Pauses(list[float]):
    """Stands in for sleeping: remembers, and goes on at once."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)
        await asyncio.sleep(0)


def spec(upstream: Upstream, name: str = "groq") -> ProviderSpec:
    return replace(KNOWN[name], base_url=upstream.url)


@asynccontextmanager
async def connected(
    spec: ProviderSpec, *, pauses: Pauses | None = None, stream_idle: float = 5.0
) -> AsyncIterator[OpenAICompatible]:
    provider = OpenAICompatible(
        spec,
        key="gsk_secret",
        transport=LeanTransport(),
        stream_idle=stream_idle,
        world=World(pause=Pauses() if pauses is None else pauses, chance=lambda: 0.0),
    )
    try:
        yield provider
    finally:
        await provider.aclose()


async def plain(provider: OpenAICompatible, *, timeout: float = 20.0) -> Completion:
    return await provider.complete(REQUEST, timeout=timeout)


async def streamed(provider: OpenAICompatible, *, timeout: float = 20.0) -> list[Chunk]:
    async with aclosing(provider.stream(REQUEST, timeout=timeout)) as chunks:
        return [chunk async for chunk in chunks]


async def collect(provider: OpenAICompatible, received: list[Chunk]) -> None:
    async with aclosing(provider.stream(REQUEST, timeout=20.0)) as chunks:
        async for chunk in chunks:
            received.append(chunk)


both = pytest.mark.parametrize("ask", [plain, streamed])


def text(chunks: list[Chunk]) -> str:
    return "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])


async def test_a_plain_answer_is_a_completion(upstream: Upstream) -> None:
    async with connected(spec(upstream)) as provider:
        assert await plain(provider) == Completion(
            provider="groq",
            model="openai/gpt-oss-20b",
            message={"role": "assistant", "content": DEFAULT_TEXT},
            finish_reason="stop",
            usage=USAGE,
        )


async def test_the_request_goes_out_as_the_protocol_wants_it(upstream: Upstream) -> None:
    async with connected(spec(upstream)) as provider:
        await plain(provider)

    (call,) = upstream.calls
    assert call.path == "/v1/chat/completions"
    assert call.headers["authorization"] == "Bearer gsk_secret"
    assert call.body == {
        "model": "openai/gpt-oss-20b",
        "messages": [{"role": "user", "content": "What is the capital of France?"}],
        "temperature": 0.7,
        "max_tokens": 500,
        "user": "someone",
    }


async def test_a_provider_without_a_key_is_sent_none(upstream: Upstream) -> None:
    provider = OpenAICompatible(spec(upstream, "ollama"), key=None, transport=LeanTransport())
    await plain(provider)
    await provider.aclose()

    assert "authorization" not in upstream.calls[0].headers


async def test_a_name_and_password_in_the_address_are_sent_as_such(upstream: Upstream) -> None:
    address = upstream.url.replace("http://", "http://some%20one:pass%3Aword@")
    async with connected(replace(KNOWN["groq"], base_url=address)) as provider:
        await plain(provider)

    assert upstream.calls[0].headers["authorization"] == "Basic c29tZSBvbmU6cGFzczp3b3Jk"  # some one:pass:word


async def test_a_stream_passes_on_every_chunk_and_its_usage(upstream: Upstream) -> None:
    async with connected(spec(upstream)) as provider:
        chunks = await streamed(provider)

    assert text(chunks) == DEFAULT_TEXT
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
    assert (chunks[-1]["choices"], chunks[-1]["usage"]) == ([], DEFAULT_USAGE)
    assert upstream.calls[0].body["stream_options"] == {"include_usage": True}


async def test_a_stream_does_not_ask_mistral_for_usage(upstream: Upstream) -> None:
    async with connected(spec(upstream, "mistral")) as provider:
        await streamed(provider)

    assert upstream.calls[0].body["stream"] is True
    assert "stream_options" not in upstream.calls[0].body


async def test_chunks_are_passed_on_before_the_answer_is_whole(upstream: Upstream) -> None:
    upstream.script(answer(fault=Fault.STALL_MIDWAY, after=3))
    async with (
        connected(spec(upstream), stream_idle=60.0) as provider,
        aclosing(provider.stream(REQUEST, timeout=60.0)) as chunks,
    ):
        assert text([await anext(chunks) for _ in range(3)]) == "The capital"


@both
async def test_connections_are_used_again(upstream: Upstream, ask: CacheRequest) -> None:
    async with connected(spec(upstream)) as provider:
        for _ in range(5):
            await ask(provider)

    assert (len(upstream.calls), upstream.connections) == (5, 1)


@both
async def test_concurrent_calls_do_not_mix(upstream: Upstream, ask: CacheRequest) -> None:
    async with connected(spec(upstream)) as provider:
        answers = await asyncio.gather(*(ask(provider) for _ in range(64)))

    assert all(answer == answers[0] for answer in answers)


@both
@pytest.mark.parametrize("status", [429, 498, 500, 502, 503, 504])
async def test_failures_that_pass_are_retried_with_growing_pauses(
    upstream: Upstream, ask: CacheRequest, status: int
) -> None:
    upstream.script(failure(status), failure(status))
    pauses = Pauses()
    async with connected(spec(upstream), pauses=pauses) as provider:
        await ask(provider)

    assert (len(upstream.calls), pauses) == (3, [0.5, 1.0])


@both
async def test_a_lost_connection_is_retried(upstream: Upstream, ask: CacheRequest) -> None:
    upstream.script(answer(fault=Fault.CUT))
    async with connected(spec(upstream)) as provider:
        await ask(provider)

    assert len(upstream.calls) == 2


@both
async def test_a_provider_that_stays_down_is_unavailable(upstream: Upstream, ask: CacheRequest) -> None:
    upstream.default = failure(503, retry_after="2")
    async with connected(spec(upstream)) as provider:
        with pytest.raises(ProviderUnavailableError) as caught:
            await ask(provider)

    assert (len(upstream.calls), caught.value.retry_after, caught.value.provider) == (3, 2.0, "groq")
    assert (caught.value.attempts, caught.value.is_final) == (3, True)


@both
async def test_retry_after_is_waited_for(upstream: Upstream, ask: CacheRequest) -> None:
    upstream.script(failure(429, retry_after="2.5"))
    pauses = Pauses()
    async with connected(spec(upstream), pauses=pauses) as provider:
        await ask(provider)

    assert pauses == [2.5]


@both
async def test_a_retry_after_beyond_the_deadline_is_the_callers_to_wait(upstream: Upstream, ask: CacheRequest) -> None:
    upstream.script(failure(429, retry_after="30"))
    pauses = Pauses()
    async with connected(spec(upstream), pauses=pauses) as provider:
        with pytest.raises(ProviderRateLimitedError) as caught:
            await ask(provider)

    assert (len(upstream.calls), pauses, caught.value.retry_after) == (1, [], 30.0)


@both
@pytest.mark.parametrize("fault", [Fault.STALL, Fault.STALL_MIDWAY])
async def test_a_stalled_answer_times_out_at_the_deadline(upstream: Upstream, ask: CacheRequest, fault: Fault) -> None:
    upstream.script(answer(fault=fault, after=0))
    async with connected(spec(upstream)) as provider:
        with pytest.raises(ProviderTimeoutError):
            await ask(provider, timeout=1.5)

    assert len(upstream.calls) == 1


@both
@pytest.mark.parametrize("timeout", [0.0, -1.0])
async def test_nothing_is_asked_after_the_deadline(upstream: Upstream, ask: CacheRequest, timeout: float) -> None:
    async with connected(spec(upstream)) as provider:
        with pytest.raises(ProviderTimeoutError):
            await ask(provider, timeout=timeout)

    assert upstream.calls == []


@both
@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_is_not_retried(upstream: Upstream, ask: CacheRequest, status: int) -> None:
    upstream.script(failure(status, "Invalid API Key"))
    async with connected(spec(upstream)) as provider:
        with pytest.raises(ProviderKeyError):
            await ask(provider)

    assert len(upstream.calls) == 1


@both
@pytest.mark.parametrize("status", [400, 404, 413, 422])
async def test_a_rejected_request_is_passed_on(upstream: Upstream, ask: CacheRequest, status: int) -> None:
    upstream.script(failure(status, "No such model", code="model_not_found"))
    async with connected(spec(upstream)) as provider:
        with pytest.raises(ProviderRejectedError) as caught:
            await ask(provider)

    assert caught.value.status == status
    assert caught.value.error == {"message": "No such model", "type": "some_error", "code": "model_not_found"}
    assert len(upstream.calls) == 1


@both
@pytest.mark.parametrize(
    "reply",
    [
        raw(b"{not json"),
        raw(b""),
        raw(b"<html>hello</html>", content_type="text/html"),
        raw(b'{"answer": 42}'),
        raw(b'{"choices": [{"message": {"content": 42}}]}'),
        raw(b"", status=204),
        raw(b"", status=302, location="http://127.0.0.1:9/"),
        raw(b'data: {"choices": [{"delta": 1}]}\n\n', content_type="text/event-stream"),
        raw(b"data: [DONE]\n\n", content_type="text/event-stream"),
        raw(b"not gzip", content_encoding="gzip"),
    ],
)
async def test_rubbish_is_a_protocol_error_and_not_retried(upstream: Upstream, ask: CacheRequest, reply: Reply) -> None:
    upstream.script(reply)
    async with connected(spec(upstream)) as provider:
        with pytest.raises(ProviderProtocolError):
            await ask(provider)

    assert len(upstream.calls) == 1


@both
async def test_an_error_with_status_200_is_an_error(upstream: Upstream, ask: CacheRequest) -> None:
    upstream.script(*[raw(b'{"error": {"message": "slow down", "code": 429}}')] * Retries().attempts)
    async with connected(spec(upstream)) as provider:
        with pytest.raises(ProviderRateLimitedError):
            await ask(provider)


@both
async def test_nobody_listening_is_unavailable(upstream: Upstream, ask: CacheRequest) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/v1"
    pauses = Pauses()
    async with connected(replace(KNOWN["groq"], base_url=address), pauses=pauses) as provider:
        with pytest.raises(ProviderUnavailableError):
            await ask(provider)

    assert pauses == [0.5, 1.0]


async def test_a_plain_answer_cut_in_the_middle_is_retried(upstream: Upstream) -> None:
    upstream.script(answer(fault=Fault.CUT_MIDWAY))
    async with connected(spec(upstream)) as provider:
        assert (await plain(provider)).text == DEFAULT_TEXT

    assert len(upstream.calls) == 2


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (answer(fault=Fault.CUT_MIDWAY), ProviderUnavailableError),
        (answer(fault=Fault.STALL_MIDWAY), ProviderTimeoutError),
        (answer(fault=Fault.ERROR_EVENT), ProviderUnavailableError),
        (answer(fault=Fault.ERROR_EVENT, error={"code": 429}), ProviderRateLimitedError),
        (answer(fault=Fault.ERROR_EVENT, error={"code": "x", "status_code": 400}), ProviderRejectedError),
    ],
)
async def test_a_stream_that_breaks_after_it_began_is_not_begun_again(
    upstream: Upstream, reply: Reply, kind: type[ProviderError]
) -> None:
    upstream.script(reply)
    received: list[Chunk] = []
    async with connected(spec(upstream), stream_idle=0.3) as provider:
        with pytest.raises(kind):
            await collect(provider, received)

    assert len(upstream.calls) == 1
    assert text(received).startswith("The")


@pytest.mark.parametrize("fault", [Fault.CUT_MIDWAY, Fault.ERROR_EVENT])
async def test_a_stream_that_breaks_before_its_first_chunk_is_retried(upstream: Upstream, fault: Fault) -> None:
    upstream.script(answer(fault=fault, after=0))
    async with connected(spec(upstream), stream_idle=0.3) as provider:
        assert text(await streamed(provider)) == DEFAULT_TEXT

    assert len(upstream.calls) == 2


async def test_a_stream_without_end_of_an_event_is_rubbish(upstream: Upstream) -> None:
    upstream.script(raw(b"data: " + b"x" * (MAX_EVENT_BYTES + 1), content_type="text/event-stream"))
    async with connected(spec(upstream)) as provider:
        with pytest.raises(ProviderProtocolError):
            await streamed(provider)


async def test_a_stream_may_end_without_done_once_it_has_finished(upstream: Upstream) -> None:
    upstream.script(answer(fault=Fault.NO_DONE))
    async with connected(spec(upstream)) as provider:
        assert text(await streamed(provider)) == DEFAULT_TEXT


async def test_a_slow_stream_ends_at_the_deadline(upstream: Upstream) -> None:
    upstream.script(answer(pace=0.1))
    async with connected(spec(upstream)) as provider:
        with pytest.raises(ProviderTimeoutError):
            await streamed(provider, timeout=0.35)


async def test_a_stream_that_does_not_begin_in_its_time_is_given_up(upstream: Upstream) -> None:
    upstream.script(answer(delay=30.0))
    async with connected(spec(upstream)) as provider:
        with pytest.raises(ProviderTimeoutError):
            await anext(provider.stream(REQUEST, timeout=20.0, patience=0.3))


async def test_leaving_a_stream_closes_its_connection(upstream: Upstream) -> None:
    upstream.script(answer(fault=Fault.STALL_MIDWAY))
    async with connected(spec(upstream)) as provider:
        async with aclosing(provider.stream(REQUEST, timeout=20.0)) as chunks:
            await anext(chunks)
        assert await asyncio.to_thread(upstream.left.wait, 5.0)
        assert (await plain(provider)).text == DEFAULT_TEXT


@pytest.mark.parametrize(
    ("reply", "message", "finish_reason"),
    [
        (answer(""), {"role": "assistant", "content": ""}, "stop"),
        (answer(None), {"role": "assistant", "content": None}, "stop"),
        (answer("cut", finish_reason="length"), {"role": "assistant", "content": "cut"}, "length"),
        (answer("", finish_reason="content_filter"), {"role": "assistant", "content": ""}, "content_filter"),
        (
            answer(None, finish_reason="tool_calls", message={"tool_calls": CALLS}),
            {"role": "assistant", "content": None, "tool_calls": CALLS},
            "tool_calls",
        ),
        (
            answer("Paris.", message={"reasoning": "Hm.", "executed_tools": [{"index": 0}]}),
            {"role": "assistant", "content": "Paris.", "reasoning": "Hm.", "executed_tools": [{"index": 0}]},
            "stop",
        ),
        (answer(None, message={"refusal": "No."}), {"role": "assistant", "content": None, "refusal": "No."}, "stop"),
    ],
)
async def test_answers_of_every_sort_are_answers(
    upstream: Upstream, reply: Reply, message: dict[str, Any], finish_reason: str
) -> None:
    upstream.script(reply, reply)
    collector = Collector(provider="groq", model=REQUEST.model)
    async with connected(spec(upstream)) as provider:
        completion = await plain(provider)
        for chunk in await streamed(provider):
            collector.add(chunk)

    assert completion == Completion("groq", REQUEST.model, message, finish_reason, USAGE)
    assert collector.completion() == completion


def subclasses(kind: type[httpx.HTTPError]) -> Iterator[type[httpx.HTTPError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from subclasses(child)


MEANINGS: dict[str, type[ProviderError]] = {
    "HTTPError": ProviderProtocolError,
    "RequestError": ProviderProtocolError,
    "TransportError": ProviderProtocolError,
    "TimeoutException": ProviderTimeoutError,
    "ConnectTimeout": ProviderUnavailableError,
    "ReadTimeout": ProviderTimeoutError,
    "WriteTimeout": ProviderTimeoutError,
    "PoolTimeout": ProviderUnavailableError,
    "NetworkError": ProviderUnavailableError,
    "ConnectError": ProviderUnavailableError,
    "ReadError": ProviderUnavailableError,
    "WriteError": ProviderUnavailableError,
    "CloseError": ProviderUnavailableError,
    "ProxyError": ProviderUnavailableError,
    "ProtocolError": ProviderProtocolError,
    "LocalProtocolError": ProviderProtocolError,
    "RemoteProtocolError": ProviderUnavailableError,
    "UnsupportedProtocol": ProviderProtocolError,
    "DecodingError": ProviderProtocolError,
    "TooManyRedirects": ProviderProtocolError,
    "RefusedResponseError": ProviderProtocolError,
    "HTTPStatusError": ProviderProtocolError,
}


async def test_every_error_of_httpx_has_a_meaning() -> None:
    of_httpx = (kind for kind in subclasses(httpx.HTTPError) if kind.__module__.startswith(("httpx", "sentinel_core")))
    kinds = {kind.__name__: kind for kind in of_httpx}  # other libraries have errors of their own among them

    assert kinds.keys() == MEANINGS.keys()
    for name, kind in kinds.items():
        assert type(translate(kind.__new__(kind), "groq")) is MEANINGS[name], name


@pytest.mark.parametrize("address", ["", "groq", "ftp://groq", "http://", "https://[", "http://x:99999999/"])
async def test_an_address_that_is_none_stops_the_start(address: str) -> None:
    with pytest.raises(ConfigurationError):
        OpenAICompatible(replace(KNOWN["groq"], base_url=address), key="k", transport=LeanTransport())


@pytest.mark.parametrize("key", ["", " ", "gsk\n1", "clé"])
async def test_a_key_that_no_header_can_carry_stops_the_start_unprinted(key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        OpenAICompatible(KNOWN["groq"], key=key, transport=LeanTransport())

    assert "clé" not in str(caught.value)
