"""What a provider speaks over HTTP: OpenAI's chat API, or Anthropic's Messages API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import httpx

from sentinel_core.chat.messages import ChatRequest, Chunk, Completion
from sentinel_core.chat.surfaces import anthropic_from_chat, anthropic_to_chat, responses_to_chat
from sentinel_core.errors import ProviderProtocolError
from sentinel_core.providers import failures, openai_wire
from sentinel_core.providers.additions import RENAMES, USAGE
from sentinel_core.providers.catalogue import ANTHROPIC, RESPONSES, ProviderSpec
from sentinel_core.providers.endpoint import responses_url
from sentinel_core.support import json_pieces

DONE = b"[DONE]"


class EventReader(Protocol):
    """Reads the events of one stream."""

    def is_last(self, data: bytes) -> bool:
        """Return whether an event says that the stream is over."""

    def chunk(self, data: bytes) -> Chunk | None:
        """Return the chunk of one event, None where it has none. Raises ProviderError."""


class Wire(Protocol):
    """Writes requests and reads answers."""

    def url(self, chat: httpx.URL, request: ChatRequest) -> httpx.URL:
        """Return the URL to post a request to; `chat` is that for chats."""

    def encode(self, request: ChatRequest, *, stream: bool, added: frozenset[str]) -> bytes:
        """Return the body of a request with these additions (`providers/additions.py`)."""

    def headers(self, request: ChatRequest) -> Mapping[str, str]:
        """Return the headers of this request beside those of every call."""

    def is_answer(self, payload: Any, request: ChatRequest) -> bool:
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

    def url(self, chat: httpx.URL, request: ChatRequest) -> httpx.URL:
        return chat

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

    def is_answer(self, payload: Any, request: ChatRequest) -> bool:
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

    def url(self, chat: httpx.URL, request: ChatRequest) -> httpx.URL:
        return chat

    def encode(self, request: ChatRequest, *, stream: bool, added: frozenset[str]) -> bytes:
        body = {**anthropic_from_chat.body_of(_own(request)), **({"stream": True} if stream else {})}
        return json_pieces.encode(body, openai_wire.ASCII).encode("ascii")

    def headers(self, request: ChatRequest) -> Mapping[str, str]:
        if _is_native(request) and request.native is not None:
            return request.native.headers
        betas = anthropic_from_chat.betas_of(request)
        return {} if betas is None else {"anthropic-beta": betas}

    def is_answer(self, payload: Any, request: ChatRequest) -> bool:
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


@dataclass(slots=True)
class ResponsesReader:
    """Reads the events of OpenAI's Responses API."""

    provider: str
    events: responses_to_chat.EventReader
    _has_stopped: bool = field(default=False)

    def is_last(self, data: bytes) -> bool:
        return self._has_stopped or data.lstrip().startswith(DONE)

    def chunk(self, data: bytes) -> Chunk | None:
        payload = openai_wire.decode(data, provider=self.provider)
        if not isinstance(payload, dict):
            return None
        if (error := _error_in(payload)) is not None:
            raise failures.from_event({"error": error}, provider=self.provider)
        kind = str(payload.get("type")).removeprefix("response.")
        self._has_stopped = self._has_stopped or kind in responses_to_chat.ENDED
        return self.events.read(payload)


def _error_in(event: Mapping[str, Any]) -> Any:
    """Return the error that an event or a failed response holds, None where it holds none."""
    if event.get("type") == "error":
        return event.get("error") or {name: event.get(name) for name in ("code", "message", "param")}
    response = event.get("response") if event.get("type") == "response.failed" else event
    is_failed = isinstance(response, dict) and str(response.get("status")) in ("failed", "cancelled")
    return (response.get("error") or {"message": "failed"}) if is_failed and isinstance(response, dict) else None


@dataclass(frozen=True, slots=True)
class ResponsesWire:
    """OpenAI's chat API, and its Responses API for requests that came in its words."""

    spec: ProviderSpec
    chat: Wire

    def url(self, chat: httpx.URL, request: ChatRequest) -> httpx.URL:
        return responses_url(chat) if _is_native(request, RESPONSES) else chat

    def encode(self, request: ChatRequest, *, stream: bool, added: frozenset[str]) -> bytes:
        if request.native is None or not _is_native(request, RESPONSES):
            return self.chat.encode(request, stream=stream, added=added)
        body = {**request.native.body, "model": request.model, **({"stream": True} if stream else {})}
        return json_pieces.encode(body, openai_wire.ASCII).encode("ascii")

    def headers(self, request: ChatRequest) -> Mapping[str, str]:
        return {}

    def is_answer(self, payload: Any, request: ChatRequest) -> bool:
        is_native = _is_native(request, RESPONSES)
        return responses_to_chat.is_response(payload) if is_native else self.chat.is_answer(payload, request)

    def completion(self, payload: Any, request: ChatRequest) -> Completion:
        if not _is_native(request, RESPONSES):
            return self.chat.completion(payload, request)
        if not responses_to_chat.is_response(payload):
            error = _error_in(payload) or payload.get("error") if isinstance(payload, dict) else None
            if error:
                raise failures.from_event({"error": error}, provider=self.spec.name)
            raise ProviderProtocolError(f"{self.spec.name} answered without a response", provider=self.spec.name)
        is_native = _passes_on(request, RESPONSES)
        return responses_to_chat.completion(payload, provider=self.spec.name, model=request.model, is_native=is_native)

    def reader(self, request: ChatRequest) -> EventReader:
        if not _is_native(request, RESPONSES):
            return self.chat.reader(request)
        events = responses_to_chat.EventReader(request.model, _passes_on(request, RESPONSES))
        return ResponsesReader(self.spec.name, events)


def wire_of(spec: ProviderSpec) -> Wire:
    """Return what a provider speaks."""
    wire: Wire = AnthropicWire(spec) if spec.api == ANTHROPIC else OpenAIWire(spec)
    return ResponsesWire(spec, wire) if spec.has_responses else wire


def _is_native(request: ChatRequest, api: str = ANTHROPIC) -> bool:
    return request.native is not None and request.native.api == api


def _passes_on(request: ChatRequest, api: str = ANTHROPIC) -> bool:
    return _is_native(request, api) and request.native is not None and request.native.is_passed_on


def _own(request: ChatRequest) -> ChatRequest:
    """Return the request without another API's words."""
    return request if _is_native(request) or request.native is None else replace(request, native=None)
