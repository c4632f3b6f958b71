from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from scripts.devtools.aws.gateway_events import Request, to_event
from scripts.devtools.aws.runtime_api import Exchange, RuntimeApiServer, Streamed
from scripts.devtools.aws.sandbox import SandboxError
from scripts.devtools.http.upstream import Upstream
from sentinel_core.app import lambda_runtime
from sentinel_core.app.lambda_runtime import Context, RuntimeApi
from sentinel_core.app.lambda_streaming import metadata
from tests.support import sandboxes
from tests.support.sandboxes import Lambda, event

PROMPT = "What is machine learning?"


@pytest.fixture(scope="module")
def function() -> Iterator[Lambda]:
    with sandboxes.running(streams=True) as started:
        yield started


def chat(prompt: str, **fields: Any) -> Any:
    body = {"model": "simulated", "messages": [{"role": "user", "content": prompt}], "stream": True, **fields}
    headers = (("host", "api.test"), ("content-type", "application/json"))
    return to_event(Request("POST", "/v1/chat/completions", headers, json.dumps(body).encode()))


def streamed(function: Lambda, sent: Any) -> Streamed:
    invocation = function.invoke(sent)
    assert isinstance(invocation.payload, Streamed)
    return invocation.payload


def test_a_stream_leaves_in_parts_after_its_metadata(function: Lambda) -> None:
    first, second = streamed(function, chat(PROMPT)), streamed(function, chat(PROMPT))
    assert first.content_type == "application/vnd.awslambda.http-integration-response"
    assert (first.metadata["statusCode"], first.error) == (200, None)
    assert first.metadata["headers"]["content-type"].startswith("text/event-stream")
    assert len(first.chunks) > 3
    assert first.body.endswith(b"data: [DONE]\n\n")
    assert second.metadata["headers"]["cache-status"] == "sentinel; hit; detail=exact"


@pytest.mark.parametrize("name", ["http_api_v2", "rest_api_v1", "function_url"])
def test_a_plain_answer_of_each_front_door_is_whole(function: Lambda, name: str) -> None:
    answer = streamed(function, event(name))
    assert answer.metadata["statusCode"] == 200
    assert "content-length" not in answer.metadata["headers"]
    assert "What is a gateway?" in json.loads(answer.body)["response"]


def test_a_malformed_event_is_answered_and_an_unknown_one_fails(function: Lambda) -> None:
    malformed = streamed(function, {**event("function_url"), "body": "é not base64"})
    assert (malformed.metadata["statusCode"], json.loads(malformed.body)["error"]["code"]) == (400, "malformed_event")
    unknown = function.invoke({"Records": [{"eventSource": "aws:sqs"}]})
    assert (unknown.failed, unknown.payload["errorType"]) == (True, "UnknownEventError")
    assert streamed(function, event("http_api_v2")).metadata["statusCode"] == 200


def test_a_warm_up_is_answered_whole(function: Lambda) -> None:
    invocation = function.invoke({"source": "sentinel.warmup"})
    assert (invocation.failed, invocation.payload["warm"]["embedder"]) == (False, "ready")


def test_the_process_asks_for_the_next_event_after_its_work(function: Lambda) -> None:
    streamed(function, chat("Who wrote the first program?"))
    assert function.sandbox.is_idle(within=60)


def test_a_miss_passes_on_each_event_of_the_provider() -> None:
    with Upstream.running() as upstream:
        environ = {"GROQ_API_KEY": "gsk", "GROQ_BASE_URL": upstream.url}
        with sandboxes.running(environ, streams=True) as function:
            answer = streamed(function, chat(PROMPT, model="openai/gpt-oss-20b"))
            assert answer.metadata["headers"]["cache-status"] == "sentinel; fwd=miss"
            assert answer.body.endswith(b"data: [DONE]\n\n")
            assert function.sandbox.is_idle(within=60)


def test_a_start_that_fails_says_why_once() -> None:
    with sandboxes.starting({"SENTINEL_OPEN": ""}, streams=True) as function:
        with pytest.raises(SandboxError, match="SENTINEL_NAMESPACE_SECRET"):
            function.sandbox.init()
        assert sum(line.startswith("[ERROR]") for line in function.written().splitlines()) == 1


@pytest.mark.anyio
async def test_an_error_in_mid_stream_leaves_in_trailers() -> None:
    exchange = Exchange("arn")
    server = RuntimeApiServer(exchange)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        response = await RuntimeApi(f"127.0.0.1:{server.server_address[1]}").response(Context("r", 0)).open()
        await response.write(metadata(200, []) + b"begun")
        await response.fail(ValueError("cut"))
        kind, streamed, _ = exchange.answers.get(timeout=60)
    finally:
        server.shutdown()
        server.server_close()
    assert (kind, streamed.body, streamed.error) == ("streamed", b"begun", "Runtime.ValueError")


@pytest.mark.anyio
@pytest.mark.parametrize(("fresh", "connections"), [(60.0, 1), (-1.0, 2)])
async def test_a_response_opens_on_a_fresh_connection(
    monkeypatch: pytest.MonkeyPatch, fresh: float, connections: int
) -> None:
    monkeypatch.setattr(lambda_runtime, "_FRESH_SECONDS", fresh)
    heads: list[bytes] = []
    ended = asyncio.Queue[None]()

    async def read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readline())
        writer.close()
        ended.put_nowait(None)

    async with await asyncio.start_server(read, "127.0.0.1", 0) as server:
        opening = RuntimeApi(f"127.0.0.1:{server.sockets[0].getsockname()[1]}").response(Context("r", 0))
        opening.begin()
        response = await opening.open()
        await response.end()
        for _ in range(connections):
            await ended.get()

    assert sorted(heads) == [*[b""] * (connections - 1), b"POST /2018-06-01/runtime/invocation/r/response HTTP/1.1\r\n"]


@pytest.mark.anyio
async def test_a_platform_that_stops_reading_does_not_stop_the_answer() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.transport.abort()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        response = await RuntimeApi(f"127.0.0.1:{port}").response(Context("r", 0)).open()
        for _ in range(100):
            await response.write(b"x" * 65_536)
            await asyncio.sleep(0)
        await response.end()
