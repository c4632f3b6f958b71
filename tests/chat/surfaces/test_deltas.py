from __future__ import annotations

from typing import Any

import pytest

from sentinel_core.chat.messages import Chunk
from sentinel_core.chat.surfaces.deltas import MOST_CALLS, CallPiece, DeltaReader, Piece
from sentinel_core.errors import ProviderProtocolError


def chunk(**delta: Any) -> Chunk:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}


def call(index: int | None, id_: str = "", arguments: str = "") -> dict[str, Any]:
    named = {"id": id_} if id_ else {}
    return {**named, "index": index, "function": {"name": "f" if id_ else None, "arguments": arguments}}


def indices(*calls: dict[str, Any]) -> list[int]:
    reader = DeltaReader()
    return [reader.read(chunk(tool_calls=[each])).calls[0].index for each in calls]


def test_thoughts_that_are_named_twice_are_read_once() -> None:
    assert DeltaReader().read(chunk(reasoning="Hm", reasoning_content="Hm")) == Piece(thought="Hm")


def test_thoughts_among_the_parts_of_a_content_are_told_from_its_text() -> None:
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}

    assert DeltaReader().read(chunk(content=[thinking, {"type": "text", "text": "A"}])) == Piece(thought="Hm", text="A")


def test_a_call_has_its_id_name_and_arguments() -> None:
    assert DeltaReader().read(chunk(tool_calls=[call(0, "a", "{}")])).calls == (CallPiece(0, "a", "f", "{}"),)


def test_pieces_meet_by_index_and_calls_under_one_index_by_id() -> None:
    assert indices(call(0, "a"), call(0), call(1, "b"), call(1), call(0, "c"), call(None, "d"), call(None)) == [
        *(0, 0, 1, 1, 2, 3, 3)
    ]


def test_other_choices_are_left_out() -> None:
    other: Chunk = {"choices": [{"index": 1, "delta": {"content": "B"}, "finish_reason": "stop"}]}

    assert DeltaReader().read(other) == Piece()


def test_an_answer_past_the_limit_is_an_error_of_the_provider() -> None:
    reader = DeltaReader(most=3)
    reader.read(chunk(content="abc"))

    with pytest.raises(ProviderProtocolError, match="too long"):
        reader.read(chunk(content="d"))


def test_more_calls_than_the_limit_are_an_error_of_the_provider() -> None:
    with pytest.raises(ProviderProtocolError, match="too long"):
        indices(*(call(index, "a") for index in range(MOST_CALLS + 1)))
