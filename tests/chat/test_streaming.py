"""Answers put together from chunks and taken apart into them."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.devtools.http.replies import DEFAULT_USAGE, Call, answer
from scripts.devtools.http.upstream import chunks
from sentinel_core.chat import usage
from sentinel_core.chat.messages import Chunk, Completion, Usage
from sentinel_core.chat.streaming import Collector, answered_by, replay, visible

CALLS = [
    {"id": "call_1", "type": "function", "function": {"name": "look_up", "arguments": '{"city": "Paris"}'}},
    {"id": "call_2", "type": "function", "function": {"name": "look_up", "arguments": "{}"}},
]


def chunk(delta: Any, finish_reason: str | None = None, *, index: int = 0, **fields: Any) -> Chunk:
    return {"choices": [{"index": index, "delta": delta, "finish_reason": finish_reason}], **fields}


def collected(stream: Iterable[Chunk]) -> Completion | None:
    collector = Collector(provider="groq", model="asked")
    for each in stream:
        collector.add(each)
    return collector.completion()


def message_of(*deltas: Any) -> Any:
    completion = collected([*(chunk(delta) for delta in deltas), chunk({}, "stop")])
    return completion and completion.message


@pytest.mark.parametrize(
    "message",
    [
        {"content": "The capital of France is Paris."},
        {"content": ""},
        {"content": None},
        {"content": None, "tool_calls": CALLS},
        {"content": None, "refusal": "I cannot help with that."},
        {"content": "Paris.", "reasoning": "The user asks for a capital.", "executed_tools": [{"a": 1}, {"a": 2}]},
        {"content": "Paris.", "new_field": {"deep": [1, None, {"x": "y"}]}, "flag": True},
    ],
)
def test_what_an_upstream_streams_is_what_it_would_have_answered(message: dict[str, Any]) -> None:
    whole = {"role": "assistant", **message}
    stream = chunks(answer(message=whole), Call("/", {}, {"model": "m", "stream_options": {"include_usage": True}}))

    assert collected(stream) == Completion("groq", "m", whole, "stop", Usage(500, 300, 100, 50))


@pytest.mark.parametrize("reason", ["length", "content_filter", "tool_calls"])
def test_the_reason_an_answer_ended_is_kept(reason: str) -> None:
    assert collected([chunk({"content": "x"}), chunk({}, reason)]) == Completion(
        "groq", "asked", {"role": "assistant", "content": "x"}, reason
    )


def test_an_answer_that_did_not_end_has_no_reason_to_have_ended() -> None:
    assert collected([]) == Completion("groq", "asked", {"role": "assistant"}, "")
    assert collected([chunk({"role": "assistant", "content": "half"})]) == Completion(
        "groq", "asked", {"role": "assistant", "content": "half"}, ""
    )


def test_of_several_answers_the_first_is_kept() -> None:
    chunks = [chunk({"content": "b"}, "length", index=1), chunk({"content": "a"}, "stop")]

    assert collected(chunks) == Completion("groq", "asked", {"role": "assistant", "content": "a"}, "stop")


def test_groqs_usage_is_found_where_it_puts_it() -> None:
    completion = collected([chunk({"content": "x"}), chunk({}, "stop", x_groq={"usage": DEFAULT_USAGE})])

    assert completion is not None
    assert completion.usage == Usage(500, 300, 100, 50)


def test_usage_that_is_not_said_stays_unknown() -> None:
    completion = collected([chunk({"content": "x"}, "stop", usage=None)])

    assert completion is not None
    assert completion.usage is None


def test_the_provider_a_chain_names_is_the_one_that_answered() -> None:
    completion = collected([chunk({"content": "x"}, "stop", model="m", x_sentinel={"provider": "openai"})])

    assert completion == Completion("openai", "m", {"role": "assistant", "content": "x"}, "stop")


def test_tool_calls_that_come_in_turns_do_not_mix() -> None:
    assert message_of(
        {"tool_calls": [{"index": 1, "id": "b", "type": "function", "function": {"name": "g", "arguments": ""}}]},
        {"tool_calls": [{"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": "{"}}]},
        {"tool_calls": [{"index": 1, "function": {"arguments": "[]"}}, {"index": 0, "function": {"arguments": "}"}}]},
    ) == {
        "role": "assistant",
        "tool_calls": [
            {"id": "b", "type": "function", "function": {"name": "g", "arguments": "[]"}},
            {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}},
        ],
    }


def test_names_and_ids_sent_again_are_not_doubled() -> None:
    call = {"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": "x"}}

    assert message_of({"tool_calls": [call]}, {"tool_calls": [{**call, "id": ""}]}) == {
        "role": "assistant",
        "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "xx"}}],
    }


def test_items_without_an_index_are_all_kept() -> None:
    part = {"type": "thinking", "thinking": "Hm."}

    assert message_of({"content": [part]}, {"content": [part]}, {"content": "So."}) == {
        "role": "assistant",
        "content": [part, part, {"type": "text", "text": "So."}],
    }


def test_items_of_one_index_but_two_types_are_two() -> None:
    first, second = {"index": 0, "type": "reasoning.text"}, {"index": 0, "type": "reasoning.encrypted", "data": "x"}

    assert message_of({"reasoning_details": [first]}, {"reasoning_details": [second]}) == {
        "role": "assistant",
        "reasoning_details": [first, second],
    }


def test_collecting_leaves_the_chunks_as_they_were() -> None:
    stream = [chunk({"tool_calls": [{"index": 0, "function": {"arguments": "a"}}], "extra": {"b": [1]}})] * 2
    before = copy.deepcopy(stream)
    collected(stream)

    assert stream == before


def test_a_replay_is_a_valid_stream() -> None:
    completion = Completion("groq", "m", {"role": "assistant", "content": "Paris.", "refusal": None}, "stop")
    envelope = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 7, "model": "m"}

    def choice(delta: Any, finish_reason: str | None = None) -> list[Any]:
        return [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}]

    assert list(replay(completion, id="chatcmpl-1", created=7)) == [
        {**envelope, "choices": choice({"role": "assistant", "content": "", "refusal": None})},
        {**envelope, "choices": choice({"content": "Paris."})},
        {**envelope, "choices": choice({}, "stop")},
    ]


def test_a_replay_ends_with_its_usage_where_that_was_asked() -> None:
    completion = Completion("groq", "m", {"role": "assistant", "content": "Paris."}, "stop")
    billed = usage.write(Usage())
    *others, last = replay(completion, id="chatcmpl-1", created=7, usage=billed)

    assert [each["usage"] for each in others] == [None] * 3
    assert (last["choices"], last["usage"]) == ([], billed)


def test_a_replay_may_be_cut_into_pieces() -> None:
    completion = Completion("groq", "m", {"role": "assistant", "content": "one two"}, "stop")
    deltas = [
        each["choices"][0]["delta"] for each in replay(completion, id="x", created=0, pieces=lambda t: t.split("w"))
    ]

    assert deltas == [{"role": "assistant", "content": ""}, {"content": "one t"}, {"content": "o"}, {}]


TEXTS = st.text("ab é\n😀\ud83d", max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
TOOL_CALLS = st.lists(
    st.fixed_dictionaries(
        {
            "id": TEXTS,
            "type": st.just("function"),
            "function": st.fixed_dictionaries({"name": TEXTS, "arguments": TEXTS}),
        }
    ),
    max_size=3,
)
MESSAGES = st.fixed_dictionaries(
    {"role": st.just("assistant")},
    optional={
        "content": st.none() | TEXTS | st.lists(st.fixed_dictionaries({"type": TEXTS, "text": TEXTS}), min_size=1),
        "tool_calls": st.none() | TOOL_CALLS,
        "reasoning": st.none() | TEXTS,
        "refusal": st.none() | TEXTS,
        "reasoning_details": JSON,
        "unknown": JSON,
    },
)


@given(message=MESSAGES, billed=st.none() | st.builds(Usage, st.integers(0, 9), st.integers(0, 9)))
def test_every_answer_survives_being_replayed(message: dict[str, Any], billed: Usage | None) -> None:
    completion = Completion("groq", "m", message, "stop", billed)
    shown = None if billed is None else usage.write(billed)

    assert collected(replay(completion, id="x", created=0, usage=shown)) == completion


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ({"choices": [], "usage": {"prompt_tokens": 1}}, None),
        ({"choices": [1], "usage": None}, {"choices": [1]}),
        ({"choices": [1], "usage": {"prompt_tokens": 1}}, {"choices": [1]}),
        ({"choices": [1], "x_groq": {"id": "r", "usage": {}}}, {"choices": [1], "x_groq": {"id": "r"}}),
        ({"choices": []}, {"choices": []}),
    ],
)
def test_usage_is_hidden_from_callers_who_did_not_ask(hidden: Chunk, shown: Chunk | None) -> None:
    assert visible(hidden, include_usage=False) == shown
    assert visible(hidden, include_usage=True) == hidden


@pytest.mark.parametrize(
    ("given_chunk", "name"), [({}, None), ({"x_sentinel": 1}, None), ({"x_sentinel": {"provider": "groq"}}, "groq")]
)
def test_who_answered_is_read_from_our_own_field(given_chunk: Chunk, name: str | None) -> None:
    assert answered_by(given_chunk) == name


def test_two_calls_under_one_index_stay_two() -> None:
    collector = Collector(provider="groq", model="m")
    for call in (
        {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{"}},
        {"index": 0, "function": {"arguments": "}"}},
        {"index": 0, "id": "b", "function": {"name": "g", "arguments": ""}},
        {"index": 0, "id": "", "function": {"arguments": "[]"}},
        {"id": "c", "function": {"name": "h", "arguments": "1"}},
        {"function": {"arguments": "2"}},
    ):
        collector.add({"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]})

    calls = collector.completion().message["tool_calls"]
    assert calls == [
        {"id": "a", "function": {"name": "f", "arguments": "{}"}},
        {"id": "b", "function": {"name": "g", "arguments": "[]"}},
        {"id": "c", "function": {"name": "h", "arguments": "12"}},
    ]


@pytest.mark.parametrize(
    ("deltas", "is_partial"),
    [
        ([{"content": "x" * 11}] * 5, False),
        ([{"content": "x" * 12}] * 5, True),
        ([{"content": "x" * 500}, {"content": "y"}], True),
        ([{"tool_calls": [{"index": 0, "function": {"arguments": "x" * 90}}]}], True),
        ([{"x" * 101: None}], True),
        ([{"parts": [0] * 101}], True),
    ],
    ids=["largest", "one more", "more after", "tool call", "name", "many values"],
)
def test_a_message_above_the_limit_is_dropped_and_marked(deltas: list[Any], is_partial: bool) -> None:
    most = 5 * (len("content") + 11 + 1) + 1  # names, texts, and one for each object
    collector = Collector(provider="groq", model="m", most=most)
    for each in [*map(chunk, deltas), chunk({}, "stop", usage={"prompt_tokens": 3, "completion_tokens": 5})]:
        collector.add(each)
    completion = collector.completion()

    assert completion.is_partial is is_partial
    assert (completion.message == {"role": "assistant"}) is is_partial
    assert (completion.finish_reason, completion.usage) == ("stop", Usage(3, 5))


def test_the_deepest_delta_is_measured_without_recursion() -> None:
    deep: Any = "x"
    for _ in range(5_000):
        deep = [deep]
    collector = Collector(provider="groq", model="m", most=100)
    collector.add(chunk({"content": deep}))

    assert collector.completion().is_partial


def test_a_long_text_is_replayed_in_blocks() -> None:
    text = "ab" * 70_000
    completion = Completion("p", "m", {"role": "assistant", "content": text}, "stop")
    collector = Collector(provider="p", model="m")
    lengths = []
    for chunk in replay(completion, id="x", created=0):
        collector.add(chunk)
        lengths.append(len(chunk["choices"][0]["delta"].get("content") or ""))

    assert collector.completion().text == text
    assert [length for length in lengths if length] == [65_536, 65_536, 8_928]
