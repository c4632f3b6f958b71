"""The official SDK, unmodified: what it gets through Sentinel is what it gets from the upstream itself."""

from __future__ import annotations

from typing import Any

import openai
import pytest
from pydantic import BaseModel

from scripts.devtools.http.replies import Reply, answer, failure
from scripts.devtools.http.serving import Server
from scripts.devtools.http.upstream import Upstream
from tests.sdk.conftest import Side, chat

pytestmark = pytest.mark.anyio

WEATHER_TOOL: dict[str, Any] = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}
TOOL_CALLS = [
    {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Paris"}'}},
    {"id": "call_2", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Rome"}'}},
]
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}

CASES: dict[str, tuple[Reply, dict[str, Any]]] = {
    "text": (answer("Paris, of course: «Où ?» 🗼"), {}),
    "every parameter": (
        answer(),
        {"temperature": 0, "top_p": 0.5, "max_completion_tokens": 50, "seed": 7, "stop": ["."], "user": "u-1"},
    ),
    "tool calls": (
        answer(None, message={"tool_calls": TOOL_CALLS}, finish_reason="tool_calls"),
        {"tools": [WEATHER_TOOL], "tool_choice": "auto", "parallel_tool_calls": True},
    ),
    "text and a tool call": (
        answer("Let me see.", message={"tool_calls": TOOL_CALLS[:1]}, finish_reason="tool_calls"),
        {"tools": [WEATHER_TOOL]},
    ),
    "reasoning": (answer("Four.", message={"reasoning": "Two and two.", "reasoning_content": "2+2"}), {}),
    "a refusal": (answer(None, message={"refusal": "I cannot do that."}), {}),
    "a truncated answer": (answer("The capital of", finish_reason="length"), {"max_tokens": 3}),
    "a filtered answer": (answer("", finish_reason="content_filter"), {}),
    "an empty answer": (answer(""), {}),
    "JSON": (answer('{"city": "Paris"}'), {"response_format": {"type": "json_object"}}),
    "an unknown parameter": (answer(), {"extra_body": {"frobnicate": {"deeply": [1, None, 2.5]}}}),
    "a model of another name": (answer(model="gpt-4.1-mini-2026-04-14"), {}),
    "no usage": (answer(usage=None), {}),
}


def plainly(side: Side, call: dict[str, Any]) -> dict[str, Any]:
    """All the SDK makes of the answer, but for what Sentinel adds."""
    completion = side.client().chat.completions.create(**call)
    assert isinstance(completion, openai.types.chat.ChatCompletion)
    return {name: value for name, value in completion.model_dump().items() if name != "sentinel"}


def streaming(side: Side, call: dict[str, Any]) -> list[dict[str, Any]]:
    return [chunk.model_dump() for chunk in side.client().chat.completions.create(**call, stream=True)]


@pytest.mark.parametrize("name", CASES)
def test_an_answer_is_the_upstreams(upstream: Upstream, direct: Side, ours: Side, name: str) -> None:
    upstream.default, params = CASES[name]
    call = chat(**params)

    assert plainly(ours, call) == plainly(direct, call)


@pytest.mark.parametrize("usage", [False, True], ids=["without usage", "with usage"])
@pytest.mark.parametrize("name", CASES)
def test_a_streamed_answer_is_the_upstreams(
    upstream: Upstream, direct: Side, ours: Side, name: str, usage: bool
) -> None:
    upstream.default, params = CASES[name]
    call = {**chat(**params), **({"stream_options": {"include_usage": True}} if usage else {})}

    assert streaming(ours, call) == streaming(direct, call)


def test_the_upstream_is_asked_what_the_caller_asked(upstream: Upstream, direct: Side, ours: Side) -> None:
    for name, (upstream.default, params) in CASES.items():
        call = chat(**params)
        plainly(direct, call)
        plainly(ours, call)
        asked, forwarded = upstream.calls[-2:]
        renamed = {"max_tokens": "max_completion_tokens"}
        assert forwarded.body == {renamed.get(key, key): value for key, value in asked.body.items()}, name
        assert forwarded.headers["authorization"] == "Bearer gateway's"


SEVERAL = {"choices": [{"index": i, "message": {"role": "assistant", "content": str(i)}, "finish_reason": "stop",
                        "logprobs": {"content": [{"token": str(i), "logprob": -0.5, "top_logprobs": []}]}}
                       for i in range(3)]}  # fmt: skip


async def test_the_asynchronous_client_gets_the_same(direct: Side, ours: Side) -> None:
    call = chat()
    told = []
    for side in (direct, ours, ours):
        async with side.asynchronous() as client:
            whole = await client.chat.completions.create(**call)
            stream = await client.chat.completions.create(**call, stream=True)
            text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
        told.append((whole.choices, text))

    assert told[0] == told[1] == told[2]


def test_the_raw_response_has_our_headers_and_parses_the_same(direct: Side, ours: Side) -> None:
    call = chat()
    theirs = direct.client().chat.completions.with_raw_response.create(**call)
    miss = ours.client().chat.completions.with_raw_response.create(**call)
    hit = ours.client().chat.completions.with_raw_response.create(**call)

    assert theirs.parse().choices == miss.parse().choices == hit.parse().choices
    assert miss.headers["cache-status"] == "sentinel; fwd=miss; stored"
    assert hit.headers["cache-status"] == "sentinel; hit; detail=exact"
    assert (hit.headers["x-sentinel-similarity"], hit.headers["age"]) == ("1.0000", "0")
    assert hit.request_id == hit.headers["x-request-id"]


def test_a_response_read_as_a_stream_parses_the_same(direct: Side, ours: Side) -> None:
    call = chat()
    told = []
    for side in (direct, ours, ours):
        with side.client().chat.completions.with_streaming_response.create(**call) as response:
            told.append(response.parse().choices)

    assert told[0] == told[1] == told[2]


def test_the_streaming_helper_puts_the_same_together(upstream: Upstream, direct: Side, ours: Side) -> None:
    upstream.default = answer("Let me see.", message={"tool_calls": TOOL_CALLS}, finish_reason="tool_calls")
    call = chat(tools=[{**WEATHER_TOOL, "function": {**WEATHER_TOOL["function"], "strict": True}}])
    told = []
    for side in (direct, ours, ours):
        with side.client().chat.completions.stream(**call) as stream:
            kinds = [event.type for event in stream]
        told.append((set(kinds), stream.get_final_completion().choices))

    assert told[0] == told[1] == told[2]


class City(BaseModel):
    city: str


def test_structured_output_is_parsed_the_same(upstream: Upstream, direct: Side, ours: Side) -> None:
    upstream.default = answer('{"city": "Paris"}')
    call = chat(response_format=City)
    parsed = [side.client().chat.completions.parse(**call).choices[0].message.parsed for side in (direct, ours, ours)]

    assert parsed == [City(city="Paris")] * 3


def test_the_models_are_listed(ours: Side) -> None:
    models = ours.client().models.list().data

    assert {(model.id, model.owned_by) for model in models} >= {
        ("groq/openai/gpt-oss-20b", "groq"),
        ("openai/gpt-4.1-mini", "openai"),
    }


def test_groqs_sdk_finds_the_routes_where_groq_has_them(upstream: Upstream, server: Server) -> None:
    """That SDK puts /openai/v1 after any base URL; `scripts/compat` runs it."""
    side = Side(f"{server.said['address']}/openai/v1")
    call = chat()

    assert [plainly(side, call)["model"], streaming(side, call)[-1]["model"]] == ["gpt-4.1-mini"] * 2
    assert len(upstream.calls) == 1
    assert side.client().models.list().data
    side.close()


@pytest.mark.parametrize("status", [400, 404, 409, 413, 415, 422])
@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_what_concerns_the_request_is_the_upstreams_own_error(
    upstream: Upstream, direct: Side, ours: Side, status: int, stream: bool
) -> None:
    upstream.default = failure(status, "No such thing", type="its_type", param="model", code="its_code")
    call = chat(stream=stream)
    caught = []
    for side in (direct, ours):
        with pytest.raises(openai.APIStatusError) as error:
            side.client().chat.completions.create(**call)
        value = error.value
        caught.append((type(value), value.status_code, value.body, value.code, value.param, value.type, str(value)))

    assert caught[0] == caught[1]


@pytest.mark.parametrize("body", [{"messages": []}, {"messages": [{"role": "nobody", "content": "Hi"}]},
                                  {"temperature": 3}, {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
                                  {"provider": "nobody"}])  # fmt: skip
def test_what_breaks_a_rule_is_a_bad_request(upstream: Upstream, ours: Side, body: dict[str, Any]) -> None:
    with pytest.raises(openai.BadRequestError) as error:
        ours.client().chat.completions.create(**chat(), extra_body=body)

    assert error.value.param is not None
    assert error.value.param.startswith(next(iter(body)))
    assert error.value.type == "invalid_request_error"
    assert upstream.calls == []
