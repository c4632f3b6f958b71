from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.chat.surfaces.anthropic_request import translate as translate_message
from sentinel_core.chat.surfaces.completions import translate as translate_prompt
from sentinel_core.chat.surfaces.fields import Fields
from sentinel_core.chat.surfaces.responses_request import translate
from sentinel_core.chat.surfaces.translated import Translated
from sentinel_core.errors import InvalidRequestError

FILE = {"type": "input_image", "file_id": "f"}
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}


def translated(**body: Any) -> Translated:
    return translate(Fields(body))


def test_text_is_one_user_turn() -> None:
    assert translated(input="Hello") == Translated([{"role": "user", "content": "Hello"}], {}, {})


def test_a_bare_text_part_is_written_as_chat_clients_write_it() -> None:
    item = {"role": "user", "content": [{"type": "input_text", "text": "Hello"}]}

    assert translated(input=[item]) == translated(input="Hello")


def test_a_whole_turn_of_an_agent_is_one_chat() -> None:
    items = [
        {"type": "message", "role": "developer", "content": "Be brief."},
        {
            "role": "user",
            "content": [{"type": "input_text", "text": "Look"}, {"type": "input_image", "image_url": "u"}],
        },
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I call."}]},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
        {"type": "function_call", "call_id": "c2", "name": "g", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "one"},
        {"type": "function_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "two"}]},
    ]
    calls = [
        {"id": id_, "type": "function", "function": {"name": name, "arguments": "{}"}}
        for id_, name in (("c1", "f"), ("c2", "g"))
    ]

    assert translated(instructions="Be kind.", input=items).messages == [
        {"role": "system", "content": "Be kind."},
        {"role": "developer", "content": "Be brief."},
        {
            "role": "user",
            "content": [{"type": "text", "text": "Look"}, {"type": "image_url", "image_url": {"url": "u"}}],
        },
        {"role": "assistant", "content": "I call.", "tool_calls": calls},
        {"role": "tool", "tool_call_id": "c1", "content": "one"},
        {"role": "tool", "tool_call_id": "c2", "content": "two"},
    ]


def test_parameters_have_the_names_of_chat() -> None:
    tool = {"type": "function", "name": "f", "parameters": SCHEMA, "strict": True, "description": None}
    found = translated(
        input="x",
        tools=[tool],
        tool_choice={"type": "function", "name": "f"},
        text={"format": {"type": "json_schema", "name": "n", "schema": SCHEMA, "strict": True}, "verbosity": "low"},
        reasoning={"effort": "low", "summary": "auto"},
        max_output_tokens=9,
        temperature=0.5,
        include=["reasoning.encrypted_content"],
        truncation="disabled",
        store=False,
        user="u",
        service_tier="flex",
    )

    assert found.params == {
        "temperature": 0.5,
        "max_tokens": 9,
        "reasoning_effort": "low",
        "verbosity": "low",
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA, "strict": True}},
        "tools": [{"type": "function", "function": {"name": "f", "parameters": SCHEMA, "strict": True}}],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
    }
    assert found.hints == {"user": "u", "service_tier": "flex"}


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"input": "x", "background": True}, "background"),
        ({"input": "x", "truncation": "auto"}, "truncation"),
        ({"input": "x", "conversation": "c"}, "conversation"),
        ({"input": "x", "include": ["file_search_call.results"]}, "include"),
        ({"input": "x", "tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"input": "x", "tool_choice": {"type": "mcp"}}, "tool_choice.type"),
        ({"input": [{"type": "computer_call"}]}, "input[0].type"),
        ({"input": [{"role": "user", "content": [FILE]}]}, "input[0].content[0].file_id"),
        ({"input": [{"role": "tool", "content": "x"}]}, "input[0].role"),
        ({"input": "x", "text": {"format": {"type": "grammar"}}}, "text.format.type"),
        ({}, "input"),
    ],
)  # fmt: skip
def test_a_field_that_no_chat_can_carry_is_named(body: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        translated(**body)

    assert caught.value.param == param


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "role", "content", "text", "name", "id", "output", "source"]), inner)
    ),
    max_leaves=12,
)
_BODY = st.dictionaries(
    st.sampled_from(
        [
            *("input", "messages", "tools", "tool_choice", "text", "reasoning", "include", "system", "thinking"),
            *("prompt", "metadata", "output_config", "output_format", "context_management", "instructions"),
        ]
    ),
    _JSON,
)


@given(body=_BODY)
@pytest.mark.parametrize("read", [translate, translate_message, translate_prompt])
def test_any_json_is_translated_or_refused_by_name(read: Any, body: Any) -> None:
    try:
        read(Fields(body))
    except InvalidRequestError as error:
        assert error.param  # noqa: PT017  any other exception fails the test
