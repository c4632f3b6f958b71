from __future__ import annotations

from dataclasses import replace

import pytest

from sentinel_core.cache import bypass
from sentinel_core.cache.outcome import BypassReason
from sentinel_core.chat.messages import ChatRequest, Json
from tests.support.fakes import RULES, chat


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (chat(), None),
        (chat(n=1), None),
        (chat(n=None), None),
        (chat(n=2), BypassReason.SEVERAL_CHOICES),
        (chat(logprobs=False), None),
        (chat(logprobs=True), BypassReason.LOGPROBS),
        (chat(temperature=None), None),
        (chat(temperature=0), None),
        (chat(temperature=1.0), None),
        (chat(temperature=1.0001), BypassReason.TEMPERATURE),
        (chat(temperature=2), BypassReason.TEMPERATURE),
        (ChatRequest("fake", "small", ()), BypassReason.NOT_A_USER_TURN),
        (ChatRequest("fake", "small", ({"content": "hi"},)), BypassReason.NOT_A_USER_TURN),
        (ChatRequest("fake", "small", ({"role": "user"}, {"role": "assistant"})), BypassReason.NOT_A_USER_TURN),
    ],
)
def test_what_must_not_be_shared_is_named(request_: ChatRequest, reason: BypassReason | None) -> None:
    assert bypass.bypass_reason(request_, RULES) is reason


def test_an_absent_temperature_counts_as_the_default() -> None:
    assert bypass.bypass_reason(chat(), replace(RULES, max_temperature=0.99)) is BypassReason.TEMPERATURE


@pytest.mark.parametrize(
    ("content", "comparable"),
    [
        ("hi", True),
        ("", False),
        (" \n\t\u3000", False),
        (None, False),
        ([], False),
        ([{"type": "text", "text": "hi"}], True),
        ([{"type": "text", "text": " "}], False),
        ([{"type": "text", "text": "hi"}, {"type": "text", "text": "you"}], True),
        ([{"type": "text", "text": "hi"}, {"type": "image_url", "image_url": {}}], False),
        ([{"text": "hi"}], False),
        (["hi"], False),
    ],
)
def test_only_text_that_says_something_is_compared(content: Json, comparable: bool) -> None:
    assert bypass.is_comparable(chat(content)) is comparable
