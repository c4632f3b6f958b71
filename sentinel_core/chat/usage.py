"""Token counts as OpenAI-compatible providers write them, read and written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sentinel_core.chat.messages import Json, Usage

MAX_COUNT = 10_000_000_000
"""More tokens than any answer has, and later than any date in seconds; larger numbers are mistakes."""


_DIGITS = len(str(MAX_COUNT))


def read(value: Any) -> Usage | None:
    """
    Read a `usage` object; None where it is absent or unreadable.

    xAI and Gemini leave reasoning out of `completion_tokens` but bill it as output: their total is larger
    than the sum, and the difference belongs to the completion. DeepSeek names cached tokens its own way.
    """
    if not isinstance(value, dict):
        return None
    prompt, written = _count(value.get("prompt_tokens")), _count(value.get("completion_tokens") or 0)
    if prompt is None or written is None:
        return None
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=max(written, (_count(value.get("total_tokens")) or 0) - prompt),
        cached_tokens=(cached := min(prompt, _cached(value))),
        written_tokens=min(prompt - cached, _written(value)),
        hour_tokens=min(prompt - cached, _detail(value, "prompt_tokens_details", "cache_write_1h_tokens")),
        reasoning_tokens=_detail(value, "completion_tokens_details", "reasoning_tokens"),
    )


def read_chunk(chunk: Mapping[str, Any]) -> Usage | None:
    """Read the usage in a streamed chunk; Groq sends it under `x_groq` even unasked."""
    groq = chunk.get("x_groq")
    return read(chunk.get("usage")) or (read(groq.get("usage")) if isinstance(groq, dict) else None)


def is_in_chunk(chunk: Mapping[str, Any]) -> bool:
    """Return whether a chunk says anything of usage, readable or not."""
    groq = chunk.get("x_groq")
    return chunk.get("usage") is not None or (isinstance(groq, dict) and groq.get("usage") is not None)


def write(usage: Usage) -> dict[str, Json]:
    """Write as a `usage` object, with the details that are known."""
    details: dict[str, Json] = {"cached_tokens": usage.cached_tokens}
    if usage.written_tokens:
        details["cache_write_tokens"] = usage.written_tokens
    if usage.hour_tokens:
        details["cache_write_1h_tokens"] = usage.hour_tokens
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
        "prompt_tokens_details": details,
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
    }


def _cached(value: Mapping[str, Any]) -> int:
    return _detail(value, "prompt_tokens_details", "cached_tokens") or _count(value.get("prompt_cache_hit_tokens")) or 0


def _written(value: Mapping[str, Any]) -> int:
    """Return tokens written to the provider's cache: OpenRouter's name for them, LiteLLM's, Anthropic's."""
    names = ("cache_write_tokens", "cache_creation_tokens")
    found = [_detail(value, "prompt_tokens_details", name) for name in names]
    return next(filter(None, found), 0) or _count(value.get("cache_creation_input_tokens")) or 0


def _detail(value: Mapping[str, Any], group: str, name: str) -> int:
    details = value.get(group)
    return (_count(details.get(name)) if isinstance(details, dict) else None) or 0


def is_count(value: Any) -> bool:
    """Return whether a value is a whole number from 0 to MAX_COUNT."""
    return not isinstance(value, str) and _count(value) is not None


def _count(value: Json) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= _DIGITS:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_COUNT:
        return None
    return int(value) if value == int(value) else None
