"""OpenAI's JSON, out and in."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from sentinel_core.chat.messages import ChatRequest, Completion, Message, Usage
from sentinel_core.errors import (
    ProviderError,
    ProviderProtocolError,
    ProviderRateLimitedError,
    ProviderUnavailableError,
)
from sentinel_core.providers import openai_wire

REQUEST = ChatRequest(
    provider="groq",
    model="openai/gpt-oss-20b",
    messages=({"role": "user", "content": "Hi \ud83d"},),
    params={"max_tokens": 5},
    hints={"user": "u"},
)


def encoded(**how: Any) -> Any:
    return json.loads(openai_wire.encode(REQUEST, **{"renames": {}, "stream": False, "ask_usage": True, **how}))


def test_a_request_is_model_messages_parameters_and_hints() -> None:
    assert encoded() == {
        "model": "openai/gpt-oss-20b",
        "messages": [{"role": "user", "content": "Hi \ud83d"}],
        "max_tokens": 5,
        "user": "u",
    }


@pytest.mark.parametrize("own", ["anthropic", "responses"])
def test_a_turn_goes_out_without_what_a_stored_answer_added(own: str) -> None:
    turns: tuple[Message, ...] = (
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Yes", own: {"output": []}},
    )
    request = ChatRequest("openai", "m", turns)
    sent = json.loads(openai_wire.encode(request, renames={}, stream=False, ask_usage=False))

    assert sent["messages"] == [turns[0], {"role": "assistant", "content": "Yes"}]


def test_a_stream_asks_for_its_usage_where_the_provider_lets_it() -> None:
    assert encoded(stream=True)["stream_options"] == {"include_usage": True}
    assert "stream_options" not in encoded(stream=True, ask_usage=False)
    assert "stream_options" not in encoded()


def test_how_the_caller_is_answered_is_not_how_the_provider_is_asked() -> None:
    request = replace(REQUEST, params={"stream": True, "stream_options": {"include_usage": False}})

    assert "stream" not in json.loads(openai_wire.encode(request, renames={}, stream=False, ask_usage=True))


def test_a_parameter_goes_by_the_providers_name() -> None:
    assert encoded(renames={"max_tokens": "max_completion_tokens"})["max_completion_tokens"] == 5


def parse(payload: Any) -> Completion:
    return openai_wire.completion(payload, provider="groq", model="asked")


def plain(message: Any, **fields: Any) -> dict[str, Any]:
    return {"model": "m", "choices": [{"message": message, "finish_reason": "stop"}], **fields}


def test_an_answer_keeps_its_message_as_it_came() -> None:
    message: dict[str, Any] = {"role": "assistant", "content": "Hi.", "reasoning": "Hm.", "annotations": [{"a": 1}]}

    assert parse(plain(message, usage={"prompt_tokens": 1, "completion_tokens": 2})) == Completion(
        provider="groq", model="m", message=message, finish_reason="stop", usage=Usage(1, 2)
    )


@pytest.mark.parametrize(
    "message",
    [
        {"role": "assistant", "content": None},
        {"role": "assistant", "content": ""},
        {"role": "assistant", "content": None, "refusal": "No."},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "a"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "Hi."}]},
    ],
)
def test_an_answer_may_lack_text(message: dict[str, Any]) -> None:
    assert parse(plain(message)) == Completion(provider="groq", model="m", message=message, finish_reason="stop")


def test_what_an_answer_leaves_out_is_filled_in() -> None:
    assert parse({"choices": [{"message": {"content": "Hi."}}]}) == Completion(
        provider="groq", model="asked", message={"role": "assistant", "content": "Hi."}, finish_reason=""
    )


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "answer",
        {},
        {"choices": None},
        {"choices": []},
        {"choices": ["x"]},
        {"choices": [{}]},
        plain(None),
        plain("text"),
        plain({"content": 7}),
        plain({"content": ["text"]}),
        plain({"content": "x", "tool_calls": ["x"]}),
        plain({"content": "x", "tool_calls": [{"function": 1}]}),
    ],
)
def test_rubbish_is_not_an_answer(payload: Any) -> None:
    with pytest.raises(ProviderProtocolError):
        parse(payload)


@pytest.mark.parametrize(
    "payload",
    [
        plain({"content": "x", "tool_calls": {}, "refusal": True, "role": 5}, id=7, created="now", object=None),
        plain({"content": "x", "tool_calls": False}, usage={"prompt_tokens": int("9" * 400)}, model={}),
        plain({"content": "x"}, usage={"prompt_tokens": 1e308, "completion_tokens": -1}, created=[]),
    ],
)
def test_harmless_fields_of_another_type_are_left_out(payload: Any) -> None:
    completion = parse(payload)

    assert (completion.text, completion.finish_reason, completion.usage) == ("x", "stop", None)
    assert completion.body is not None
    assert not {"id", "created", "object", "usage"} & completion.body.keys()
    assert isinstance(completion.body["model"], str)


@pytest.mark.parametrize("prompt", [None, 1e308, -1, [], "5 tokens"])
def test_a_usage_that_lacks_a_count_is_shown_and_not_counted(prompt: Any) -> None:
    said = {"prompt_tokens": prompt, "completion_tokens": 3, "details": [1]}
    completion = parse(plain({"content": "x"}, usage=said))

    assert completion.usage is None
    assert completion.body is not None
    null = {"prompt_tokens": None} if prompt is None else {}
    assert completion.body["usage"] == {**null, "completion_tokens": 3}


def test_counts_as_text_are_read() -> None:
    completion = parse(plain({"content": "x"}, usage={"prompt_tokens": "5", "completion_tokens": "3"}))

    assert completion.usage == Usage(prompt_tokens=5, completion_tokens=3)


def test_an_error_in_place_of_an_answer_is_that_error() -> None:
    with pytest.raises(ProviderRateLimitedError):
        parse({"error": {"code": 429, "message": "slow down"}})


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"<html>", b"\xff", b'{"a": NaN}', b"[" * 100_000, b"1" * 5000, b'{"a":1} trailing']
)
def test_what_is_not_json_is_an_error(raw: bytes) -> None:
    with pytest.raises(ProviderProtocolError):
        openai_wire.decode(raw, provider="groq")


def test_half_surrogates_are_repaired_and_whole_ones_kept() -> None:
    raw = rb'{"a": ["\ud83d\ude00", "cut \uD83D", {"\ud83d": 1}]}'

    assert openai_wire.decode(raw, provider="groq") == {"a": ["\U0001f600", "cut \ufffd", {"\ufffd": 1}]}


@pytest.mark.parametrize("data", [b"[]", b"{}", b"null", b'"ping"', b'{"type": "ping"}', b'{"choices": null}'])
def test_events_that_are_no_part_of_an_answer_are_skipped(data: bytes) -> None:
    assert openai_wire.chunk(data, provider="groq") is None


def test_fields_of_a_chunk_that_have_another_type_are_left_out() -> None:
    data = b"""{"model": {}, "choices": [1, {"index": "0", "finish_reason": ["stop"], "delta": null}],
        "usage": {"prompt_tokens": 1e308}}"""

    assert openai_wire.chunk(data, provider="groq") == {"choices": [{"index": 0, "finish_reason": None, "delta": {}}]}


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b'{"error": {"message": "m"}}', ProviderUnavailableError),
        (b'{"choices": [], "x_groq": {"error": "over capacity"}}', ProviderUnavailableError),
        (b"{", ProviderProtocolError),
        (b'{"choices": [{"delta": 1}]}', ProviderProtocolError),
        (b'{"choices": [{"delta": {"content": 1}}]}', ProviderProtocolError),
    ],
)
def test_a_chunk_is_checked(data: bytes, kind: type[ProviderError] | None) -> None:
    if kind is None:
        assert openai_wire.chunk(data, provider="groq") == json.loads(data)
        return
    with pytest.raises(kind):
        openai_wire.chunk(data, provider="groq")


def test_a_chunk_keeps_fields_nobody_here_knows() -> None:
    data = b'{"choices": [{"delta": {"content": "x", "new": {"a": 1}}}], "x_groq": {"id": "r"}, "usage": null}'

    assert openai_wire.chunk(data, provider="groq") == json.loads(data)
