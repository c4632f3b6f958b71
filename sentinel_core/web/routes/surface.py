"""Shared by the routes of other APIs: the request as a chat, and its answer as the events of that API."""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from fastapi import Request, Response

from sentinel_core.chat.messages import ChatRequest, Chunk, Completion, Json, Native, Usage
from sentinel_core.chat.streaming import NATIVE, RESPONSES, replay
from sentinel_core.chat.surfaces import responses_to_chat
from sentinel_core.chat.surfaces.anthropic_to_chat import EVENT
from sentinel_core.chat.surfaces.translated import Translated
from sentinel_core.chat.usage import write
from sentinel_core.support.off_loop import off_loop
from sentinel_core.web import cache_options
from sentinel_core.web.context import context_of
from sentinel_core.web.json_route import written
from sentinel_core.web.presenting import AnswerView
from sentinel_core.web.routes.chat_stream import ChatStream, StreamWriter
from sentinel_core.web.service import Service, service_of


class Events(Protocol):
    """Writes one answer's chunks as events of a surface, and collects the whole answer."""

    def begin(self) -> Iterable[dict[str, Json]]: ...
    def add(self, chunk: Chunk) -> Iterable[dict[str, Json]]: ...
    def end(self, billed: Usage | None = None) -> Iterable[dict[str, Json]]: ...


def new_hex() -> str:
    """Return 24 hexadecimal digits that no other answer has."""
    return secrets.token_hex(12)


def chat_of(chosen: tuple[str, str], translated: Translated, native: Native | None = None) -> ChatRequest:
    """Build the request that the cache and the provider see; a null counts as absent."""
    params = {name: value for name, value in translated.params.items() if value is not None}
    return ChatRequest(*chosen, tuple(translated.messages), params, dict(translated.hints), native=native)


def replayed(completion: Completion, billed: Usage, events: Events) -> None:
    """Feed a whole answer to its events, so that plain and streamed answers are built the same way."""
    for _ in events.begin():
        pass
    for chunk in replay(completion, id="", created=0, usage=write(billed), native_first=True):
        for _ in events.add(chunk):
            pass
    for _ in events.end(billed):
        pass


@dataclass(frozen=True, slots=True)
class NamedEvents:
    """A StreamWriter whose events carry their `type` as the event's name, too."""

    events: Events
    fail: Callable[[Mapping[str, Json]], Mapping[str, Json]]
    own: str = ""

    def begin(self) -> Iterable[bytes]:
        return map(named, self.events.begin())

    def chunk(self, chunk: Chunk) -> Iterable[bytes]:
        return map(named, self.events.add(chunk))

    def end(self, billed: Usage | None) -> Iterable[bytes]:
        return map(named, self.events.end(billed))

    def failed(self, error: Mapping[str, object]) -> bytes:
        return named(self.fail({name: value if value is None else str(value) for name, value in error.items()}))


def named(event: Mapping[str, Json]) -> bytes:
    """Write one event with its type as its name."""
    return b"event: %s\n" % str(event["type"]).encode() + data(event)


def data(content: Mapping[str, Json]) -> bytes:
    """Write one event without a name."""
    return b"data: " + json.dumps(content, separators=(",", ":")).encode() + b"\n\n"


@dataclass(frozen=True, slots=True)
class Reply:
    """
    How one request is answered: by the events of `writer` if `stream`, else by the whole `body`.

    `keep` is awaited once the answer is whole, unless the caller sent `no-store`.
    """

    events: Events
    writer: StreamWriter
    body: Callable[[], dict[str, Json]]
    keep: Callable[[], Awaitable[None]] | None = None

    async def respond(self, chat: ChatRequest, request: Request, *, stream: bool) -> Response:
        """Answer by cache or provider."""
        service = service_of(request)
        steered = cache_options.parse(request.headers)
        keep = None if steered.directives.no_store else self.keep
        if stream:
            kept = {} if keep is None else {"keep": keep}
            streaming = ChatStream(service, request, chat, self.writer, **kept)
            return await streaming.respond(service.stream(chat, steered, request))
        answer = await service.answer(chat, steered, request)
        latency_ms = service.recording.elapsed_ms(request)
        view = AnswerView(answer)
        service.recording.answer(request, chat, view, latency_ms=latency_ms)
        # Some surfaces repeat the request in the answer.
        context = context_of(request.scope)
        context.is_large = is_large = view.is_large or context.is_large
        own = None if answer.collapsed or answer.completion.body is None else self._own(answer.completion.body)
        if own is not None and self.writer.own == NATIVE:
            fields = {**own, "sentinel": view.chat_fields()}
            content = await off_loop(lambda: written(fields), is_large=is_large)
            return Response(content, media_type="application/json", headers=view.headers(latency_ms))
        if own is not None:
            await off_loop(
                lambda: list(self.events.add({responses_to_chat.EVENT: {"response": own}})), is_large=is_large
            )
        else:
            await off_loop(lambda: replayed(answer.completion, answer.billed, self.events), is_large=is_large)
        if keep is not None:
            await keep()
        content = await off_loop(lambda: written({**self.body(), "sentinel": view.chat_fields()}), is_large=is_large)
        return Response(content, media_type="application/json", headers=view.headers(latency_ms))

    def _own(self, body: Mapping[str, Json]) -> dict[str, Json] | None:
        """Return the provider's own answer, where this surface writes it as it is."""
        own = body.get({NATIVE: EVENT, RESPONSES: responses_to_chat.EVENT}.get(self.writer.own, ""))
        return own if isinstance(own, dict) else None


def chosen(service: Service, provider: str | None, model: str | None) -> tuple[str, str]:
    """Return provider and model of a request."""
    return service.resolve(provider, model, prefixed=True)
