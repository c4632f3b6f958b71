"""Requests to providers and their answers, in the shapes of OpenAI's chat API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sentinel_core.chat.reach import EVERYTHING, Reach

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
Message: TypeAlias = Mapping[str, Json]
Chunk: TypeAlias = dict[str, Any]
"""One event of a streamed answer, as parsed JSON (`chat.completion.chunk`)."""

LONGEST_JSON = 262_144
"""Characters of an answer, or of a call's arguments, that are parsed, in 5 ms; what a longer one is, is not known."""


@dataclass(slots=True)
class Progress:
    """How far the calls of one request are: `is_waiting` while none has been sent and one waits for a place."""

    is_waiting: bool = False
    was_sent: bool = False


@dataclass(frozen=True, slots=True)
class Native:
    """
    The request as its caller wrote it, for providers that speak the same `api` (anthropic or responses).

    `headers` go along with it. `only` names its first field that no chat can carry; None if a chat says it all.
    `is_passed_on` says that the events of its answer are written as they come.
    """

    api: str
    body: Mapping[str, Json]
    headers: Mapping[str, str] = field(default_factory=dict)
    only: str | None = None
    is_passed_on: bool = True


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """
    One call, whichever route it came by.

    `params` change the answer: they are forwarded and belong to the scope.
    `hints` (`user`, `metadata`, `service_tier`, …) are forwarded only. `user` is the pseudonym of the end user to
    whom the answer belongs: part of the scope, never forwarded; None where the answer is anyone's. `key` is the id
    of the caller's API key, whose share of the provider's places the call takes; "" without keys.
    `native` is the same in another API's words. `is_large` says to encode and hash it outside the event loop.
    `reach` limits the providers that may answer in place of this one. `is_masked` is whether personal data is hidden
    from the provider, None for the setting's way.
    `progress` is noted by the providers, and shared by the copies of a request.
    """

    provider: str
    model: str
    messages: tuple[Message, ...]
    params: Mapping[str, Json] = field(default_factory=dict)
    hints: Mapping[str, Json] = field(default_factory=dict)
    user: str | None = None
    key: str = field(default="", compare=False)
    is_large: bool = field(default=False, compare=False)
    reach: Reach = field(default=EVERYTHING, compare=False)
    is_masked: bool | None = field(default=None, compare=False)
    native: Native | None = field(default=None, compare=False)
    progress: Progress = field(default_factory=Progress, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Usage:
    """
    Tokens as the provider billed them.

    `cached_tokens` is the part of `prompt_tokens` it read from its cache, `written_tokens` the part it wrote to it,
    and `hour_tokens` those of them that it keeps for an hour.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    written_tokens: int = 0
    hour_tokens: int = 0

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Completion:
    """
    One whole answer of a provider.

    `message` is the assistant's message as it came (content, tool calls, refusal, reasoning).
    `usage` is None where the provider did not say: tokens are never guessed. `body` is the provider's own,
    which may hold more than one message can, several choices or log probabilities; it is passed on, never stored.
    `is_partial` marks a stream that was too large to collect: `message` is empty. `fallback` is the provider and
    model that answered in place of the request's, None where that one did. `also_asked` are those whose calls were
    begun and may be billed, though another answered.
    """

    provider: str
    model: str
    message: Message
    finish_reason: str
    usage: Usage | None = None
    body: Mapping[str, Json] | None = field(default=None, compare=False)
    is_partial: bool = False
    fallback: tuple[str, str] | None = field(default=None, compare=False)
    also_asked: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    @property
    def text(self) -> str:
        return text_of(self.message.get("content"))


def text_of(content: Json) -> str:
    """Return the text of a message: a string, or its text parts joined by line ends; "" without any."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    return "\n".join(str(part["text"]) for part in content if isinstance(part, dict) and "text" in part)
