"""Token counts, read and written."""

from __future__ import annotations

from typing import Any

import pytest

from sentinel_core.chat import usage
from sentinel_core.chat.messages import Usage


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("many", None),
        ({}, None),
        ({"prompt_tokens": -1}, None),
        ({"prompt_tokens": True}, None),
        ({"prompt_tokens": 1.5}, None),
        ({"prompt_tokens": 1e999}, None),
        ({"prompt_tokens": 3.0}, Usage(3, 0)),
        ({"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}, Usage(3, 4)),
        ({"prompt_tokens": 3, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 2}}, Usage(3, 4, 2)),
        ({"prompt_tokens": 3, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 9}}, Usage(3, 4, 3)),
        ({"prompt_tokens": 3, "completion_tokens": 4, "prompt_cache_hit_tokens": 2}, Usage(3, 4, 2)),
        (
            {"prompt_tokens": 3, "completion_tokens": 4, "completion_tokens_details": {"reasoning_tokens": 1}},
            Usage(3, 4, 0, 1),
        ),
        # xAI and Gemini: reasoning is only in the total.
        (
            {
                "prompt_tokens": 3,
                "completion_tokens": 4,
                "total_tokens": 17,
                "completion_tokens_details": {"reasoning_tokens": 10},
            },
            Usage(3, 14, 0, 10),
        ),
    ],
)
def test_usage_is_what_was_billed_or_unknown(value: Any, expected: Usage | None) -> None:
    assert usage.read(value) == expected


def test_what_is_written_reads_the_same() -> None:
    assert usage.read(usage.write(Usage(500, 300, 100, 50))) == Usage(500, 300, 100, 50)


@pytest.mark.parametrize(
    ("chunk", "expected"),
    [
        ({}, None),
        ({"usage": None, "x_groq": {"id": "r"}}, None),
        ({"usage": {"prompt_tokens": 1}}, Usage(1)),
        ({"x_groq": {"usage": {"prompt_tokens": 2}}}, Usage(2)),
        ({"x_groq": "r"}, None),
    ],
)
def test_a_chunk_says_its_usage_at_either_place(chunk: dict[str, Any], expected: Usage | None) -> None:
    assert usage.read_chunk(chunk) == expected
