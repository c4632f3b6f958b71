"""The meaning of a request of another API, as a chat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sentinel_core.chat.messages import Json, Message


@dataclass(frozen=True, slots=True)
class Translated:
    """Messages, parameters and hints, as in a `ChatRequest`."""

    messages: Sequence[Message]
    params: Mapping[str, Json] = field(default_factory=dict)
    hints: Mapping[str, Json] = field(default_factory=dict)


def joined(parts: list[Json]) -> Json:
    """Return parts as message content: one bare text part as a string, as chat clients write it; None without any."""
    if not parts:
        return None
    first = parts[0]
    if len(parts) == 1 and isinstance(first, dict) and set(first) == {"type", "text"}:
        return first["text"]
    return parts
