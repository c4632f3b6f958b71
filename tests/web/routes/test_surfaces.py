"""Responses, Messages and Completions over the whole application: one cache, own shapes, own errors, right order."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import pytest

from sentinel_core.cache.operator_rules import Rules
from sentinel_core.chat.messages import ChatRequest, Chunk, Completion
from sentinel_core.chat.streaming import replay
from sentinel_core.chat.usage import write
from sentinel_core.errors import ProviderRateLimitedError, ProviderUnavailableError
from sentinel_core.stores.memory_counts import MemoryCounts
from sentinel_core.tenants.api_key import Limits
from sentinel_core.tenants.limits import Limiter
from sentinel_core.web.routes.responses import MOST_REFERENCES
from tests.support.fakes import RULES, USAGE, CountingProvider, FakeClock
from tests.tenants.doors import MemoryKeys, directory, key_of, shown_to
from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]
ASKED = "What is a bond?"
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
TOOL_RULES: Rules = replace(RULES, store_tool_calls=True)


class Saying(CountingProvider):
    """Answers each request with one message, streamed word by word."""

    def __init__(self, finish_reason: str = "stop", **message: Any) -> None:
        super().__init__()
        self.completion = Completion("fake", "small", {"role": "assistant", **message}, finish_reason, USAGE)

    async def complete(self, request: ChatRequest, *, timeout: float) -> Completion:
        self.requests.append(request)
        return self.completion

    async def stream(
        self, request: ChatRequest, *, timeout: float, patience: float | None = None
    ) -> AsyncGenerator[Chunk, None]:
        self.requests.append(request)
        for chunk in replay(self.completion, id="c", created=0, usage=write(USAGE), pieces=lambda text: text):
            yield chunk


THOUGHTFUL: dict[str, Any] = {"content": "A loan.", "reasoning_content": "Think.", "tool_calls": [CALL]}
"""In the order of a plain answer, where thoughts come last."""

BODIES: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": [{"role": "user", "content": ASKED}], "max_tokens": 9},
    "/v1/responses": {"input": ASKED, "max_output_tokens": 9},
    "/v1/messages": {"model": "small", "messages": [{"role": "user", "content": ASKED}], "max_tokens": 9},
    "/v1/completions": {"prompt": ASKED, "max_tokens": 9},
}


async def post(it: Api, path: str, **extra: Any) -> Any:
    response = await it.client.post(path, json={**BODIES[path], **extra})
    assert response.status_code == 200, response.text
    return response.json()


async def stream(it: Api, path: str, **extra: Any) -> list[dict[str, Any]]:
    response = await it.client.post(path, json={**BODIES[path], "stream": True, **extra})
    lines = [line.removeprefix("data: ") for line in response.text.split("\n") if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


@pytest.mark.parametrize("first", BODIES)
async def test_a_question_asked_through_one_surface_hits_through_all_others(api: Build, first: str) -> None:
    it = api(provider=Saying(content="A loan."))
    await post(it, first)

    outcomes = {path: (await post(it, path))["sentinel"]["outcome"] for path in BODIES}

    assert outcomes == dict.fromkeys(BODIES, "hit_exact")


async def test_a_response_has_openais_shape(api: Build) -> None:
    body = await post(api(provider=Saying(**THOUGHTFUL), rules=TOOL_RULES), "/v1/responses", model="small")

    id_ = body["id"].removeprefix("resp_")
    assert body["output"] == [
        {"id": f"rs_{id_}_0", "type": "reasoning", "summary": [{"type": "summary_text", "text": "Think."}]},
        {
            "id": f"msg_{id_}_1",
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "A loan.", "annotations": [], "logprobs": []}],
        },
        {
            "id": f"fc_{id_}_2",
            "type": "function_call",
            "status": "completed",
            "arguments": '{"a":1}',
            "call_id": "call_1",
            "name": "f",
        },
    ]
    assert body["usage"] == {
        "input_tokens": 7,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 12,
    }


async def test_a_message_has_anthropics_shape(api: Build) -> None:
    body = await post(api(provider=Saying("tool_calls", **THOUGHTFUL)), "/v1/messages")

    assert {name: body[name] for name in body if name not in ("id", "sentinel")} == {
        "type": "message",
        "role": "assistant",
        "model": "small",
        "content": [
            {"type": "thinking", "thinking": "Think.", "signature": ""},
            {"type": "text", "text": "A loan."},
            {"type": "tool_use", "id": "call_1", "name": "f", "input": {"a": 1}},
        ],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 7,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": 5,
        },
    }


@pytest.mark.parametrize("path", BODIES)
async def test_a_streamed_hit_has_the_events_of_the_miss_in_their_order(api: Build, path: str) -> None:
    it = api(provider=Saying(**THOUGHTFUL), rules=TOOL_RULES)
    miss = await stream(it, path, **({"stream_options": {"include_usage": True}} if "chat" in path else {}))
    hit = await stream(it, path, **({"stream_options": {"include_usage": True}} if "chat" in path else {}))

    assert [kind for kind, _ in groupby(map(kind_of, hit))] == [kind for kind, _ in groupby(map(kind_of, miss))]
    assert it.world.provider.calls == 1


def kind_of(event: dict[str, Any]) -> Any:
    """What an event is, without its text."""
    if "type" in event:
        return event["type"], event.get("delta", {}).get("type") if isinstance(event.get("delta"), dict) else None
    choices = event["choices"]
    return [(sorted(choice.get("delta", {})), choice["finish_reason"]) for choice in choices], "usage" in event


async def test_a_plain_answer_streams_its_thoughts_first(api: Build) -> None:
    it = api(provider=Saying(content="A loan.", reasoning="Think.", annotations=[{"type": "url_citation"}]))
    await post(it, "/v1/chat/completions")

    events = await stream(it, "/v1/chat/completions")

    assert [event["choices"][0]["delta"] for event in events] == [
        {"role": "assistant", "content": ""},
        {"reasoning": "Think."},
        {"content": "A loan."},
        {"annotations": [{"type": "url_citation"}]},
        {},
    ]


async def test_the_events_of_a_stream_build_the_plain_answer(api: Build) -> None:
    it = api(provider=Saying(**THOUGHTFUL), rules=TOOL_RULES)
    plain = await post(it, "/v1/responses")
    last = (await stream(it, "/v1/responses"))[-1]["response"]

    def without_ids(output: Any) -> Any:
        return [{name: value for name, value in item.items() if name not in ("id", "call_id")} for item in output]

    assert without_ids(last["output"]) == without_ids(plain["output"])


async def test_a_response_goes_on_from_a_kept_one(api: Build) -> None:
    it = api(provider=Saying(content="A loan."))
    first = await post(it, "/v1/responses", instructions="Be brief.")

    await post(it, "/v1/responses", input="And a share?", previous_response_id=first["id"])

    assert list(it.world.provider.requests[-1].messages) == [
        {"role": "user", "content": ASKED},
        {"role": "assistant", "content": "A loan."},
        {"role": "user", "content": "And a share?"},
    ]


async def test_an_item_of_a_kept_response_may_be_referred_to(api: Build) -> None:
    it = api(provider=Saying(content="A loan."))
    item = (await post(it, "/v1/responses"))["output"][0]["id"]

    asked = {"role": "user", "content": "More."}
    await post(it, "/v1/responses", input=[{"type": "item_reference", "id": item}, asked])

    assert list(it.world.provider.requests[-1].messages) == [{"role": "assistant", "content": "A loan."}, asked]


async def test_many_references_to_kept_items_are_refused(api: Build) -> None:
    it = api(provider=Saying(content="A loan."))
    item = (await post(it, "/v1/responses"))["output"][0]["id"]
    references = [{"type": "item_reference", "id": item}] * (MOST_REFERENCES + 1)
    asked = {"role": "user", "content": "More."}

    refused = await it.client.post("/v1/responses", json={"input": references})
    most = await it.client.post("/v1/responses", json={"input": [*references[1:], asked]})

    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "input")
    assert most.status_code == 200


async def test_a_response_that_is_not_stored_is_not_found(api: Build) -> None:
    it = api(provider=Saying(content="A loan."))
    first = await post(it, "/v1/responses", store=False)

    assert (await it.client.get(f"/v1/responses/{first['id']}")).status_code == 404


async def test_no_store_keeps_no_response(api: Build) -> None:
    it = api(provider=Saying(content="A loan."))
    given = await it.client.post("/v1/responses", json={"input": ASKED}, headers={"cache-control": "no-store"})

    assert (await it.client.get(f"/v1/responses/{given.json()['id']}")).status_code == 404


async def test_limits_are_told_in_anthropics_headers(api: Build, clock: FakeClock) -> None:
    kept = MemoryKeys(key_of("acme", limits=Limits(requests_per_minute=5)))
    it = api(directory=directory(clock, kept), limiter=Limiter(MemoryCounts(clock), clock=clock))

    own = {"x-api-key": shown_to("acme")}
    response = await it.client.post("/v1/messages", json=BODIES["/v1/messages"], headers=own)

    told = {name.removeprefix("anthropic-ratelimit-requests-"): text for name, text in response.headers.items()}
    assert (told["limit"], told["remaining"]) == ("5", "4")
    assert datetime.fromisoformat(told["reset"]).tzinfo is UTC


async def test_a_deleted_response_is_not_found(api: Build) -> None:
    it = api(provider=Saying(content="A loan."))
    path = f"/v1/responses/{(await post(it, '/v1/responses'))['id']}"

    codes = [(await ask(path)).status_code for ask in (it.client.get, it.client.delete, it.client.get)]

    assert codes == [200, 200, 404]


async def test_a_kept_response_is_neither_streamed_nor_cancelled(api: Build) -> None:
    it = api(provider=Saying(content="A loan."))
    path = f"/v1/responses/{(await post(it, '/v1/responses'))['id']}"

    streamed, whole = await it.client.get(f"{path}?stream=true"), await it.client.get(f"{path}?stream=false")
    cancelled, unknown = [await it.client.post(f"{each}/cancel") for each in (path, f"{path[:-4]}ffff")]

    assert (streamed.status_code, streamed.json()["error"]["param"]) == (400, "stream")
    assert whole.json()["status"] == "completed"
    assert (cancelled.status_code, cancelled.json()["error"]["code"]) == (400, "not_background")
    assert unknown.status_code == 404


async def test_input_items_come_in_pages_as_openai_lists_them(api: Build) -> None:
    it = api(provider=Saying(content="A loan."))
    given = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]
    path = f"/v1/responses/{(await post(it, '/v1/responses', input=given))['id']}/input_items"

    first = (await it.client.get(f"{path}?limit=2")).json()
    second = (await it.client.get(f"{path}?limit=2&after={first['last_id']}")).json()
    oldest = (await it.client.get(f"{path}?order=asc&limit=1")).json()
    codes = [(await it.client.get(f"{path}?{bad}")).status_code for bad in ("after=none", "limit=0", "order=up")]

    texts = [[each["content"][0] for each in page["data"]] for page in (first, second, oldest)]
    assert texts == [
        [{"type": "input_text", "text": "c"}, {"type": "output_text", "text": "b"}],
        [{"type": "input_text", "text": "a"}],
        [{"type": "input_text", "text": "a"}],
    ]
    assert [page["has_more"] for page in (first, second, oldest)] == [True, False, True]
    assert codes == [400, 422, 422]


async def test_a_foreign_response_is_not_found(api: Build, clock: Any) -> None:
    kept = MemoryKeys(key_of("acme"), key_of("globex"))
    it = api(provider=Saying(content="A loan."), directory=directory(clock, kept))
    own, foreign = ({"x-api-key": shown_to(tenant)} for tenant in ("acme", "globex"))
    asked = {"input": ASKED, "user": "anna"}
    id_ = (await it.client.post("/v1/responses", json=asked, headers=own)).json()["id"]
    path = f"/v1/responses/{id_}"

    anna, bert = {**own, "x-sentinel-user": "anna"}, {**own, "x-sentinel-user": "bert"}
    codes = [
        (await it.client.get(path, headers=headers)).status_code
        for headers in (anna, bert, own, {**foreign, "x-sentinel-user": "anna"})
    ]

    assert codes == [200, 404, 404, 404]


async def test_anthropics_routes_have_anthropics_errors(api: Build) -> None:
    provider = CountingProvider()
    provider.queue.append(ProviderRateLimitedError("slow down", provider="fake", retry_after=3))
    it = api(provider=provider)

    response = await it.client.post("/v1/messages", json=BODIES["/v1/messages"])

    assert (response.status_code, response.headers["retry-after"]) == (429, "3")
    assert response.json() == {
        "type": "error",
        "error": {"type": "rate_limit_error", "message": "slow down"},
        "request_id": response.headers["request-id"],
    }


@pytest.mark.parametrize(
    ("path", "last"),
    [
        ("/v1/responses", "error"),
        ("/v1/messages", "error"),
        ("/v1/completions", None),
    ],
)
async def test_a_broken_stream_ends_with_the_surfaces_own_error(api: Build, path: str, last: str | None) -> None:
    class Breaking(Saying):
        async def stream(
            self, request: ChatRequest, *, timeout: float, patience: float | None = None
        ) -> AsyncGenerator[Chunk, None]:
            yield {"model": "m", "choices": [{"index": 0, "delta": {"content": "A"}, "finish_reason": None}]}
            raise ProviderUnavailableError("gone", provider="fake")

    event = (await stream(api(provider=Breaking()), path))[-1]

    assert (event.get("type"), event["error"]["message"]) == (last, "gone")


async def test_the_tokens_of_a_message_are_estimated(api: Build) -> None:
    it = api()
    body = {"model": "small", "messages": [{"role": "user", "content": "hello world"}]}

    response = await it.client.post("/v1/messages/count_tokens", json=body)

    assert (response.json(), it.world.provider.calls) == ({"input_tokens": 8}, 0)
