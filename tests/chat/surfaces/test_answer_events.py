"""The events of Responses and Messages, built from chunks as providers send them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from sentinel_core.chat.messages import LONGEST_JSON
from sentinel_core.chat.surfaces.anthropic_events import MessageEvents
from sentinel_core.chat.surfaces.responses_events import ResponseEvents

FRAME: dict[str, Any] = {"id": "resp_1", "model": "asked"}


def calls(*pieces: tuple[int, str]) -> list[dict[str, Any]]:
    """Chunks of tool calls; the first piece of each call has its id and name."""
    begun: set[int] = set()
    chunks = []
    for index, arguments in pieces:
        named = {} if index in begun else {"id": f"call_{index}"}
        function = {"arguments": arguments, **({} if index in begun else {"name": "weather"})}
        begun.add(index)
        chunks.append({"choices": [{"delta": {"tool_calls": [{"index": index, **named, "function": function}]}}]})
    return chunks


def written(chunks: Iterable[Any]) -> list[tuple[str, Any]]:
    """Each event about an item after the stream has begun, with the item's place."""
    events = ResponseEvents(FRAME, "1")
    given = [*events.begin()]
    for chunk in chunks:
        given += events.add(chunk)
    given += events.end()
    return [
        (str(each["type"]).removeprefix("response."), each["output_index"]) for each in given if "output_index" in each
    ]


ONE = ["output_item.added", "function_call_arguments.delta", "function_call_arguments.done", "output_item.done"]


def test_calls_in_a_row_are_ended_one_by_one() -> None:
    events = written(calls((0, '{"a": 1}'), (1, '{"a": 2}')))

    assert events == [(kind, place) for place in (0, 1) for kind in ONE]


def test_a_call_that_ends_in_blanks_is_ended_before_the_next() -> None:
    events = written(calls((0, '{"a": 1}'), (0, " \n"), (1, '{"a": 2}')))

    assert events == [(kind, 0) for kind in (*ONE[:2], *ONE[1:])] + [(kind, 1) for kind in ONE]


def test_calls_written_in_turns_are_ended_last() -> None:
    events = written(calls((0, '{"a"'), (1, '{"a"'), (0, ": 1}"), (1, ": 2}")))

    assert events == [
        *((kind, place) for place in (0, 1) for kind in ONE[:2]),
        *((ONE[1], place) for place in (0, 1)),
        *((kind, place) for place in (0, 1) for kind in ONE[2:]),
    ]


@pytest.mark.parametrize(
    "begun",
    ['{"a": {"b": 1}', "1", "", '{"a": "}', '{"a": "' + "b" * LONGEST_JSON + '"}'],
    ids=range(5),
)
def test_arguments_that_may_go_on_are_not_ended(begun: str) -> None:
    events = written(calls((0, begun), (1, "{}")))

    assert [place for kind, place in events if kind == "output_item.done"] == [0, 1]
    assert events.index(("output_item.added", 1)) < events.index(("output_item.done", 0))


def test_a_response_names_the_model_that_answered() -> None:
    events = ResponseEvents(FRAME, "1")
    first = [*events.begin(), *events.add({"model": "answered-2026", "choices": []})]

    assert [event["response"]["model"] for event in [*first, *events.end()]] == ["answered-2026"] * 3  # type: ignore[index,call-overload]


def test_an_answer_without_a_model_names_the_one_asked() -> None:
    events, message = ResponseEvents(FRAME, "1"), MessageEvents("msg_1", "asked")
    for each in (events, message):
        list(each.end())

    assert (events.response()["model"], message.message()["model"]) == ("asked", "asked")


def test_a_message_names_the_model_that_answered() -> None:
    message = MessageEvents("msg_1", "asked")
    begun = list(message.add({"model": "answered-2026", "choices": []}))

    assert begun[0]["message"]["model"] == message.message()["model"] == "answered-2026"  # type: ignore[index,call-overload]
