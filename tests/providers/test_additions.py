"""What Sentinel adds to a request by itself, and takes back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sentinel_core.chat.messages import ChatRequest, Native
from sentinel_core.errors import ProviderRejectedError
from sentinel_core.providers.additions import MAX_MODELS, RENAMES, USAGE, Additions
from sentinel_core.providers.catalogue import KNOWN

REQUEST = ChatRequest("openai", "m", ({"role": "user", "content": "Hi"},))
CAPPED = replace(REQUEST, params={"max_tokens": 5})
BOTH = frozenset({USAGE, RENAMES})


def test_usage_and_renames_are_added_where_they_apply() -> None:
    additions = Additions(KNOWN["openai"])

    assert additions.of(CAPPED, stream=True) == BOTH
    assert additions.of(CAPPED, stream=False) == {RENAMES}
    assert additions.of(REQUEST, stream=False) == frozenset()
    assert additions.of(replace(REQUEST, hints={USAGE: {"include_usage": True}}), stream=True) == frozenset()
    native = replace(CAPPED, native=Native("responses", {}))
    assert Additions(replace(KNOWN["openai"], has_responses=True)).of(native, stream=True) == frozenset()
    assert Additions(KNOWN["mistral"]).of(REQUEST, stream=True) == frozenset()


@pytest.mark.parametrize(
    ("message", "param", "refused"),
    [
        ("stream_options: Extra inputs are not permitted", None, {USAGE}),
        ("Unsupported parameter: 'max_completion_tokens'", "max_completion_tokens", {RENAMES}),
        ("Extra inputs are not permitted", None, BOTH),
        ("Unknown parameter", "frobnicate", set()),
        ("no such model", None, set()),
    ],
)
def test_a_rejection_names_what_it_refuses(message: str, param: str | None, refused: set[str]) -> None:
    error = ProviderRejectedError(message, provider="x", status=400, error={"message": message, "param": param})

    assert Additions(KNOWN["openai"]).refused_in(error, BOTH) == refused


def test_a_refusal_is_remembered_for_so_many_models() -> None:
    additions = Additions(KNOWN["openai"])
    for number in range(MAX_MODELS + 1):
        additions.remember_refused(str(number), frozenset({USAGE}))

    assert additions.of(replace(REQUEST, model="0"), stream=True) == {USAGE}
    assert additions.of(replace(REQUEST, model="1"), stream=True) == frozenset()
