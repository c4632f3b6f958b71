"""Anthropic's models over real sockets, by Anthropic's SDK and by OpenAI's: one upstream, one cache."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from typing import Any

import anthropic
import openai
import pytest
from anthropic import Anthropic
from openai import OpenAI

from scripts.devtools.http.anthropic_upstream import TEXT, THOUGHT, TOOL, counted, failure, messages
from scripts.devtools.http.serving import Server
from scripts.devtools.http.upstream import Upstream
from tests.sdk.conftest import chat

MODEL = "anthropic/claude-haiku-4-5"
SAID = "The capital of France is Paris."
SEARCH: dict[str, Any] = {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "Paris"}}
FOUND: dict[str, Any] = {"type": "web_search_tool_result", "tool_use_id": "s1", "content": []}
CITED: dict[str, Any] = {
    "type": "text",
    "text": SAID,
    "citations": [{"type": "web_search_result_location", "url": "https://x.org", "title": "X", "cited_text": "P",
                   "encrypted_index": "e"}],
}  # fmt: skip
CODE: dict[str, Any] = {
    "type": "server_tool_use",
    "id": "s2",
    "name": "bash_code_execution",
    "input": {"a": 1},
}


@pytest.fixture(scope="module")
def claude(server: Server) -> Iterator[Anthropic]:
    with closing(Anthropic(base_url=server.said["address"], api_key="mine", max_retries=0)) as claude:
        yield claude


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{server.said['address']}/v1", api_key="mine", max_retries=0) as client:
        yield client


@pytest.fixture(autouse=True)
def native(upstream: Upstream) -> Iterator[Upstream]:
    upstream.routes.update({"/messages": messages(), "/count_tokens": counted})
    yield upstream
    upstream.routes.clear()


def asked(**fields: Any) -> dict[str, Any]:
    """A call that nothing stored can answer."""
    return {
        "model": MODEL,
        "max_tokens": 2_000,
        "system": chat()["messages"][0]["content"],
        "messages": [{"role": "user", "content": "What is the capital of France?"}],
        **fields,
    }


def outcome(answered: Any) -> str:
    return str(answered.model_extra["sentinel"]["outcome"])


def kinds(events: Any) -> list[tuple[str, str]]:
    """The order of events, with the kind of each block and delta."""
    named = ((event.type, _kind(event)) for event in events)
    return [each for each, _ in groupby(named)]


def _kind(event: Any) -> str:
    of = getattr(event, "content_block", None) or getattr(event, "delta", None)
    return str(getattr(of, "type", ""))


def test_a_message_goes_to_anthropic_as_it_came(claude: Anthropic, upstream: Upstream) -> None:
    system = [{"type": "text", "text": chat()["messages"][0]["content"], "cache_control": {"type": "ephemeral"}}]
    call: Any = asked(system=system, thinking={"type": "enabled", "budget_tokens": 1_500}, container="c1")
    call["extra_body"] = {"container": call.pop("container")}
    headers = {"anthropic-beta": "files-api-2025-04-14", "anthropic-version": "2023-06-01"}
    first, again = (claude.messages.create(**call, extra_headers=headers) for _ in range(2))

    [sent] = upstream.calls
    assert (outcome(first), outcome(again)) == ("miss", "hit_exact")
    assert (sent.path, sent.headers["x-api-key"], sent.headers["anthropic-version"]) == (
        "/v1/messages",
        "gateway's",
        "2023-06-01",
    )
    assert (sent.headers["anthropic-beta"], "authorization" in sent.headers) == ("files-api-2025-04-14", False)
    assert sent.body == {
        "model": "claude-haiku-4-5",
        "max_tokens": 2_000,
        "system": system,
        "messages": call["messages"],
        "thinking": call["thinking"],
        "container": "c1",
    }
    assert (first.id, first.model) == ("msg_upstream", "claude-haiku-4-5-20261001")


def test_reads_and_writes_of_the_prompt_cache_are_counted_and_priced(claude: Anthropic) -> None:
    answered = claude.messages.create(**asked())
    used, sentinel = answered.usage, answered.model_extra["sentinel"]

    assert (used.input_tokens, used.cache_read_input_tokens, used.cache_creation_input_tokens) == (100, 60, 40)
    # claude-haiku-4-5: $1 input, $0.1 read, $1.25 written, $2 for an hour, $5 output for a million tokens
    assert sentinel["cost_usd"] == pytest.approx((100 + 6 + 30 * 1.25 + 10 * 2 + 50 * 5) / 1_000_000)


@pytest.mark.parametrize(
    ("blocks", "reason"),
    [
        ([TEXT], "end_turn"),
        ([THOUGHT, TEXT], "end_turn"),
        ([SEARCH, FOUND, CITED], "end_turn"),
        ([TEXT], "stop_sequence"),
    ],
)
def test_a_hit_has_the_events_and_blocks_of_the_miss(
    claude: Anthropic, upstream: Upstream, blocks: list[dict[str, Any]], reason: str
) -> None:
    upstream.routes["/messages"] = messages(*blocks, reason=reason, stop="END" if reason == "stop_sequence" else None)
    call: Any = asked()
    miss, hit = (kinds(claude.messages.create(**call, stream=True)) for _ in range(2))
    with claude.messages.stream(**call) as stream:
        streamed = stream.get_final_message()
    whole = claude.messages.create(**call)

    assert miss == hit
    assert len(upstream.calls) == 1
    told = [block.to_dict() for block in whole.content]
    assert [block.to_dict() for block in streamed.content] == told
    assert [{**block, "text": block["text"].rstrip()} if "text" in block else block["type"] for block in told] == [
        block if "text" in block else block["type"] for block in blocks
    ]
    assert (whole.stop_reason, whole.stop_sequence) == (reason, "END" if reason == "stop_sequence" else None)


def test_a_question_asked_by_chat_hits_on_messages(claude: Anthropic, client: OpenAI, upstream: Upstream) -> None:
    call: Any = asked()
    turns: Any = [{"role": "system", "content": call["system"]}, *call["messages"]]
    by_chat = client.chat.completions.create(model=MODEL, max_tokens=2_000, messages=turns)
    by_message = claude.messages.create(**call)
    other: Any = asked()
    turns = [{"role": "system", "content": other["system"]}, *other["messages"]]
    claude.messages.create(**other)
    answered = client.chat.completions.create(model=MODEL, max_tokens=2_000, messages=turns)

    assert (outcome(by_chat), outcome(by_message), outcome(answered)) == ("miss", "hit_exact", "hit_exact")
    assert by_chat.choices[0].message.content == answered.choices[0].message.content == SAID
    assert (by_chat.usage.prompt_tokens, by_chat.usage.completion_tokens) == (200, 50)  # type: ignore[union-attr]
    assert upstream.calls[0].body == {
        "model": "claude-haiku-4-5",
        "max_tokens": 2_000,
        "system": [{"type": "text", "text": call["system"]}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "What is the capital of France?"}]}],
    }


def test_chat_and_responses_call_tools_of_anthropic(client: OpenAI, upstream: Upstream) -> None:
    upstream.routes["/messages"] = messages(THOUGHT, TEXT, TOOL, reason="tool_use")
    schema: Any = {"type": "object", "properties": {"city": {"type": "string"}}}
    tools: Any = [{"type": "function", "function": {"name": "weather", "parameters": schema}}]
    turns: Any = [*chat()["messages"]]
    whole = client.chat.completions.create(model=MODEL, messages=turns, tools=tools, reasoning_effort="low")
    chunks = list(client.chat.completions.create(model=MODEL, messages=turns, tools=tools, stream=True, stop=["END"]))
    response = client.responses.create(
        model=MODEL, input="What is the weather?", tools=[{"type": "function", "name": "weather", "parameters": schema,
                                                           "strict": None}]
    )  # fmt: skip

    [call] = whole.choices[0].message.tool_calls or []
    assert (call.function.name, call.function.arguments) == ("weather", '{"city":"Paris"}')  # type: ignore[union-attr]
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    pieces = [each.function.arguments for delta in deltas for each in delta.tool_calls or [] if each.function]
    assert "".join(filter(None, pieces)) == '{"city": "Paris"}'
    assert (whole.choices[0].finish_reason, chunks[-1].choices[0].finish_reason) == ("tool_calls", "tool_calls")
    assert [item.type for item in response.output] == ["reasoning", "message", "function_call"]
    assert upstream.calls[0].body["thinking"] == {"type": "enabled", "budget_tokens": 1_024}
    assert upstream.calls[1].body["stop_sequences"] == ["END"]
    assert upstream.calls[0].body["tools"] == [{"name": "weather", "input_schema": schema}]


def test_a_tool_with_effects_is_run_again(claude: Anthropic, upstream: Upstream) -> None:
    upstream.routes["/messages"] = messages(CODE, TEXT)
    call: Any = asked(tools=[{"type": "bash_20250124", "name": "bash"}])

    assert [outcome(claude.messages.create(**call)) for _ in range(2)] == ["miss", "miss"]


def test_errors_of_anthropic_are_those_of_both_sdks(claude: Anthropic, client: OpenAI, upstream: Upstream) -> None:
    upstream.routes["/messages"] = failure(429, "rate_limit_error")
    with pytest.raises(anthropic.RateLimitError):
        claude.messages.create(**asked())
    upstream.routes["/messages"] = failure(400, "invalid_request_error", "max_tokens: too large")
    with pytest.raises(anthropic.BadRequestError, match="max_tokens: too large"):
        claude.messages.create(**asked())
    with pytest.raises(openai.BadRequestError, match="max_tokens: too large"):
        client.chat.completions.create(model=MODEL, messages=chat()["messages"])
    before = len(upstream.calls)
    with pytest.raises(openai.BadRequestError, match="logit_bias"):
        client.chat.completions.create(model=MODEL, messages=chat()["messages"], logit_bias={"1": 2})
    assert len(upstream.calls) == before


def test_anthropic_counts_the_tokens_of_its_own_models(claude: Anthropic) -> None:
    turns: Any = [{"role": "user", "content": "hello world"}]

    assert claude.messages.count_tokens(model=MODEL, messages=turns).input_tokens == 1234


def test_anthropics_own_fields_are_refused_for_other_models(claude: Anthropic) -> None:
    search = {"type": "web_search_20250305", "name": "web_search"}
    with pytest.raises(anthropic.BadRequestError, match=r"tools\[0\].type"):
        claude.messages.create(**asked(model="gpt-4.1-mini", tools=[search]))
