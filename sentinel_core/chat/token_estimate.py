"""Tokens counted from text, where a provider does not say how many it bills."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from sentinel_core.chat.messages import ChatRequest, Completion, Json, Usage

BYTES_PER_TOKEN = 3
"""Fewer than English has (4) and as many as a Chinese character takes: an estimate that is seldom too low."""
PART_TOKENS = 1_500
"""Of a picture, a sound or a file, whatever its size."""
MESSAGE_TOKENS = 4


def estimated(request: ChatRequest, completion: Completion) -> Usage:
    """Estimate what a provider bills for a request and for as much of its answer as there is."""
    offered = (request.params.get(name) for name in ("tools", "functions", "response_format"))
    asked = sum(_message_tokens(message) for message in request.messages) + sum(_tokens(value) for value in offered)
    written = _message_tokens(completion.message) if completion.message else 0
    return Usage(prompt_tokens=asked, completion_tokens=written)


def _message_tokens(message: Mapping[str, Json]) -> int:
    rest = {name: value for name, value in message.items() if name not in ("role", "content")}
    return MESSAGE_TOKENS + _content_tokens(message.get("content")) + (_tokens(rest) if any(rest.values()) else 0)


def _content_tokens(content: Json) -> int:
    if not isinstance(content, list):
        return _tokens(content)
    texts: Iterable[Json] = (part.get("text") if isinstance(part, dict) else part for part in content)
    return sum(PART_TOKENS if text is None else _tokens(text) for text in texts)


def _tokens(value: Json) -> int:
    """Round up; null is nothing."""
    if value is None:
        return 0
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=dict)
    return -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)
