"""What the SDK's callers see of the cache: what shares an entry, what a hit says, what is kept."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletion

from scripts.devtools.http.replies import Reply, answer, raw
from scripts.devtools.http.serving import Server
from scripts.devtools.http.upstream import Upstream
from tests.sdk.conftest import Side, chat, consume
from tests.sdk.test_parity import PICTURE, SEVERAL, TOOL_CALLS, WEATHER_TOOL


def ask(side: Side, call: dict[str, Any], **extra: Any) -> ChatCompletion:
    completion: ChatCompletion = side.client().chat.completions.create(**{**call, **extra})
    return completion


def told(completion: ChatCompletion) -> dict[str, Any]:
    assert completion.model_extra is not None
    ours: dict[str, Any] = completion.model_extra["sentinel"]
    return ours


def outcome(side: Side, call: dict[str, Any], **extra: Any) -> str:
    return str(told(ask(side, call, **extra))["outcome"])


def test_a_hit_is_new_costs_nothing_and_says_what_it_spared(ours: Side) -> None:
    call = chat()
    before, miss, hit = time.time(), ask(ours, call), ask(ours, call)

    assert hit.choices == miss.choices
    assert hit.model == miss.model == "gpt-4.1-mini"
    assert hit.id != miss.id == "chatcmpl-upstream"
    assert int(before) <= hit.created <= time.time()
    assert hit.usage is not None
    assert (hit.usage.prompt_tokens, hit.usage.completion_tokens, hit.usage.total_tokens) == (0, 0, 0)
    assert told(hit) == {
        "outcome": "hit_exact", "reason": "exact", "volatile": None, "personal": None, "shadow": None,
        "unstored": None, "provider": "openai",
        "similarity": 1.0, "matched_prompt": "What is the capital of France?", "age_seconds": 0, "cost_usd": 0.0,
        "estimated_usd": None, "saved_usd": told(miss)["cost_usd"],
        "avoided_tokens": 800, "entry_id": told(miss)["entry_id"],
    }  # fmt: skip
    assert told(miss)["cost_usd"] > 0
    assert re.fullmatch("[0-9a-f]{64}:[0-9a-f]{64}", told(hit)["entry_id"])


def test_a_prompt_in_other_words_is_a_hit_by_meaning(ours: Side) -> None:
    call = chat("What is machine learning?")
    near = {
        **call,
        "messages": [call["messages"][0], {"role": "user", "content": "Can you explain what machine learning is?"}],
    }

    assert (outcome(ours, call), outcome(ours, near)) == ("miss", "hit_semantic")
    assert outcome(ours, near, extra_headers={"x-sentinel-threshold": "1"}) == "miss"


@pytest.mark.parametrize("streamed_first", [False, True])
def test_streamed_and_plain_share_an_entry(upstream: Upstream, ours: Side, streamed_first: bool) -> None:
    call = chat()
    texts = [consume(ours, {**call, "stream": stream}) for stream in (streamed_first, not streamed_first) * 2]

    assert texts == ["The capital of France is Paris."] * 4
    assert len(upstream.calls) == 1


def test_a_replayed_stream_ends_with_a_usage_of_nothing_where_usage_was_asked(ours: Side) -> None:
    call = chat()
    ask(ours, call)
    plain = list(ours.client().chat.completions.create(**call, stream=True))
    *chunks, last = ours.client().chat.completions.create(**call, stream=True, stream_options={"include_usage": True})

    assert all(chunk.usage is None for chunk in (*plain, *chunks))
    assert [choice.finish_reason for chunk in chunks for choice in chunk.choices][-1] == "stop"
    assert (last.choices, last.usage and last.usage.total_tokens) == ([], 0)
    assert len({chunk.id for chunk in (*chunks, last)}) == 1


@pytest.mark.parametrize(
    "same",
    [
        {"user": "another"},
        {"metadata": {"for": "somebody"}},
        {"safety_identifier": "s-1"},
        {"prompt_cache_key": "k-1", "prompt_cache_retention": "24h"},
        {"service_tier": "flex"},
        {"store": True},
        {"stream_options": {"include_usage": True}},
    ],
)
def test_who_asks_and_how_it_is_carried_is_no_scope(upstream: Upstream, ours: Side, same: dict[str, Any]) -> None:
    call, other = chat(user="one"), chat(user="one")
    ask(ours, call)
    ask(ours, other, extra_body=same)

    assert outcome(ours, call, extra_body=same) == "hit_exact"
    assert (
        upstream.calls[-1].body.items() >= {name: value for name, value in same.items() if "stream" not in name}.items()
    )


@pytest.mark.parametrize(
    "other",
    [
        {"model": "gpt-4.1"},
        {"temperature": 0.3},
        {"seed": 1},
        {"response_format": {"type": "json_object"}},
        {"tools": [WEATHER_TOOL]},
        {"max_completion_tokens": 10},
        {"reasoning_effort": "high"},
        {"verbosity": "low"},
        {"extra_body": {"frobnicate": True}},
    ],
)
def test_what_changes_the_answer_is_scope(ours: Side, other: dict[str, Any]) -> None:
    call = chat()
    ask(ours, call)

    assert outcome(ours, call, **other) == "miss"


def test_a_developers_word_is_scope(ours: Side) -> None:
    call = chat()
    developers = {**call, "messages": [{**call["messages"][0], "role": "developer"}, call["messages"][1]]}

    assert [outcome(ours, each) for each in (call, developers, developers)] == ["miss", "miss", "hit_exact"]


def test_an_earlier_turn_is_scope(ours: Side) -> None:
    call = chat()
    turns = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}]
    talk = {**call, "messages": [call["messages"][0], *turns, call["messages"][1]]}
    other = {**call, "messages": [call["messages"][0], turns[0], {**turns[1], "content": "Hey!"}, call["messages"][1]]}

    assert [outcome(ours, each) for each in (call, talk, other, talk)] == ["miss", "miss", "miss", "hit_exact"]


def test_parts_of_text_are_one_prompt(ours: Side) -> None:
    parts = [{"type": "text", "text": "What is machine learning?"}]
    call = chat("What's machine learning?")
    ask(ours, call)

    assert outcome(ours, {**call, "messages": [call["messages"][0], {"role": "user", "content": parts}]}) == (
        "hit_semantic"
    )


def test_a_picture_is_compared_exactly_only(ours: Side) -> None:
    def call(text: str, picture: dict[str, Any]) -> dict[str, Any]:
        content = [{"type": "text", "text": text}, picture]
        return {**base, "messages": [base["messages"][0], {"role": "user", "content": content}]}

    base, other = chat(), {"type": "image_url", "image_url": {"url": "data:image/png;base64,BBBB"}}
    asked = [
        call("What is this thing?", PICTURE),
        call("What is this thing?", PICTURE),
        call("What's this thing?", PICTURE),
        call("What is this thing?", other),
    ]

    assert [told(ask(ours, each))["reason"] for each in asked] == ["not-text", "exact", "not-text", "not-text"]


@pytest.mark.parametrize(("params", "reason"), [({"n": 3}, "several-choices"), ({"logprobs": True}, "logprobs")])
def test_what_one_entry_cannot_hold_is_passed_through(
    upstream: Upstream, direct: Side, ours: Side, params: dict[str, Any], reason: str
) -> None:
    upstream.default = raw(json.dumps({"id": "1", "object": "chat.completion", "created": 1,
                                                "model": "m", **SEVERAL}).encode())  # fmt: skip
    call = chat(**params)
    theirs, first, again = ask(direct, call), ask(ours, call), ask(ours, call)

    assert first.choices == again.choices == theirs.choices
    assert [choice.logprobs is not None for choice in first.choices] == [True] * 3
    assert (told(again)["outcome"], told(again)["reason"]) == ("bypass", reason)


def test_a_turn_that_ends_in_a_result_is_exact_reuse(ours: Side) -> None:
    call = chat(tools=[WEATHER_TOOL])
    result = [{"role": "assistant", "tool_calls": TOOL_CALLS[:1]}, {"role": "tool", "tool_call_id": "call_1",
                                                                   "content": "18 °C"}]  # fmt: skip
    call["messages"] += result

    assert [told(ask(ours, call))["outcome"] for _ in range(2)] == ["miss", "hit_exact"]


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (answer("The capital of", finish_reason="length"), "truncated"),
        (answer("", finish_reason="content_filter"), "filtered"),
        (answer(None, message={"refusal": "No."}), "refused"),
        (answer("I'm sorry, but I can't help with that."), "refused"),
        (answer(" "), "empty"),
        (answer(None, message={"tool_calls": TOOL_CALLS}, finish_reason="tool_calls"), "tool-calls"),
        (answer(finish_reason=None), "not-finished"),
    ],
)
def test_what_is_not_worth_keeping_is_asked_again_and_counted(
    upstream: Upstream, hurried: Side, hasty: Server, reply: Reply, reason: str, stream: bool
) -> None:
    upstream.default = reply
    call, before = chat(stream=stream), unstored(hasty)
    for _ in range(2):
        given = hurried.client().chat.completions.create(**call)
        if stream:
            list(given)

    assert len(upstream.calls) == 2
    assert unstored(hasty).get(reason, 0) - before.get(reason, 0) == 2


def unstored(server: Server) -> dict[str, int]:
    counted: dict[str, int] = server.http.get("/v1/metrics").json()["not_stored_by_reason"]
    return counted


@pytest.mark.parametrize("streamed_first", [False, True])
@pytest.mark.parametrize(
    "message",
    [
        {"content": None, "tool_calls": TOOL_CALLS},
        {"content": "Four.", "reasoning": "Two and two.", "reasoning_content": "2 + 2"},
    ],
)
def test_all_of_a_message_survives_being_kept(
    upstream: Upstream, direct: Side, ours: Side, message: dict[str, Any], streamed_first: bool
) -> None:
    """This server was told to keep tool calls."""
    reason = "tool_calls" if "tool_calls" in message else "stop"
    upstream.default = Reply(message={"role": "assistant", **message}, finish_reason=reason)
    call = chat(tools=[WEATHER_TOOL])
    theirs = ask(direct, call)
    if streamed_first:
        list(ours.client().chat.completions.create(**call, stream=True))
    else:
        ask(ours, call)
    hit = ask(ours, call)

    assert told(hit)["outcome"] == "hit_exact"
    assert hit.choices == theirs.choices


def test_a_volatile_prompt_says_why_it_is_kept_for_a_short_time(ours: Side) -> None:
    call = chat("What is the current price of gold?")
    miss, hit = ask(ours, call), ask(ours, call)

    assert [(told(each)["outcome"], told(each)["volatile"]) for each in (miss, hit)] == [
        ("miss", "current"),
        ("hit_exact", "current"),
    ]


def test_the_caller_steers_by_headers(upstream: Upstream, ours: Side) -> None:
    call = chat()

    def steered(**headers: str) -> str:
        return outcome(ours, call, extra_headers={name.replace("_", "-"): value for name, value in headers.items()})

    assert steered(cache_control="no-store") == "miss"
    assert steered(x_sentinel_tag="a,b", x_sentinel_ttl="60") == "miss"
    assert steered() == "hit_exact"
    assert steered(cache_control="no-cache") == "bypass"
    assert steered(cache_control="max-age=0") == "miss"
    assert steered(cache_control="only-if-cached") == "hit_exact"


@pytest.mark.parametrize(
    ("name", "value"), [("Cache-Control", "max-age=soon"), ("x-sentinel-threshold", "2"), ("x-sentinel-ttl", "-1"),
                        ("x-sentinel-tag", "a b")]
)  # fmt: skip
def test_a_header_with_a_bad_value_is_named(ours: Side, name: str, value: str) -> None:
    with pytest.raises(openai.BadRequestError) as error:
        ask(ours, chat(), extra_headers={name: value})

    assert (error.value.param, error.value.code) == (name, "invalid_header")


def test_only_if_cached_is_not_asked_again_by_the_sdk(upstream: Upstream, ours: Side) -> None:
    with pytest.raises(openai.InternalServerError) as error:
        ours.client(max_retries=2).chat.completions.create(**chat(), extra_headers={"cache-control": "only-if-cached"})

    assert (error.value.status_code, error.value.code) == (504, "not_cached")
    assert upstream.calls == []
