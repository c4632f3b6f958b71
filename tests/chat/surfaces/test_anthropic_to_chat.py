from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel_core.chat.messages import Usage
from sentinel_core.chat.streaming import Collector
from sentinel_core.chat.surfaces.anthropic_to_chat import EventReader, completion, is_message, usage_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
NAMES = ("type", "index", "message", "content_block", "delta", "usage", "stop_reason", "text", "input", "id", "name")
KINDS = (
    *("message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta"),
    *("text", "tool_use", "text_delta", "input_json_delta", "citations_delta"),
)
INNER = st.dictionaries(st.sampled_from((*NAMES, "partial_json", "citations")), st.sampled_from(KINDS) | VALUES)
EVENTS = st.fixed_dictionaries(
    {"type": st.sampled_from(KINDS)},
    optional={
        "index": st.integers(-1, 2),
        **dict.fromkeys(("message", "content_block", "delta", "usage"), INNER | VALUES),
    },
)


@settings(max_examples=2 * settings().max_examples)
@given(st.lists(EVENTS, max_size=8), st.booleans())
def test_any_events_are_read(events: list[dict[str, Any]], is_native: bool) -> None:
    reader, collector = EventReader("m", is_native), Collector(provider="anthropic", model="m")
    for event in events:
        chunk = reader.read(event)
        if chunk is not None:
            collector.add(chunk)

    assert collector.completion().provider == "anthropic"


@settings(max_examples=2 * settings().max_examples)
@given(st.lists(INNER | VALUES, max_size=4), VALUES, VALUES)
def test_any_message_is_read(content: list[Any], reason: Any, usage: Any) -> None:
    payload = {"type": "message", "content": content, "stop_reason": reason, "usage": usage}

    assert is_message(payload)
    assert completion(payload, provider="anthropic", model="m", is_native=False).model == "m"


@pytest.mark.parametrize("value", [None, {}, {"input_tokens": -1}, {"input_tokens": True}, {"input_tokens": "5"}, [1]])
def test_usage_that_cannot_be_read_is_unknown(value: Any) -> None:
    assert usage_of(value) is None


def test_tokens_of_the_prompt_cache_belong_to_the_prompt() -> None:
    kinds = {"ephemeral_1h_input_tokens": 99}
    told = {"input_tokens": 1, "cache_read_input_tokens": 2, "cache_creation_input_tokens": 4, "cache_creation": kinds}

    assert usage_of(told) == Usage(prompt_tokens=7, cached_tokens=2, written_tokens=4, hour_tokens=4)
