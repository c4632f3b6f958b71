"""`POST /v1/chat/completions` and `GET /v1/models`: what any OpenAI client speaks."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from sentinel_core.cache import outcome
from sentinel_core.cache.answer import Answer, Streaming
from sentinel_core.chat import usage
from sentinel_core.chat.messages import ChatRequest, Chunk, Json
from sentinel_core.chat.streaming import replay, visible
from sentinel_core.errors import ProviderError
from sentinel_core.web import cache_headers, errors
from sentinel_core.web.context import caller, context_of
from sentinel_core.web.json_route import JsonRoute, written
from sentinel_core.web.presenting import AnswerView
from sentinel_core.web.routes.chat_schema import ChatBody, ChatCompletion, Model, ModelList
from sentinel_core.web.service import Service, service_of

_log = logging.getLogger("sentinel")
_DONE = b"data: [DONE]\n\n"
_GROQ = "/openai"
"""Groq's SDK puts this before the paths, whatever its base URL."""


class OpenAIRoute(JsonRoute):
    """OpenAI answers a field that breaks a rule with 400, which its SDKs know as `BadRequestError`."""

    invalid_status = 400


router = APIRouter(route_class=OpenAIRoute, tags=["openai"], responses=errors.RESPONSES)
listing = APIRouter(tags=["openai"], responses=errors.RESPONSES)


@router.post(f"{_GROQ}/v1/chat/completions", include_in_schema=False)
@router.post(
    "/v1/chat/completions",
    summary="Complete a chat",
    response_model=ChatCompletion,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    openapi_extra=cache_headers.DESCRIBED,
)
async def complete(body: ChatBody, request: Request) -> Response:
    """
    Answer as OpenAI's API does, from the cache where that is right.

    On a hit `usage` is zero, for nothing was billed; what it would have been, and why it is a hit, is in
    `sentinel`. With `stream` the answer comes as server-sent events.
    """
    service = service_of(request)
    steered = cache_headers.parse(request.headers)
    chat = body.request(*service.resolve(body.provider, body.model, prefixed=True))
    if body.stream:
        streaming = await service.stream(chat, steered, request)
        return _Stream(service, request, chat, include_usage=body.include_usage).respond(streaming)
    answer = await service.answer(chat, steered, request)
    latency_ms = service.recording.elapsed_ms(request)
    view = AnswerView(answer)
    service.recording.answer(request, chat, view, latency_ms=latency_ms)
    content = written(_completion(view, service.clock.now()))
    return Response(content, media_type="application/json", headers=view.headers(latency_ms))


@listing.get(f"{_GROQ}/v1/models", include_in_schema=False)
@listing.get("/v1/models", summary="List the models asked by default")
async def models(request: Request) -> ModelList:
    """Name each provider's default model, as `provider/model`, if the key may ask it; others may be asked, too."""
    service = service_of(request)
    known = caller(request)
    allowed = [pair for pair in service.defaults.models.items() if pair[1] and known.allows(*pair)]
    return ModelList(data=[Model(id=f"{provider}/{model}", owned_by=provider) for provider, model in allowed])


def _completion(view: AnswerView, now: float) -> dict[str, Json]:
    """Write the answer under a new id; one that was fetched for this caller alone stays as the provider wrote it."""
    answer = view.answer
    completion = answer.completion
    own = None if answer.collapsed else completion.body
    return {
        "id": _new_id(),
        "object": "chat.completion",
        "created": int(now),
        "model": completion.model,
        **(_written(answer) if own is None else own),
        "sentinel": view.chat_fields(),
    }


def _written(answer: Answer) -> dict[str, Json]:
    choice: Json = {
        "index": 0,
        "message": {"role": "assistant", "content": None, **answer.completion.message},
        "logprobs": None,
        "finish_reason": answer.completion.finish_reason,
    }
    return {"choices": [choice], "usage": usage.write(answer.billed)}


def _new_id() -> str:
    return f"chatcmpl-{secrets.token_hex(12)}"


@dataclass(frozen=True, slots=True)
class _Stream:
    """One streamed answer on its way out."""

    service: Service
    request: Request
    chat: ChatRequest
    include_usage: bool

    def respond(self, streaming: Answer | Streaming) -> Response:
        if isinstance(streaming, Answer):
            view = AnswerView(streaming)
            headers = view.headers(self.service.recording.elapsed_ms(self.request))
            return _EventStream(self._replayed(view), headers)
        headers = {"cache-status": outcome.cache_status(streaming.outcome, stored=False, collapsed=False)}
        return _EventStream(self._passed_on(streaming), headers, streaming)

    async def _replayed(self, view: AnswerView) -> AsyncGenerator[bytes, None]:
        answer = view.answer
        billed = usage.write(answer.billed) if self.include_usage else None
        created = int(self.service.clock.now())
        self._record(view)
        for chunk in replay(answer.completion, id=_new_id(), created=created, usage=billed):
            yield _event(chunk)
        yield _DONE

    async def _passed_on(self, streaming: Streaming) -> AsyncGenerator[bytes, None]:
        """Pass on what comes; the headers have left, so an error is an event, and the end without [DONE]."""
        try:
            async for chunk in streaming.chunks:
                shown = visible(chunk, include_usage=self.include_usage)
                if shown is not None:
                    yield _event(shown)
        except ProviderError as error:
            self.service.recording.failure(self.request, error)
            yield _event(errors.of_provider(error))
            return
        except (GeneratorExit, asyncio.CancelledError):
            self.service.recording.departure(self.request, self.chat.provider)
            raise
        except Exception:  # noqa: BLE001  the headers have left, and a cut connection says nothing
            _log.exception(
                "stream.crashed", extra={"fields": {"request_id": context_of(self.request.scope).request_id}}
            )
            self.service.recording.crash(self.request)
            yield _event({"error": errors.INTERNAL.model_dump()})
            return
        if streaming.answer is not None:
            self._record(AnswerView(streaming.answer))
        yield _DONE

    def _record(self, view: AnswerView) -> None:
        recording = self.service.recording
        recording.answer(self.request, self.chat, view, latency_ms=recording.elapsed_ms(self.request))


def _event(content: Mapping[str, object] | Chunk) -> bytes:
    return b"data: " + json.dumps(content, separators=(",", ":")).encode() + b"\n\n"


class _EventStream(StreamingResponse):
    """Closes its source at once when the reader leaves, so that the provider stops writing, and billing."""

    def __init__(
        self, events: AsyncGenerator[bytes, None], headers: Mapping[str, str], source: Streaming | None = None
    ) -> None:
        super().__init__(events, media_type="text/event-stream", headers={"cache-control": "no-cache", **headers})
        self._events = events
        self._source = source

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with aclosing(self._events):
                await super().__call__(scope, receive, send)
        finally:
            if self._source is not None:
                await self._source.aclose()
