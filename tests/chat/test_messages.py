from __future__ import annotations

import pytest

from sentinel_core.chat.messages import ChatRequest, Completion, Json, Usage


def test_a_request_has_no_parameters_unless_they_are_given() -> None:
    request = ChatRequest("fake", "small", ({"role": "user", "content": "hi"},))

    assert (request.params, request.hints) == ({}, {})


def test_tokens_add_up_without_counting_parts_twice() -> None:
    assert Usage().total_tokens == 0
    assert Usage(7, 5, cached_tokens=3, reasoning_tokens=2).total_tokens == 12


@pytest.mark.parametrize(("content", "text"), [("hi", "hi"), ("", ""), (None, ""), ([{"type": "text"}], ""), (7, "")])
def test_the_text_of_an_answer_is_its_content_if_that_is_a_string(content: Json, text: str) -> None:
    assert Completion("fake", "small", {"role": "assistant", "content": content}, "stop").text == text


def test_an_answer_without_content_has_no_text() -> None:
    assert Completion("fake", "small", {"role": "assistant", "tool_calls": []}, "tool_calls").text == ""
