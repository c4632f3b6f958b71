"""OpenAI's and Anthropic's SDKs over real sockets: Responses, Messages, Completions, embeddings, models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from typing import Any

import anthropic
import openai
import pytest
from anthropic import Anthropic
from openai import OpenAI
from pydantic import BaseModel

from scripts.devtools.http.replies import Call, Reply, answer, failure, raw
from scripts.devtools.http.serving import Server
from scripts.devtools.http.upstream import Upstream
from tests.sdk.conftest import chat

MODEL = "gpt-4.1-mini"
CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Paris"}'}}
SCHEMA: dict[str, Any] = {"type": "object", "properties": {"city": {"type": "string"}}}
ALL = Reply(
    message={"role": "assistant", "reasoning_content": "Ask first.", "content": "It is mild.", "tool_calls": [CALL]},
    finish_reason="tool_calls",
)


class City(BaseModel):
    city: str


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{server.said['address']}/v1", api_key="mine", max_retries=0) as client:
        yield client


@pytest.fixture(scope="module")
def claude(server: Server) -> Iterator[Anthropic]:
    with closing(Anthropic(base_url=server.said["address"], api_key="mine", max_retries=0)) as claude:
        yield claude


def new() -> str:
    """A prompt that nothing stored can answer."""
    return f"{chat()['messages'][0]['content']} What is the capital of France?"


def kinds(events: Any) -> list[str]:
    return [kind for kind, _ in groupby(event.type for event in events)]


def outcome(answered: Any) -> str:
    return str(answered.model_extra["sentinel"]["outcome"])


def test_a_response_is_read_and_kept(client: OpenAI) -> None:
    asked = new()
    first, again = (client.responses.create(model=MODEL, input=asked) for _ in range(2))
    more = client.responses.create(model=MODEL, input="And of Spain?", previous_response_id=first.id)

    assert [outcome(each) for each in (first, again, more)] == ["miss", "hit_exact", "miss"]
    assert first.output_text == again.output_text == "The capital of France is Paris."
    assert client.responses.retrieve(first.id).output_text == first.output_text
    client.responses.delete(first.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(first.id)


def test_streamed_events_of_a_response_come_in_one_order(client: OpenAI, upstream: Upstream) -> None:
    upstream.default = ALL
    tools: Any = [{"type": "function", "name": "weather", "parameters": SCHEMA, "strict": False}]
    asked: dict[str, Any] = {"model": MODEL, "input": new(), "tools": tools}
    miss, hit = (kinds(client.responses.create(**asked, stream=True)) for _ in range(2))
    with client.responses.stream(**asked) as stream:
        final = stream.get_final_response()

    assert miss == hit
    assert [item.type for item in final.output] == ["reasoning", "message", "function_call"]
    assert final.output_text == "It is mild."


def test_a_parsed_response_is_an_object(client: OpenAI, upstream: Upstream) -> None:
    upstream.default = answer('{"city": "Paris"}')

    parsed = client.responses.parse(model=MODEL, input=new(), text_format=City)

    assert parsed.output_parsed == City(city="Paris")
    assert upstream.calls[-1].body["response_format"]["json_schema"]["name"] == "City"


def test_a_message_is_read_streamed_and_shared(claude: Anthropic, client: OpenAI) -> None:
    asked: dict[str, Any] = {"model": MODEL, "max_tokens": 99, "messages": [{"role": "user", "content": new()}]}
    miss = claude.messages.create(**asked)
    with claude.messages.stream(**asked) as stream:
        hit = stream.get_final_message()
    other = client.chat.completions.create(**asked)

    assert (outcome(miss), outcome(other), miss.stop_reason, hit.stop_reason) == (
        "miss",
        "hit_exact",
        *["end_turn"] * 2,
    )
    assert [block.to_dict()["text"] for block in (*miss.content, *hit.content)] == [
        "The capital of France is Paris."
    ] * 2
    assert (miss.usage.input_tokens, miss.usage.output_tokens, hit.usage.output_tokens) == (400, 300, 0)


def test_streamed_events_of_a_message_come_in_one_order(claude: Anthropic, upstream: Upstream) -> None:
    upstream.default = ALL
    asked: dict[str, Any] = {
        "model": MODEL,
        "max_tokens": 99,
        "system": "Be kind.",
        "messages": [{"role": "user", "content": new()}],
        "tools": [{"name": "weather", "input_schema": SCHEMA}],
    }
    miss, hit = (kinds(claude.messages.create(**asked, stream=True)) for _ in range(2))
    with claude.messages.stream(**asked) as stream:
        final = stream.get_final_message()

    assert miss == hit
    assert [block.type for block in final.content] == ["thinking", "text", "tool_use"]
    assert final.stop_reason == "tool_use"


def test_the_loop_of_an_agent_hits_whatever_its_ids_are(claude: Anthropic, upstream: Upstream) -> None:
    upstream.default = answer("Mild.")
    asked = new()

    def ask(id_: str) -> str:
        turns: Any = [
            {"role": "user", "content": asked},
            {"role": "assistant", "content": [{"type": "tool_use", "id": id_, "name": "weather", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": id_, "content": "18"}]},
        ]
        tools: Any = [{"name": "weather", "input_schema": SCHEMA}]
        return outcome(claude.messages.create(model=MODEL, max_tokens=9, messages=turns, tools=tools))

    assert [ask(f"toolu_{place}") for place in range(4)] == ["miss", "hit_exact", "hit_exact", "hit_exact"]


def test_each_sdk_raises_its_own_exceptions(claude: Anthropic, client: OpenAI, upstream: Upstream) -> None:
    turns: Any = [{"role": "user", "content": new()}]
    upstream.default = failure(429)
    with pytest.raises(anthropic.RateLimitError):
        claude.messages.create(model=MODEL, max_tokens=9, messages=turns)
    with pytest.raises(openai.RateLimitError):
        client.responses.create(model=MODEL, input=new())
    with pytest.raises(anthropic.BadRequestError, match="container: cannot be carried"):
        claude.messages.create(model=MODEL, max_tokens=9, messages=turns, extra_body={"container": "c"})
    with pytest.raises(openai.BadRequestError, match="background: "):
        client.responses.create(model=MODEL, input="x", background=True)


def test_an_old_completion_is_read(client: OpenAI) -> None:
    asked = new()
    first = client.completions.create(model=MODEL, prompt=asked)
    streamed = client.completions.create(model=MODEL, prompt=asked, stream=True)

    assert first.choices[0].text == "".join(each.choices[0].text for each in streamed if each.choices)


def test_embeddings_are_cached_by_input(client: OpenAI, upstream: Upstream) -> None:
    def embed(call: Call) -> Reply:
        data = [{"index": place, "embedding": [len(text), 0.5]} for place, text in enumerate(call.body["input"])]
        return raw(json.dumps({"data": data, "usage": {"prompt_tokens": 9, "total_tokens": 9}}).encode())

    upstream.routes["/embeddings"] = embed
    try:
        client.embeddings.create(model="text-embedding-3-small", input=["aa", "bbb"])
        found = client.embeddings.create(model="text-embedding-3-small", input=["c", "bbb"])
    finally:
        upstream.routes.clear()

    assert [each.embedding for each in found.data] == [[1.0, 0.5], [3.0, 0.5]]
    assert [call.body["input"] for call in upstream.calls] == [["aa", "bbb"], ["c"]]


def test_the_local_model_embeds_without_a_provider(client: OpenAI, upstream: Upstream) -> None:
    found = client.embeddings.create(model="sentinel/minilm", input="What is a bond?")

    assert (len(found.data[0].embedding), upstream.calls) == (384, [])


def test_models_are_listed_and_retrieved(client: OpenAI, claude: Anthropic) -> None:
    assert "openai/gpt-oss" in {model.id for model in client.models.list()}
    assert client.models.retrieve(MODEL).id == claude.models.retrieve(MODEL).id == MODEL
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("none")


def test_tokens_of_a_message_are_estimated(claude: Anthropic) -> None:
    counted = claude.messages.count_tokens(model=MODEL, messages=[{"role": "user", "content": "hello world"}])

    assert counted.input_tokens == 8
