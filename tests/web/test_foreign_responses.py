"""Every field of a provider's own response takes every JSON type, plain and streamed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from sentinel_core.providers.catalogue import custom
from sentinel_core.providers.openai_compatible import OpenAICompatible
from sentinel_core.providers.retries import Retries
from tests.web.conftest import Api
from tests.web.test_foreign_values import FRESH, VALUES, Path, Provider, changed, check_error, paths, strict

pytestmark = pytest.mark.anyio

CITED = {"type": "url_citation", "start_index": 0, "end_index": 1, "url": "u", "title": "t"}
OUTPUT = [
    {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "r"}], "encrypted_content": None},
    {"id": "ws_1", "type": "web_search_call", "status": "completed", "action": {"type": "search"}},
    {"id": "msg_1", "type": "message", "status": "completed", "role": "assistant", "content": [
        {"type": "output_text", "text": "Hi.", "annotations": [CITED], "logprobs": []},
        {"type": "refusal", "refusal": "No."},
    ]},
    {"id": "fc_1", "type": "function_call", "call_id": "c", "name": "f", "arguments": "{}", "status": "completed"},
    {"id": "ct_1", "type": "custom_tool_call", "call_id": "d", "name": "g", "input": "x"},
]  # fmt: skip
RESPONSE: dict[str, Any] = {
    "id": "resp_1", "object": "response", "status": "completed", "model": "m", "service_tier": "t", "output": OUTPUT,
    "incomplete_details": None, "error": None,
    "usage": {"input_tokens": 5, "output_tokens": 3, "input_tokens_details": {"cached_tokens": 1},
              "output_tokens_details": {"reasoning_tokens": 1}},
}  # fmt: skip
CREATED: dict[str, Any] = {"type": "response.created", "response": {"id": "resp_1", "model": "m", "output": []}}
ENDED: dict[str, Any] = {"type": "response.completed", "response": RESPONSE}
EVENTS: list[dict[str, Any]] = [
    CREATED,
    ENDED,
    {"type": "response.output_text.delta", "delta": "Hi.", "item_id": "msg_1", "output_index": 0, "sequence_number": 3},
    {"type": "response.output_item.added", "item": OUTPUT[3], "output_index": 3},
    {"type": "response.output_item.done", "item": OUTPUT[4], "output_index": 4},
    {"type": "response.function_call_arguments.delta", "delta": "{}", "output_index": 3},
    {"type": "response.output_text.annotation.added", "annotation": CITED},
    {"type": "response.failed", "response": {"status": "failed", "error": {"code": "c", "message": "m"}}},
    {"type": "error", "code": "c", "message": "m", "param": None},
]
FEW: list[Any] = [None, True, -1, 1e308, "stop", [], [None], {}, {"a": {}}]
STATUSES = {200, 400, 402, 403, 404, 422, 429, 502, 503}


@pytest.fixture
def asked(api: Callable[..., Api]) -> tuple[Provider, Api]:
    provider = Provider()
    port = OpenAICompatible(
        replace(custom("http://upstream.test/v1", "m"), has_responses=True),
        key="k",
        transport=httpx.MockTransport(provider),
        retries=Retries(attempts=1),
    )
    return provider, api(provider=port, native_responses=frozenset({"fake"}))


async def check(it: Api, *, stream: bool, headers: dict[str, str] | None = None) -> None:
    """Ask, and ask again for what may be kept: an answer, an error event, or an error with its status."""
    response = await it.client.post(
        "/v1/responses", json={"input": "hello there", "stream": stream}, headers=headers or FRESH
    )
    assert response.status_code in STATUSES, response.text
    if response.status_code != 200:
        check_error(strict(response.content))
    elif not stream:
        assert strict(response.content)["id"].startswith("resp_")
    else:
        lines = [line for line in response.content.split(b"\n") if line.startswith(b"data: ")]
        for line in lines:
            strict(line.removeprefix(b"data: "))


@pytest.mark.parametrize("path", list(paths(RESPONSE)), ids=repr)
async def test_each_field_of_a_response_takes_every_type(asked: tuple[Provider, Api], path: Path) -> None:
    provider, it = asked
    for value in VALUES:
        provider.plain = changed(RESPONSE, path, value)
        await check(it, stream=False)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event["type"])
async def test_each_field_of_an_event_takes_every_type(
    asked: tuple[Provider, Api], event: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    provider, it = asked
    created, ended = (json.dumps(each).encode() for each in (CREATED, ENDED))
    for path in paths(event):
        for value in FEW:
            provider.events = [created, changed(event, path, value), ended]
            await check(it, stream=True)
    assert "stream.crashed" not in [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_kept_response_of_any_shape_is_replayed(asked: tuple[Provider, Api], stream: bool) -> None:
    provider, it = asked
    for path in paths(OUTPUT):
        provider.plain = changed(RESPONSE, ("output", *path), {"a": {}})
        provider.events = [json.dumps(CREATED).encode(), changed(ENDED, ("response", "output", *path), {"a": {}})]
        for _ in range(2):
            await check(it, stream=stream, headers={"x-sentinel-tag": "all"})
        await it.client.post("/v1/cache/purge", json={"tag": "all"})
