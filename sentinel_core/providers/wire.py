"""What a provider speaks over HTTP: OpenAI's chat API, or Anthropic's Messages API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from sentinel_core.chat.messages import ChatRequest, Chunk, Completion
from sentinel_core.chat.surfaces import anthropic_from_chat, anthropic_to_chat
from sentinel_core.errors import ProviderProtocolError
from sentinel_core.providers import failures, openai_wire
from sentinel_core.providers.additions import RENAMES, USAGE
from sentinel_core.providers.catalogue import ANTHROPIC, ProviderSpec

DONE = b"[DONE]"


class EventReader(Protocol):
    """Reads the events of one stream."""

    def is_last(self, data: bytes) -> bool:
        """Return whether an event says that the stream is over."""

    def chunk(self, data: bytes) -> Chunk | None:
        """Return the chunk of one event, None where it has none. Raises ProviderError."""


class Wire(Protocol):
    """Writes requests and reads answers."""

    def encode(self, request: ChatRequest, *, stream: bool, added: frozenset[str]) -> bytes:
        """Return the body of a request with these additions (`providers/additions.py`)."""

    def headers(self, request: ChatRequest) -> Mapping[str, str]:
        """Return the headers of this request beside those of every call."""

    def is_answer(self, payload: Any) -> bool:
        """Return whether a JSON value is a whole answer."""

    def completion(self, payload: Any, request: ChatRequest) -> Completion:
        """Read a whole answer. Raises ProviderError."""

    def reader(self, request: ChatRequest) -> EventReader:
        """Return the reader of one stream."""


@dataclass(frozen=True, slots=True)
class OpenAIReader:
    """Reads OpenAI's chunks."""

    provider: str

    def is_last(self, data: bytes) -> bool:
        return data.lstrip().startswith(DONE)

    def chunk(self, data: bytes) -> Chunk | None:
        return openai_wire.chunk(data, provider=self.provider)


@dataclass(frozen=True, slots=True)
class OpenAIWire:
    """OpenAI's chat API."""

    spec: ProviderSpec

    def encode(self, request: ChatRequest, *, stream: bool, added: frozenset[str]) -> bytes:
        return openai_wire.encode(
            request,
            renames=self.spec.renames if RENAMES in added else {},
            stream=stream,
            ask_usage=USAGE in added,
            may_have_options=self.spec.stream_options,
        )

    def headers(self, request: ChatRequest) -> Mapping[str, str]:
        return {}

    def is_answer(self, payload: Any) -> bool:
        return isinstance(payload, dict) and bool(payload.get("choices"))

    def completion(self, payload: Any, request: ChatRequest) -> Completion:
        return openai_wire.completion(payload, provider=self.spec.name, model=request.model)

    def reader(self, request: ChatRequest) -> EventReader:
        return OpenAIReader(self.spec.name)


@dataclass(slots=True)
class AnthropicReader:
    """Reads Anthropic's events."""

    provider: str
    events: anthropic_to_chat.EventReader
    _has_stopped: bool = field(default=False)

    def is_last(self, data: bytes) -> bool:
        return self._has_stopped

    def chunk(self, data: bytes) -> Chunk | None:
        payload = openai_wire.decode(data, provider=self.provider)
        if not isinstance(payload, dict):
            return None
        if payload.get("type") == "error" or payload.get("error"):
            raise failures.from_event(payload, provider=self.provider)
        self._has_stopped = self._has_stopped or payload.get("type") == "message_stop"
        return self.events.read(payload)


@dataclass(frozen=True, slots=True)
class AnthropicWire:
    """Anthropic's Messages API; a request that came in its words goes on as it is."""

    spec: ProviderSpec

    def encode(self, request: ChatRequest, *, stream: bool, added: frozenset[str]) -> bytes:
        body = {**anthropic_from_chat.body_of(_own(request)), **({"stream": True} if stream else {})}
        return json.dumps(body, separators=(",", ":"), default=dict).encode("ascii")

    def headers(self, request: ChatRequest) -> Mapping[str, str]:
        if _is_native(request) and request.native is not None:
            return request.native.headers
        betas = anthropic_from_chat.betas_of(request)
        return {} if betas is None else {"anthropic-beta": betas}

    def is_answer(self, payload: Any) -> bool:
        return anthropic_to_chat.is_message(payload)

    def completion(self, payload: Any, request: ChatRequest) -> Completion:
        if not anthropic_to_chat.is_message(payload):
            if isinstance(payload, dict) and payload.get("error"):
                raise failures.from_event(payload, provider=self.spec.name)
            raise ProviderProtocolError(f"{self.spec.name} answered without a message", provider=self.spec.name)
        is_native = _passes_on(request)
        return anthropic_to_chat.completion(payload, provider=self.spec.name, model=request.model, is_native=is_native)

    def reader(self, request: ChatRequest) -> EventReader:
        return AnthropicReader(self.spec.name, anthropic_to_chat.EventReader(request.model, _passes_on(request)))


def wire_of(spec: ProviderSpec) -> Wire:
    """Return what a provider speaks."""
    return AnthropicWire(spec) if spec.api == ANTHROPIC else OpenAIWire(spec)


def _is_native(request: ChatRequest) -> bool:
    return request.native is not None and request.native.api == ANTHROPIC


def _passes_on(request: ChatRequest) -> bool:
    return _is_native(request) and request.native is not None and request.native.is_passed_on


def _own(request: ChatRequest) -> ChatRequest:
    """Return the request without another API's words."""
    return request if _is_native(request) or request.native is None else replace(request, native=None)
