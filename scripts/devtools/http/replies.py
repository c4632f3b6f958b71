"""Answers of a provider for tests and benches, and calls as they come to it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

DEFAULT_TEXT = "The capital of France is Paris."
DEFAULT_USAGE: dict[str, Any] = {
    "queue_time": 0.01,
    "prompt_tokens": 500,
    "completion_tokens": 300,
    "total_tokens": 800,
    "prompt_tokens_details": {"cached_tokens": 100},
    "completion_tokens_details": {"reasoning_tokens": 50},
}
CREATED = 1_790_000_000


class Fault(Enum):
    """What goes wrong with an answer; midway is after `Reply.after` chunks, or half of a plain body."""

    STALL = "nothing is sent, and the connection stays open"
    CUT = "the connection is reset before anything is sent"
    STALL_MIDWAY = "the answer stops, and the connection stays open"
    CUT_MIDWAY = "the connection is reset in mid-answer"
    ERROR_EVENT = "the stream carries an error, and ends"
    NO_DONE = "the stream ends properly but without [DONE]"


@dataclass(frozen=True)
class Reply:
    """One answer. `body` replaces the whole of it; `delay` is before the headers, `pace` between chunks, in seconds."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    message: dict[str, Any] = field(default_factory=lambda: {"role": "assistant", "content": DEFAULT_TEXT})
    finish_reason: str | None = "stop"
    usage: dict[str, Any] | None = field(default_factory=lambda: DEFAULT_USAGE)
    model: str | None = None
    groq: bool = False
    delay: float = 0.0
    pace: float = 0.0
    fault: Fault | None = None
    after: int = 2
    error: dict[str, Any] = field(default_factory=lambda: {"message": "Overloaded", "type": "server_error"})


def answer(text: str | None = DEFAULT_TEXT, **fields: Any) -> Reply:
    """Answer with this content; `message` fields such as tool calls go by `message`."""
    message = {"role": "assistant", "content": text, **fields.pop("message", {})}
    return Reply(message=message, **fields)


def failure(
    status: int, message: str = "Something went wrong", *, retry_after: str | None = None, **error: Any
) -> Reply:
    """Answer with an error in OpenAI's shape."""
    body = {"error": {"message": message, "type": "some_error", "param": None, "code": None, **error}}
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return Reply(status=status, headers=headers, body=json.dumps(body).encode())


def raw(body: bytes, *, status: int = 200, **headers: str) -> Reply:
    """Answer with exactly these bytes."""
    return Reply(status=status, body=body, headers={name.replace("_", "-"): value for name, value in headers.items()})


@dataclass(frozen=True)
class Call:
    """A request as it came; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: Any

    @property
    def model(self) -> Any:
        """The model that the call names, None in a form or without a body."""
        return self.body.get("model") if isinstance(self.body, dict) else None

    @property
    def stream(self) -> bool:
        return isinstance(self.body, dict) and bool(self.body.get("stream"))
