from __future__ import annotations

from typing import Any

import pytest

from sentinel_core.chat.messages import Json, Message
from sentinel_core.chat.surfaces.anthropic_request import translate
from sentinel_core.chat.surfaces.carry import Carry
from sentinel_core.chat.surfaces.fields import Fields
from sentinel_core.chat.surfaces.translated import Translated
from sentinel_core.errors import InvalidRequestError

ASKED: Message = {"role": "user", "content": "Hello"}
NO = {"type": "text", "text": "no"}


def translated(**body: Any) -> Translated:
    return translate(Fields({"messages": [dict(ASKED)], **body}))


def test_system_and_text_blocks_are_what_chat_clients_write() -> None:
    block = {"type": "text", "text": "Hello", "cache_control": {"type": "ephemeral"}}
    found = translated(
        system=[{"type": "text", "text": "Be brief."}, {"type": "text", "text": "Be kind."}],
        messages=[{"role": "user", "content": [block]}],
        max_tokens=5,
        stop_sequences=["END"],
    )

    system = {"role": "system", "content": "Be brief.\nBe kind."}
    assert found == Translated([system, ASKED], {"max_tokens": 5, "stop": ["END"]}, {})


def test_a_turn_with_tool_results_is_a_chat_with_tool_messages() -> None:
    source = {"type": "base64", "media_type": "image/png", "data": "AA=="}
    turns = [
        ASKED,
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "Hm", "signature": "s"},
                {"type": "text", "text": "I call."},
                {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": [NO], "is_error": True},
                {"type": "text", "text": "And this?"},
                {"type": "image", "source": source},
            ],
        },
    ]  # fmt: skip
    call = {"id": "t1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}

    assert translated(messages=turns).messages == [
        ASKED,
        {"role": "assistant", "content": "I call.", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "t1", "content": "Error: no"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "And this?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
            ],
        },
    ]


def test_tools_thinking_and_formats_have_the_names_of_chat() -> None:
    schema = {"type": "object"}
    found = translated(
        tools=[{"name": "f", "description": "d", "input_schema": schema}],
        tool_choice={"type": "tool", "name": "f", "disable_parallel_tool_use": True},
        thinking={"type": "enabled", "budget_tokens": 10_000},
        output_format={"type": "json_schema", "schema": schema},
        metadata={"user_id": "u" * 65},
    )

    assert found.params == {
        "tools": [{"type": "function", "function": {"name": "f", "description": "d", "parameters": schema}}],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
        "parallel_tool_calls": False,
        "reasoning_effort": "medium",
        "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}},
    }
    assert found.hints == {"user": "f20e249d15fa4b9f44ba21d154f62e1efa76ddfdce5d25139a33a4787cee5a8b"}


def test_anthropics_own_chat_is_sent_the_thinking_as_it_is() -> None:
    thinking: Json = {"type": "enabled", "budget_tokens": 2_000}

    found = translate(Fields({"messages": [dict(ASKED)], "thinking": thinking}), Carry(is_native=True))

    assert found.params == {"thinking": thinking}


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"tools": [{"type": "bash_20250124", "name": "bash"}]}, "tools[0].type"),
        ({"mcp_servers": [{}]}, "mcp_servers"),
        ({"container": "c"}, "container"),
        ({"messages": [{"role": "user", "content": [{"type": "search_result"}]}]}, "messages[0].content[0].type"),
        ({"messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "file"}}]}]},
         "messages[0].content[0].source.type"),
        ({"context_management": {"edits": [{"type": "compact_20260112"}]}}, "context_management.edits[0].type"),
    ],
)  # fmt: skip
def test_a_field_that_no_chat_can_carry_is_named(body: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        translated(**body)

    assert caught.value.param == param


def test_fields_of_anthropic_alone_are_named_for_other_providers() -> None:
    carry = Carry(is_native=True)
    tool: dict[str, Any] = {"type": "web_search_20250305", "name": "web_search", "cache_control": {"type": "ephemeral"}}
    found = translate(Fields({"messages": [dict(ASKED)], "tools": [tool], "container": "c"}), carry)

    assert found.params == {"tools": [{"type": "web_search_20250305", "name": "web_search"}], "container": "c"}
    assert carry.only == "container"
