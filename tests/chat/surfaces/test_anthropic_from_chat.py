from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel_core.chat.messages import ChatRequest, Native
from sentinel_core.chat.surfaces.anthropic_from_chat import body_of, refused

USER = {"role": "user", "content": "Hi"}
ASKED = {"role": "user", "content": [{"type": "text", "text": "Hi"}]}


def request(*messages: Any, model: str = "claude-haiku-4-5", hints: Any = None, **params: Any) -> ChatRequest:
    return ChatRequest("anthropic", model, messages or (USER,), params, hints or {})


def test_results_of_tools_join_the_turn_after_them() -> None:
    function = {"name": "f", "arguments": "{"}
    turns = [
        {"role": "developer", "content": "Be kind."},
        USER,
        {"role": "assistant", "content": "", "tool_calls": [{"id": "t", "type": "function", "function": function}]},
        {"role": "tool", "tool_call_id": "t", "content": "18"},
        {"role": "user", "content": "And?"},
    ]
    result = {"type": "tool_result", "tool_use_id": "t", "content": "18"}

    assert body_of(request(*turns, max_tokens=5)) == {
        "model": "claude-haiku-4-5",
        "max_tokens": 5,
        "system": [{"type": "text", "text": "Be kind."}],
        "messages": [
            ASKED,
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {}}]},
            {"role": "user", "content": [result, {"type": "text", "text": "And?"}]},
        ],
    }


def test_parameters_have_the_names_of_anthropic() -> None:
    schema = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}}
    tool = {"type": "function", "function": {"name": "f"}, "cache_control": {"type": "ephemeral"}}
    found = body_of(
        request(
            max_completion_tokens=9,
            temperature=1.5,
            stop="END",
            tools=[tool],
            tool_choice="required",
            parallel_tool_calls=False,
            response_format=schema,
            top_k=3,
            hints={"user": "u", "service_tier": "default"},
        )
    )

    assert found == {
        "model": "claude-haiku-4-5",
        "max_tokens": 9,
        "messages": [ASKED],
        "temperature": 1.0,
        "stop_sequences": ["END"],
        "tools": [
            {"name": "f", "input_schema": {"type": "object", "properties": {}}, "cache_control": {"type": "ephemeral"}}
        ],
        "tool_choice": {"type": "any", "disable_parallel_tool_use": True},
        "output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}},
        "metadata": {"user_id": "u"},
        "service_tier": "standard_only",
        "top_k": 3,
    }


@pytest.mark.parametrize(
    ("model", "most", "effort"),
    [
        ("claude-3-haiku-20240307", 4_096, {"thinking": {"type": "enabled", "budget_tokens": 4_095}}),
        ("claude-3-5-haiku-latest", 8_192, {"thinking": {"type": "enabled", "budget_tokens": 4_096}}),
        ("claude-opus-4-5", 32_000, {"output_config": {"effort": "medium"}}),
    ],
)
def test_each_model_has_its_own_limit_and_effort(model: str, most: int, effort: dict[str, Any]) -> None:
    found = body_of(request(model=model, reasoning_effort="medium"))

    assert found == {"model": model, "max_tokens": most, "messages": [ASKED], **effort}


def test_pictures_and_files_are_blocks() -> None:
    parts = [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
        {"type": "image_url", "image_url": {"url": "https://x.org/a.png"}, "cache_control": {"type": "ephemeral"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AA=="}},
    ]

    assert body_of(request({"role": "user", "content": parts}))["messages"][0]["content"] == [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}},
        {
            "type": "image",
            "source": {"type": "url", "url": "https://x.org/a.png"},
            "cache_control": {"type": "ephemeral"},
        },
        {
            "type": "document",
            "source": {"type": "base64", "media_type": "application/pdf", "data": "AA=="},
            "title": "a.pdf",
        },
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [("seed", 1), ("logprobs", True), ("response_format", {"type": "json_object"}), ("functions", [{}])],
)
def test_what_anthropic_cannot_carry_is_refused_by_name(name: str, value: Any) -> None:
    problem = refused(request(**{name: value}))

    assert problem is not None
    assert problem[0] == name


def test_defaults_of_clients_are_not_refused() -> None:
    assert refused(request(presence_penalty=0, frequency_penalty=0.0, logprobs=False, logit_bias={})) is None


def test_sound_is_refused_by_its_place() -> None:
    content = [{"type": "input_audio", "input_audio": {}}]

    assert refused(request({"role": "user", "content": content})) == (
        "messages[0].content[0].type",
        "anthropic takes no sound",
    )


def test_a_native_request_goes_as_it_came() -> None:
    body: Any = {"model": "anthropic/claude", "messages": [USER], "system": [{"type": "text", "text": "x"}]}

    assert body_of(ChatRequest("anthropic", "claude", (USER,), native=Native("anthropic", body))) == {
        **body,
        "model": "claude",
    }


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "text", "image_url", "file", "function", "id", "name"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
FIELDS = (
    "stop",
    "tools",
    "tool_choice",
    "response_format",
    "reasoning_effort",
    "max_tokens",
    "temperature",
    "thinking",
)


@settings(max_examples=3 * settings().max_examples)
@given(
    st.dictionaries(st.sampled_from(FIELDS), ANY, max_size=3), ANY, ANY, st.sampled_from(["user", "assistant", "tool"])
)
def test_any_chat_can_be_written(params: dict[str, Any], content: Any, calls: Any, role: str) -> None:
    message = {"role": role, "content": content, "tool_calls": calls, "anthropic": content}
    asked = request(message, **params)
    refused(asked)

    assert json.loads(json.dumps(body_of(asked)))["model"] == "claude-haiku-4-5"
