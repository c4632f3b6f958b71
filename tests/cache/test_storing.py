from __future__ import annotations

from dataclasses import replace

import pytest

from sentinel_core.cache import storing
from sentinel_core.cache.directives import NO_DIRECTIVES, Directives
from sentinel_core.cache.storing import Unstorable
from sentinel_core.chat.messages import Completion
from tests.support.fakes import RULES, chat, completion


@pytest.mark.parametrize(
    ("given_", "reason"),
    [
        (completion(), None),
        (completion(finish_reason="length"), Unstorable.TRUNCATED),
        (completion(finish_reason="content_filter"), Unstorable.FILTERED),
        (completion(finish_reason=""), Unstorable.NOT_FINISHED),
        (completion(finish_reason="error"), Unstorable.NOT_FINISHED),
        (completion(refusal="I cannot."), Unstorable.REFUSED),
        (completion(refusal=None), None),
        (completion(""), Unstorable.EMPTY),
        (completion(" \n"), Unstorable.EMPTY),
        (completion(None), Unstorable.EMPTY),
        (completion(None, tool_calls=[]), Unstorable.EMPTY),
        (completion(None, finish_reason="tool_calls", tool_calls=[{"id": "1"}]), Unstorable.TOOL_CALLS),
        (completion(None, finish_reason="function_call", function_call={"name": "f"}), Unstorable.TOOL_CALLS),
        (completion("I'm sorry, but I can't help with that."), Unstorable.REFUSED),
        (completion("I cannot assist with this request."), Unstorable.REFUSED),
        (completion("As an AI language model, I am unable to provide medical advice."), Unstorable.REFUSED),
        (completion("I can’t help you find that."), Unstorable.REFUSED),
        (completion("I can't believe it's not butter."), None),
        (completion("Sorry, the shop is closed on Mondays."), None),
        (completion('"I cannot help it", he said.'), None),
        (completion("I cannot give a date for certain, but here is what is known. " + "It was long ago. " * 20), None),
        (completion("", finish_reason="function_call"), Unstorable.EMPTY),
        (replace(completion(), is_partial=True), Unstorable.TOO_LARGE),
    ],
)
def test_only_whole_answers_are_kept(given_: Completion, reason: Unstorable | None) -> None:
    assert storing.unstorable(given_, chat(), NO_DIRECTIVES, RULES) is reason


def test_tool_calls_are_kept_where_the_operator_says_so() -> None:
    given_ = completion(None, finish_reason="tool_calls", tool_calls=[{"id": "1"}])

    assert storing.unstorable(given_, chat(), NO_DIRECTIVES, replace(RULES, store_tool_calls=True)) is None


def test_no_store_comes_before_every_other_reason() -> None:
    directives = Directives(no_store=True)

    assert storing.unstorable(completion(), chat(), directives, RULES) is Unstorable.NO_STORE
    assert storing.unstorable(completion(finish_reason="length"), chat(), directives, RULES) is Unstorable.NO_STORE
