"""Agents and chats over the whole application: loops replayed, forced functions, read-only functions, scopes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sentinel_core.cache.chat_scope import STANDALONE
from tests.support.fakes import RULES, CountingProvider, completion
from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]
TOOLS = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}} for name in ("search", "book")
]
FORCED = {"type": "function", "function": {"name": "search"}}


def call(id_: str, name: str = "search") -> dict[str, Any]:
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": '{"q":"x"}'}}


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def calling(*names: str, times: int = 2) -> CountingProvider:
    provider = CountingProvider()
    for turn in range(times):
        calls: Any = [call(f"id{turn}{place}", name) for place, name in enumerate(names)]
        provider.queue.append(completion(None, finish_reason="tool_calls", tool_calls=calls))
    return provider


async def ask(it: Api, messages: list[Any], headers: dict[str, str] | None = None, **params: Any) -> Any:
    body = {"messages": messages, **params}
    response = await it.client.post("/v1/chat/completions", json=body, headers=headers or {})
    assert response.status_code == 200, response.text
    return response.json()


async def outcomes(it: Api, *asked: list[Any], headers: dict[str, str] | None = None, **params: Any) -> list[str]:
    return [(await ask(it, messages, headers, **params))["sentinel"]["outcome"] for messages in asked]


def turn(id_: str, result: str = "4") -> list[Any]:
    called = {"role": "assistant", "content": None, "tool_calls": [call(id_)]}
    return [user("how much is a bond"), called, {"role": "tool", "tool_call_id": id_, "content": result}]


async def test_a_turn_that_ends_in_a_result_is_exact_reuse_of_its_history(api: Build) -> None:
    it = api()

    found = await outcomes(it, turn("a"), turn("b"), turn("a", "5"), tools=TOOLS)

    assert found == ["miss", "hit_exact", "miss"]


async def test_a_forced_function_is_kept_for_the_same_words_only(api: Build) -> None:
    it = api(provider=calling("search"))

    words = [user("find one two three"), user("find one two three"), user("find one two three please")]
    found = await outcomes(it, *([each] for each in words), tools=TOOLS, tool_choice=FORCED)

    assert found == ["miss", "hit_exact", "miss"]


async def test_a_free_function_is_asked_for_each_time(api: Build) -> None:
    assert await outcomes(api(provider=calling("search")), *[[user("find x")]] * 2, tools=TOOLS) == ["miss", "miss"]


async def test_read_only_functions_are_found_by_meaning_where_declared(api: Build) -> None:
    it = api(provider=calling("search", times=4))
    declared = {"x-sentinel-read-only-tools": "lookup, search"}
    asked = [[user("find one two three")], [user("find one two three please")]]

    assert await outcomes(it, *asked, headers=declared, tools=TOOLS) == ["miss", "hit_semantic"]
    assert await outcomes(it, *asked, tools=TOOLS) == ["miss", "miss"]


async def test_a_function_beside_a_read_only_one_is_not_repeated(api: Build) -> None:
    it = api(provider=calling("search", "book"))
    declared = {"x-sentinel-read-only-tools": "search"}

    assert await outcomes(it, *[[user("find x")]] * 2, headers=declared, tools=TOOLS) == ["miss", "miss"]


async def test_a_repeated_call_has_an_id_of_its_own(api: Build) -> None:
    it = api(provider=calling("search", times=1))
    ids = [
        (await ask(it, turn(id_), tools=TOOLS, tool_choice=FORCED))["choices"][0]["message"]["tool_calls"][0]["id"]
        for id_ in ("other", "other", "id00")
    ]

    assert ids == ["id00", "id00", "call00001"]


ALONE = "What is the capital of France?"


def chat(first: str, last: str = ALONE) -> list[Any]:
    return [user(first), {"role": "assistant", "content": "Ok."}, user(last)]


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({}, "hit_exact"),
        ({"x-sentinel-chat-scope": "full"}, "miss"),
        ({"x-sentinel-chat-scope": "last:1"}, "hit_exact"),
        ({"x-sentinel-chat-scope": "last:1, full"}, "miss"),
    ],
)
async def test_a_question_that_stands_alone_needs_no_history(api: Build, headers: dict[str, str], found: str) -> None:
    it = api(rules=replace(RULES, chat_scope=STANDALONE))

    assert await outcomes(it, chat("hello"), chat("good day"), headers=headers) == ["miss", found]


async def test_a_question_that_refers_back_needs_its_history(api: Build) -> None:
    it = api(rules=replace(RULES, chat_scope=STANDALONE))

    found = await outcomes(it, chat("a bond", "How much is it?"), chat("a share", "How much is it?"))

    assert found == ["miss", "miss"]


async def test_an_answer_that_leans_on_the_history_is_not_kept(api: Build) -> None:
    provider = CountingProvider()
    provider.queue.append(completion("As you said, Paris."))
    it = api(provider=provider, rules=replace(RULES, chat_scope=STANDALONE))

    found = [(await ask(it, chat(said)))["sentinel"] for said in ("hello", "good day", "good morning")]

    assert [each["unstored"] for each in found] == ["refers-back", None, None]
    assert [each["outcome"] for each in found] == ["miss", "miss", "hit_exact"]


async def test_a_caller_cannot_loosen_the_scope(api: Build) -> None:
    it = api()
    headers = {"x-sentinel-chat-scope": "standalone"}

    assert await outcomes(it, chat("hello"), chat("good day"), headers=headers) == ["miss", "miss"]


async def test_the_provider_is_sent_the_whole_history(api: Build) -> None:
    it = api(rules=replace(RULES, chat_scope=STANDALONE))
    await ask(it, chat("hello"))

    assert list(it.world.provider.requests[0].messages) == chat("hello")


@pytest.mark.parametrize("name", ["x-sentinel-chat-scope", "x-sentinel-read-only-tools", "x-sentinel-eager"])
async def test_a_bad_header_is_refused_by_name(api: Build, name: str) -> None:
    response = await api().client.post("/v1/chat/completions", json={"messages": [user("x")]}, headers={name: "a b"})

    assert (response.status_code, response.json()["error"]["param"]) == (400, name)


async def test_answers_that_rest_on_a_tool_live_as_long_as_it_allows(api: Build) -> None:
    it = api(rules=replace(RULES, tool_ttls=(("search", 50.0), ("book", 1.0))))
    headers = {"x-sentinel-tool-ttl": "search=20, other=1"}
    asked, plain = turn("a"), [user("what is a bond")]

    found = await outcomes(it, asked, plain, headers=headers, tools=TOOLS)
    it.world.clock.advance(19.0)
    found += await outcomes(it, asked, plain, headers=headers, tools=TOOLS)
    it.world.clock.advance(2.0)
    found += await outcomes(it, asked, plain, headers=headers, tools=TOOLS)

    assert found == ["miss", "miss", "hit_exact", "hit_exact", "miss", "hit_exact"]


@pytest.mark.parametrize("value", ["search", "search=", "=5", "search=-1", "search=5;book=6", "s" * 65 + "=1", "a=nan"])
async def test_a_lifetime_by_tool_that_is_none_is_refused(api: Build, value: str) -> None:
    response = await api().client.post(
        "/v1/chat/completions", json={"messages": [user("hi")]}, headers={"x-sentinel-tool-ttl": value}
    )

    assert (response.status_code, response.json()["error"]["param"]) == (400, "x-sentinel-tool-ttl")
