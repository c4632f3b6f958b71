from __future__ import annotations

import pytest

from sentinel_core.cache.chat_scope import FULL, STANDALONE, compared, parse, stricter
from sentinel_core.chat.messages import Message
from tests.support.fakes import chat

SYSTEM: Message = {"role": "system", "content": "Be brief."}
ONE: Message = {"role": "user", "content": "one"}
TWO: Message = {"role": "assistant", "content": "two"}
RESULT: Message = {"role": "tool", "tool_call_id": "c", "content": "4"}
ALONE = "What is the capital of France?"


@pytest.mark.parametrize(
    ("text", "scope"), [("full", FULL), ("standalone", STANDALONE), ("last:0", 0), ("last:12", 12)]
)
def test_a_scope_is_read_by_its_name(text: str, scope: int) -> None:
    assert parse(text) == scope


@pytest.mark.parametrize("text", ["", "last", "last:", "last:-1", "last:99999", "Full", "none"])
def test_any_other_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be full, last:N or standalone"):
        parse(text)


@pytest.mark.parametrize(
    ("rules", "caller", "used"),
    [(FULL, None, FULL), (FULL, STANDALONE, FULL), (STANDALONE, 4, 4), (4, FULL, FULL), (4, 2, 4), (2, None, 2)],
)
def test_a_caller_may_only_be_stricter(rules: int, caller: int | None, used: int) -> None:
    assert stricter(rules, caller) == used


@pytest.mark.parametrize(
    ("scope", "earlier", "kept"),
    [
        (FULL, (SYSTEM, ONE, TWO), (SYSTEM, ONE, TWO)),
        (0, (SYSTEM, ONE, TWO), (SYSTEM,)),
        (1, (SYSTEM, ONE, TWO), (SYSTEM, TWO)),
        (2, (SYSTEM, ONE, TWO), (SYSTEM, ONE, TWO)),
        (3, (SYSTEM, ONE, TWO), (SYSTEM, ONE, TWO)),
        (1, (ONE, RESULT), (ONE, RESULT)),
        (STANDALONE, (SYSTEM, ONE, TWO), (SYSTEM,)),
        (STANDALONE, (), ()),
    ],
)
def test_earlier_messages_are_cut(scope: int, earlier: tuple[Message, ...], kept: tuple[Message, ...]) -> None:
    request = chat(ALONE, *earlier)

    assert compared(request, scope).messages == (*kept, request.messages[-1])


def test_a_turn_that_refers_back_keeps_its_history() -> None:
    request = chat("How much does it cost?", ONE, TWO)

    assert compared(request, STANDALONE) == request


@pytest.mark.parametrize(
    ("scope", "kept"), [(FULL, ("other", "two")), (1, ("two",)), (2, ("other", "two")), (0, ()), (STANDALONE, ())]
)
def test_turns_are_kept_as_they_count(scope: int, kept: tuple[str, ...]) -> None:
    request = chat(ALONE, ONE, TWO)
    counted = ({**ONE, "content": "other"}, TWO, request.messages[-1])

    found = compared(request, scope, counted).messages

    assert [each["content"] for each in found] == [*kept, ALONE]


def test_whether_a_turn_stands_alone_is_judged_by_the_words_of_the_caller() -> None:
    said: Message = {"role": "user", "content": "From now on answer in French."}
    request = chat(ALONE, said, TWO)

    assert len(compared(request, STANDALONE, ({**said, "content": "Hi."}, *request.messages[1:])).messages) == 3
