"""A provider that speaks the Responses API, over real sockets, by OpenAI's SDK: one upstream, one cache."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, groupby
from typing import Any

import openai
import pytest
from openai import OpenAI

from scripts.devtools.http.replies import answer, failure, raw
from scripts.devtools.http.serving import serving
from scripts.devtools.http.surface_routes import responses
from scripts.devtools.http.upstream import Upstream

SAID = "The capital of France is Paris."
PART: dict[str, Any] = {"type": "output_text", "text": SAID, "annotations": [], "logprobs": []}
MESSAGE: dict[str, Any] = {
    "id": "msg_a", "type": "message", "status": "completed", "role": "assistant", "content": [PART],
}  # fmt: skip
THOUGHT: dict[str, Any] = {"id": "rs_a", "type": "reasoning", "summary": [{"type": "summary_text", "text": "France."}]}
SEALED: dict[str, Any] = {**THOUGHT, "summary": [], "encrypted_content": "gAAA"}
SEARCH: dict[str, Any] = {
    "id": "ws_a", "type": "web_search_call", "status": "completed", "action": {"type": "search", "query": "Paris"},
}  # fmt: skip
CITED: dict[str, Any] = {
    **MESSAGE,
    "content": [{**PART, "annotations": [
        {"type": "url_citation", "start_index": 0, "end_index": 3, "url": "https://x.org", "title": "X"},
    ]}],
}  # fmt: skip
CALL: dict[str, Any] = {
    "id": "fc_a", "type": "function_call", "status": "completed", "arguments": '{"city": "Paris"}',
    "call_id": "call_1", "name": "weather",
}  # fmt: skip
CUSTOM: dict[str, Any] = {"id": "ctc_a", "type": "custom_tool_call", "call_id": "call_2", "name": "run", "input": "ls"}
CODE: dict[str, Any] = {
    "id": "ci_a", "type": "code_interpreter_call", "status": "completed", "code": "1", "container_id": "cntr_1",
    "outputs": [],
}  # fmt: skip
TOOL: Any = {"type": "function", "name": "weather", "parameters": {"type": "object"}, "strict": False}
_NUMBERS = count()


@pytest.fixture(scope="module")
def client(_upstream: Upstream) -> Iterator[OpenAI]:
    environ = {"OPENAI_API_KEY": "gateway's", "OPENAI_BASE_URL": _upstream.url, "SENTINEL_PROVIDER": "openai"}
    environ |= {"GROQ_API_KEY": "gateway's", "GROQ_BASE_URL": _upstream.url, "SENTINEL_STORE_TOOL_CALLS": "true"}
    with (
        serving(**environ, SENTINEL_NATIVE_RESPONSES="openai") as running,
        OpenAI(base_url=f"{running.said['address']}/v1", api_key="mine", max_retries=0) as client,
    ):
        running.wait_for_embedder()
        yield client


@pytest.fixture(autouse=True)
def native(upstream: Upstream) -> Iterator[Upstream]:
    upstream.routes["/responses"] = responses(MESSAGE)
    yield upstream
    upstream.routes.clear()


def asked(**fields: Any) -> dict[str, Any]:
    """A call that nothing stored can answer."""
    system = f"You are native assistant {next(_NUMBERS)}."
    return {"model": "gpt-5.1", "instructions": system, "input": "What is the capital of France?", **fields}


def outcome(answered: Any) -> str:
    return str(answered.model_extra["sentinel"]["outcome"])


def kinds(events: Any) -> list[str]:
    return [kind for kind, _ in groupby(event.type for event in events)]


def unnamed(items: Any) -> list[dict[str, Any]]:
    """Return items without ids, which are ours."""
    found = [item.to_dict() if hasattr(item, "to_dict") else dict(item) for item in items]
    return [{name: value for name, value in item.items() if name != "id"} for item in found]


def test_a_response_goes_to_its_provider_as_it_came(client: OpenAI, upstream: Upstream) -> None:
    call = asked(
        tools=[{"type": "web_search"}], include=["web_search_call.action.sources"], truncation="auto",
        reasoning={"effort": "low", "summary": "auto"}, user="ann", extra_body={"max_tool_calls": 3},
    )  # fmt: skip
    upstream.routes["/responses"] = responses(SEARCH, CITED)
    first, again = (client.responses.create(**call) for _ in range(2))

    [sent] = upstream.calls
    body = {**call, **call.pop("extra_body"), "store": False}
    assert (sent.path, sent.body) == ("/v1/responses", {k: v for k, v in body.items() if k != "extra_body"})
    assert (outcome(first), outcome(again)) == ("miss", "hit_exact")
    assert unnamed(first.output) == unnamed(again.output) == unnamed([SEARCH, CITED])
    assert [item.id.split("_")[0] for item in first.output] == ["ws", "msg"]
    assert all(first.id.removeprefix("resp_") in str(item.id) for item in first.output)


@pytest.mark.parametrize(
    "items",
    [
        [MESSAGE], [THOUGHT, MESSAGE], [SEALED, MESSAGE], [SEARCH, CITED], [THOUGHT, CALL], [MESSAGE, MESSAGE],
        [SEALED, SEARCH, SEALED, CITED], [CALL, {**CALL, "call_id": "call_9"}], [CUSTOM],
        [{**MESSAGE, "content": [{"type": "refusal", "refusal": "No."}]}],
    ],
)  # fmt: skip
def test_a_hit_has_the_events_and_items_of_the_miss(
    client: OpenAI, upstream: Upstream, items: list[dict[str, Any]]
) -> None:
    upstream.routes["/responses"] = responses(*items)
    tools = [TOOL, {"type": "custom", "name": "run"}]
    call = asked(tools=tools) if any("call_id" in item for item in items) else asked()
    miss, hit = (list(client.responses.create(**call, stream=True)) for _ in range(2))
    whole = client.responses.create(**call)

    is_refused = "refusal" in str(items)
    assert len(upstream.calls) == (3 if is_refused else 1)
    assert kinds(miss) == kinds(hit)
    for last in (miss[-1].response, hit[-1].response, whole):
        assert unnamed(last.output) == unnamed(items)
        assert last.status == "completed"
    assert [event.sequence_number for event in hit] == list(range(len(hit)))
    ids = [{item.id for item in events[-1].response.output} for events in (miss, hit)]
    assert not ids[0] & ids[1] or not ids[0] - {None}
    done = [event.item for event in miss if event.type == "response.output_item.done"]
    assert unnamed(done) == unnamed(items)


def test_the_entry_is_shared_with_chats_where_a_chat_says_the_same(client: OpenAI, upstream: Upstream) -> None:
    call = asked()
    messages: Any = [
        {"role": "system", "content": call["instructions"]}, {"role": "user", "content": call["input"]},
    ]  # fmt: skip
    client.responses.create(**call)
    chat = client.chat.completions.create(model=call["model"], messages=messages)

    assert (outcome(chat), chat.choices[0].message.content, len(upstream.calls)) == ("hit_exact", SAID, 1)


def test_a_chat_answers_a_response(client: OpenAI, upstream: Upstream) -> None:
    upstream.default = answer(SAID)
    call = asked()
    messages: Any = [
        {"role": "system", "content": call["instructions"]}, {"role": "user", "content": call["input"]},
    ]  # fmt: skip
    client.chat.completions.create(model=call["model"], messages=messages)

    found = client.responses.create(**call)

    assert (outcome(found), found.output_text, len(upstream.calls)) == ("hit_exact", SAID, 1)


def test_built_in_tools_are_part_of_the_scope(client: OpenAI, upstream: Upstream) -> None:
    call = asked()
    variants: list[Any] = [
        {},
        {"tools": [{"type": "web_search"}]},
        {"include": ["web_search_call.results"]},
        {"truncation": "auto"},
        {"text": {"format": {"type": "text"}, "verbosity": "low"}},
    ]

    outcomes = [outcome(client.responses.create(**call, **each)) for each in [*variants, *variants]]

    assert outcomes == ["miss"] * len(variants) + ["hit_exact"] * len(variants)


def test_an_answer_with_effects_is_not_kept(client: OpenAI, upstream: Upstream) -> None:
    upstream.routes["/responses"] = responses(CODE, MESSAGE)
    call = asked(tools=[{"type": "code_interpreter", "container": {"type": "auto"}}])

    assert [outcome(client.responses.create(**call)) for _ in range(2)] == ["miss", "miss"]


def test_a_cut_answer_is_passed_on_and_not_kept(client: OpenAI, upstream: Upstream) -> None:
    details = {"reason": "max_output_tokens"}
    upstream.routes["/responses"] = responses(MESSAGE, status="incomplete", incomplete_details=details)
    call = asked()
    whole = client.responses.create(**call)
    streamed = list(client.responses.create(**call, stream=True))

    assert (whole.status, streamed[-1].type, len(upstream.calls)) == ("incomplete", "response.incomplete", 2)


def test_a_conversation_goes_on_with_items_of_the_provider(client: OpenAI, upstream: Upstream) -> None:
    upstream.routes["/responses"] = responses(SEALED, THOUGHT, SEARCH, CODE, MESSAGE)
    first = client.responses.create(**asked())
    upstream.routes["/responses"] = responses(MESSAGE)
    second = client.responses.create(model="gpt-5.1", input="And of Italy?", previous_response_id=first.id)
    client.responses.create(model="gpt-5.1", input="Why?", previous_response_id=second.id)

    sent = upstream.calls[-1].body["input"]
    search = {**SEARCH, "id": first.output[2].id}
    plain = {name: value for name, value in MESSAGE.items() if name not in ("id", "status")}
    sealed = {name: value for name, value in SEALED.items() if name != "id"}
    assert sent == [
        {"role": "user", "content": "What is the capital of France?"}, sealed, search, plain,
        {"role": "user", "content": "And of Italy?"}, plain, {"role": "user", "content": "Why?"},
    ]  # fmt: skip
    assert second.previous_response_id == first.id
    assert "previous_response_id" not in upstream.calls[-1].body


def test_random_ids_of_searches_and_calls_do_not_matter(client: OpenAI, upstream: Upstream) -> None:
    upstream.routes["/responses"] = responses(SEARCH, CITED, CUSTOM)
    call = asked(tools=[{"type": "web_search"}, {"type": "custom", "name": "run"}])
    outcomes = []
    for id_ in ("call_a", "call_b"):
        first = client.responses.create(**call)
        said: Any = [{"role": "user", "content": call["input"]}, *(item.to_dict() for item in first.output)]
        said[-1] = {**said[-1], "call_id": id_}
        said.append({"type": "custom_tool_call_output", "call_id": id_, "output": "4"})
        outcomes += [outcome(first), outcome(client.responses.create(**{**call, "input": said}))]

    assert (outcomes, len(upstream.calls)) == (["miss", "miss", "hit_exact", "hit_exact"], 2)


def test_a_reference_to_an_item_is_the_item(client: OpenAI, upstream: Upstream) -> None:
    upstream.routes["/responses"] = responses(SEARCH, MESSAGE)
    first = client.responses.create(**asked())
    said: Any = [{"type": "item_reference", "id": first.output[0].id}, {"role": "user", "content": "Why?"}]
    client.responses.create(model="gpt-5.1", input=said)

    assert upstream.calls[-1].body["input"][0] == {**SEARCH, "id": first.output[0].id}


def test_a_conversation_with_searches_cannot_go_on_by_chat(client: OpenAI, upstream: Upstream) -> None:
    upstream.routes["/responses"] = responses(SEARCH, MESSAGE)
    first = client.responses.create(**asked())

    with pytest.raises(openai.BadRequestError) as told:
        client.responses.create(model="groq/x", input="Why?", previous_response_id=first.id)

    assert (told.value.param, len(upstream.calls)) == ("previous_response_id.input[1].type", 1)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"background": True}, "background"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"prompt": {"id": "pmpt_1"}}, "prompt"),
        ({"tools": [{"type": "file_search", "vector_store_ids": ["vs_1"]}]}, "tools[0].vector_store_ids"),
        ({"tools": [{"type": "code_interpreter", "container": "cntr_1"}]}, "tools[0].container"),
        ({"tools": [{"type": "code_interpreter", "container": {"type": "auto", "file_ids": ["file_1"]}}]},
         "tools[0].container.file_ids"),
        ({"tools": [{"type": "image_generation", "input_image_mask": {"file_id": "file_1"}}]},
         "tools[0].input_image_mask.file_id"),
        ({"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "file_1"}]}]},
         "input[0].content[0].file_id"),
        ({"input": [{"role": "user", "content": [{"type": "input_image", "file_id": "file_1"}]}]},
         "input[0].content[0].file_id"),
        ({"previous_response_id": "resp_upstream"}, "previous_response_id"),
    ],
)  # fmt: skip
def test_names_of_the_providers_account_are_refused(
    client: OpenAI, upstream: Upstream, fields: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.APIStatusError) as told:
        client.responses.create(**asked(**fields))

    assert (told.value.status_code in (400, 404), told.value.param, upstream.calls) == (True, param, [])


def test_a_function_may_have_a_parameter_of_any_name(client: OpenAI, upstream: Upstream) -> None:
    tool = {**TOOL, "parameters": {"type": "object", "properties": {"file_id": {"type": "string"}}}}

    assert outcome(client.responses.create(**asked(tools=[tool]))) == "miss"


def test_another_provider_refuses_what_no_chat_can_carry(client: OpenAI, upstream: Upstream) -> None:
    with pytest.raises(openai.BadRequestError) as told:
        client.responses.create(**asked(model="groq/x", tools=[{"type": "web_search"}]))

    assert (told.value.param, upstream.calls) == ("tools[0].type", [])


@pytest.mark.parametrize("is_streamed", [False, True])
def test_a_providers_refusal_is_its_own(client: OpenAI, upstream: Upstream, is_streamed: bool) -> None:
    upstream.routes["/responses"] = lambda _: failure(400, "Bad tool", param="tools", code="invalid_value")

    with pytest.raises(openai.BadRequestError) as told:
        client.responses.create(**asked(), stream=is_streamed)

    assert (told.value.param, told.value.code, "Bad tool" in str(told.value)) == ("tools", "invalid_value", True)


FAILED = (
    b'{"id":"r","object":"response","status":"failed","output":[],"error":{"code":"rate_limit_exceeded","message":"x"}}'
)


def test_a_failed_response_is_an_error(client: OpenAI, upstream: Upstream) -> None:
    upstream.routes["/responses"] = lambda _: raw(FAILED)

    with pytest.raises(openai.RateLimitError):
        client.responses.create(**asked())


@pytest.mark.parametrize(
    "event",
    [b'{"type":"error","code":"server_error","message":"x"}', b'{"type":"response.failed","response":%s}' % FAILED],
)
def test_an_error_in_a_stream_is_one(client: OpenAI, upstream: Upstream, event: bytes) -> None:
    begun = b'data: {"type":"response.created","response":{"id":"r","output":[],"status":"in_progress"}}\n\n'
    upstream.routes["/responses"] = lambda _: raw(begun + b"data: %s\n\n" % event, content_type="text/event-stream")

    with pytest.raises(openai.APIError):
        list(client.responses.create(**asked(), stream=True))


@pytest.mark.parametrize(
    "said", [b"{}", b"[]", b'{"object":"response","status":"completed"}', b'{"choices":[]}', b"no"]
)
@pytest.mark.parametrize("is_streamed", [False, True])
def test_anything_but_a_response_is_a_502(client: OpenAI, upstream: Upstream, said: bytes, is_streamed: bool) -> None:
    upstream.routes["/responses"] = lambda _: raw(said)

    with pytest.raises(openai.InternalServerError) as told:
        list(client.responses.create(**asked(), stream=is_streamed))

    assert told.value.status_code in (502, 503)
