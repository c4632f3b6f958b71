from __future__ import annotations

from typing import Any

import pytest

from sentinel_core.cache import tool_calls
from sentinel_core.cache.scope import fingerprint
from sentinel_core.chat.messages import LONGEST_JSON, ChatRequest, Message
from tests.support.fakes import chat, completion

TOOLS: list[Any] = [{"type": "function", "function": {"name": name}} for name in ("search", "book")]


def call(id_: str, name: str = "search", arguments: str = "{}") -> dict[str, Any]:
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}


def loop(one: str, two: str, *, result: str = "4") -> ChatRequest:
    messages: tuple[Message, ...] = (
        {"role": "user", "content": "What is it?"},
        {"role": "assistant", "content": None, "tool_calls": [call(one), call(two)]},
        {"role": "tool", "tool_call_id": two, "content": "5"},
        {"role": "tool", "tool_call_id": one, "content": result},
    )
    return ChatRequest("fake", "small", messages, {"tools": TOOLS})


def test_random_ids_do_not_change_the_fingerprint() -> None:
    assert fingerprint(loop("a1", "b2"), "t") == fingerprint(loop("x9", "a1"), "t")


def test_the_call_that_a_result_belongs_to_changes_it() -> None:
    other = loop("a", "b")
    swapped = ChatRequest("fake", "small", (*other.messages[:2], *loop("b", "a").messages[2:]), other.params)

    assert fingerprint(other, "t") != fingerprint(swapped, "t")


def test_ids_of_a_replay_stay_unless_the_conversation_has_one() -> None:
    stored = completion(None, tool_calls=[call("a"), call("b")])

    found = tool_calls.renumbered(stored, loop("b", "c"))

    assert tool_calls.renumbered(stored, loop("c", "d")) == stored

    assert found.message["tool_calls"] == [call("call00002"), call("call00003")]
    assert stored.message["tool_calls"] == [call("a"), call("b")]


@pytest.mark.parametrize(
    ("params", "is_forced"),
    [
        ({"tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "search"}}}, True),
        ({"tools": TOOLS[:1], "tool_choice": "required"}, True),
        ({"functions": [], "function_call": {"name": "search"}}, True),
        ({"tools": TOOLS, "tool_choice": "required"}, False),
        ({"tools": TOOLS, "tool_choice": "auto"}, False),
        ({"tools": TOOLS}, False),
    ],
)
def test_a_named_function_is_forced(params: dict[str, Any], is_forced: bool) -> None:
    assert tool_calls.is_forced(chat(**params)) == is_forced


@pytest.mark.parametrize(
    ("names", "read_only", "may_repeat"),
    [([], [], True), (["search"], [], False), (["search"], ["search"], True), (["search", "book"], ["search"], False)],
)
def test_free_calls_repeat_for_read_only_functions(names: list[str], read_only: list[str], may_repeat: bool) -> None:
    given = completion(None, tool_calls=[call("a", name) for name in names])

    assert tool_calls.may_repeat(given, chat(tools=TOOLS), read_only=read_only, free=False) == may_repeat


@pytest.mark.parametrize(
    ("given", "are_sound"),
    [
        (call("a"), True),
        (call("a", "none"), False),
        (call("a", "search", "{"), False),
        (call("a", "search", "[]"), False),
        (call("a", "search", ""), True),
        (call("a", "search", '{"a": "' + "b" * LONGEST_JSON + '"}'), False),
        ({"id": "a", "type": "custom", "custom": {"name": "x", "input": "y"}}, True),
    ],
    ids=range(7),
)
def test_a_sound_call_names_an_offered_function(given: dict[str, Any], are_sound: bool) -> None:
    assert tool_calls.are_sound(completion(None, tool_calls=[given]), chat(tools=TOOLS)) == are_sound


def test_the_question_of_a_result_is_the_users() -> None:
    assert tool_calls.asked_text(loop("a", "b")) == "What is it?"
