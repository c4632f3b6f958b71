"""`POST /v1/chat/completions` and `GET /v1/models`, for any OpenAI client."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from sentinel_core.cache.answer import Answer
from sentinel_core.chat import usage
from sentinel_core.chat.messages import ChatRequest, Completion, Json
from sentinel_core.gateway.straight import Again
from sentinel_core.support.json_formats import json_format
from sentinel_core.support.off_loop import off_loop
from sentinel_core.web import cache_options, errors, pages
from sentinel_core.web.context import context_of
from sentinel_core.web.json_route import JsonAnswer, JsonRoute, written
from sentinel_core.web.presenting import AnswerView
from sentinel_core.web.routes.chat_schema import ChatBody, ChatCompletion
from sentinel_core.web.routes.chat_stream import ChatStream, ChatWriter, new_id
from sentinel_core.web.service import service_of


class OpenAIRoute(JsonRoute):
    """OpenAI answers a field that breaks a rule with 400, which its SDKs know as `BadRequestError`."""

    invalid_status = 400


router = APIRouter(route_class=OpenAIRoute, tags=["openai"], responses=errors.RESPONSES)


@router.post(
    "/v1/chat/completions",
    summary="Complete a chat",
    response_model=ChatCompletion,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    openapi_extra=cache_options.DESCRIBED,
)
async def complete(body: ChatBody, request: Request) -> Response:
    """
    Answer as OpenAI's API does, from the cache where that is right.

    On a hit `usage` is zero, because nothing was billed; the avoided usage and the reason of the hit are in
    `sentinel`. With `stream` the answer comes as server-sent events.
    """
    service = service_of(request)
    repeat = context_of(request.scope).repeat
    if repeat is not None:
        found = await service.answer_again(repeat, request)
        page = pages.answered(found, repeat, _BODY, request, service) if isinstance(found, Again) else None
        answer = found.answer() if isinstance(found, Again) else found
        return await _whole(repeat.chat, answer, request) if page is None else page
    steered = cache_options.parse(request.headers)
    chosen = service.resolve(body.provider, body.model, prefixed=True)
    chat = await off_loop(lambda: body.request(*chosen), is_large=context_of(request.scope).is_large)
    if body.stream:
        stream = ChatStream(service, request, chat, ChatWriter(body.include_usage))
        return await stream.respond(service.stream(chat, steered, request))
    return await _whole(chat, await service.answer(chat, steered, request, body), request)


async def _whole(chat: ChatRequest, answer: Answer, request: Request) -> Response:
    """Record an answer and write it whole."""
    service = service_of(request)
    latency_ms = service.recording.elapsed_ms(request)
    view = AnswerView(answer)
    service.recording.answer(request, chat, view, latency_ms=latency_ms)
    content = await off_loop(lambda: written(_completion(view, service.clock.now())), is_large=view.is_large)
    return JsonAnswer(content, view.raw_headers(latency_ms))


def _completion(view: AnswerView, now: float) -> dict[str, Json]:
    """Write the answer under a new id; one that was fetched for this caller alone stays as the provider wrote it."""
    answer = view.answer
    completion = answer.completion
    own = None if answer.collapsed or "choices" not in (completion.body or {}) else completion.body
    return {
        "id": new_id(),
        "object": "chat.completion",
        "created": int(now),
        "model": completion.model,
        **(_written(answer) if own is None else own),
        "sentinel": view.chat_fields(),
    }


def _written(answer: Answer) -> dict[str, Json]:
    return {"choices": _choices(answer.completion), "usage": usage.write(answer.billed)}


def _choices(completion: Completion) -> list[Json]:
    choice: Json = {
        "index": 0,
        "message": {"role": "assistant", "content": None, **completion.message},
        "logprobs": None,
        "finish_reason": completion.finish_reason,
    }
    return [choice]


class _Body:
    """The body of `ChatCompletion`."""

    def format(self, view: AnswerView) -> bytes:
        holes = {"id": b"%b", "created": b"%d", "choices": b"%b", "matched_prompt": b"%b", "age_seconds": b"%d"}
        return json_format(_completion(view, 0.0), holes)

    def filled(self, format_: bytes, again: Again, latency_ms: float) -> bytes:
        del latency_ms
        choices, prompt = written(_choices(again.entry.completion)), written(again.entry.prompt)
        return format_ % (written(new_id()), int(again.at), choices, prompt, again.age)


_BODY = _Body()
