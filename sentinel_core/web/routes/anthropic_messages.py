"""`POST /v1/messages` and `count_tokens`: Anthropic's Messages API over the same cache as chats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from sentinel_core.chat.messages import ChatRequest, Completion, Json, Native
from sentinel_core.chat.streaming import NATIVE
from sentinel_core.chat.surfaces.anthropic_events import MessageEvents, written_error
from sentinel_core.chat.surfaces.anthropic_request import translate
from sentinel_core.chat.surfaces.carry import Carry
from sentinel_core.chat.surfaces.fields import Fields
from sentinel_core.chat.token_estimate import estimated
from sentinel_core.support.off_loop import off_loop
from sentinel_core.web import cache_options, errors
from sentinel_core.web.context import context_of
from sentinel_core.web.json_route import written
from sentinel_core.web.routes.chat_completions import OpenAIRoute
from sentinel_core.web.routes.chat_schema import JsonBody, SentinelFields
from sentinel_core.web.routes.surface import NamedEvents, Reply, chat_of, new_hex
from sentinel_core.web.service import check_allowed, service_of

ANTHROPIC = "anthropic"
_PASSED_ON = ("anthropic-beta", "anthropic-version")
_CACHING_BETAS = ("prompt-caching", "extended-cache-ttl")
_LONGEST_HEADER = 2_048

router = APIRouter(route_class=OpenAIRoute, tags=["anthropic"], responses=errors.ANTHROPIC_RESPONSES)


class CountBody(JsonBody):
    """The parts of a message whose tokens are counted."""

    model: Annotated[str, Field(min_length=1)]
    provider: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="Sentinel's own: who answers a miss."
    )
    messages: list[dict[str, Any]] = Field(min_length=1)
    system: str | list[dict[str, Any]] | None = None


class MessagesBody(CountBody):
    """A request to the Messages API; a field that no chat can carry is refused by its name."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "model": "openai/gpt-oss-20b",
                    "max_tokens": 1024,
                    "messages": [{"role": "user", "content": "What is machine learning?"}],
                }
            ]
        }
    )

    max_tokens: int = Field(ge=1)
    stream: bool | None = None
    temperature: float | None = Field(None, ge=0, le=1)
    top_p: float | None = Field(None, ge=0, le=1)
    top_k: int | None = Field(None, ge=0)
    stop_sequences: list[str] | None = None


class MessageObject(BaseModel):
    """A message as Anthropic's API gives it."""

    id: str
    type: str
    role: str
    model: str
    content: list[dict[str, JsonValue]]
    stop_reason: str | None
    stop_sequence: str | None
    usage: dict[str, JsonValue]
    sentinel: SentinelFields | None = None


class TokenCount(BaseModel):
    """An estimate from the length of the text; providers count differently."""

    input_tokens: int


@router.post(
    "/v1/messages",
    summary="Create a message",
    response_model=MessageObject,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    openapi_extra=cache_options.DESCRIBED,
)
async def create(body: MessagesBody, request: Request) -> Response:
    """Answer as Anthropic's API does, from the cache where that is right; shares its entries with chats."""
    service = service_of(request)
    chosen = service.resolve(body.provider, body.model, prefixed=True)
    is_large = context_of(request.scope).is_large
    chat = await off_loop(lambda: _chat(body, request, chosen), is_large=is_large)
    events = MessageEvents(f"msg_{new_hex()}", body.model)
    reply = Reply(events, NamedEvents(events, _failed, own=NATIVE), events.message)
    return await reply.respond(chat, request, stream=bool(body.stream))


def _chat(body: MessagesBody, request: Request, chosen: tuple[str, str]) -> ChatRequest:
    """Return the message as a chat, with Anthropic's own words for providers that speak its API."""
    given = body.given()
    carry = Carry(is_native=chosen[0] == ANTHROPIC)
    translated = translate(Fields(given), carry)
    headers = {name: value for name in _PASSED_ON if (value := request.headers.get(name)) and _is_token(value)}
    betas: list[Json] = [*sorted(_scoped_betas(headers.get("anthropic-beta", "")))]
    if carry.is_native and betas:
        translated = replace(translated, params={**translated.params, "anthropic_beta": betas})
        carry.only = carry.only or "anthropic-beta"
    return chat_of(chosen, translated, Native(ANTHROPIC, _own(body), headers, carry.only))


def _own(body: CountBody) -> dict[str, Json]:
    """Return the request without Sentinel's own fields, and `stream`, which is decided for each call."""
    return {name: value for name, value in body.given().items() if name not in ("provider", "stream")}


def _is_token(value: str) -> bool:
    return value.isascii() and value.isprintable() and len(value) <= _LONGEST_HEADER


def _scoped_betas(value: str) -> set[str]:
    """Return the beta features that may change an answer; those of the prompt cache change its price alone."""
    names = {name.strip() for name in value.split(",")}
    return {name for name in names if name and not name.startswith(_CACHING_BETAS)}


@router.post("/v1/messages/count_tokens", summary="Count the tokens of a message", response_model=TokenCount)
async def count_tokens(body: CountBody, request: Request) -> Response:
    """Count the tokens of a message: Anthropic counts those of its own models for nothing, all others are estimated."""
    service = service_of(request)
    await service.admit(request)
    chosen = service.resolve(body.provider, body.model, prefixed=True)
    is_large = context_of(request.scope).is_large
    calls = service.direct.calls.get(chosen[0])
    if chosen[0] == ANTHROPIC and calls is not None:
        check_allowed(ChatRequest(*chosen, ()), context_of(request.scope).authenticated)
        own = {**_own(body), "model": chosen[1]}
        content = await off_loop(lambda: written(own), is_large=is_large)
        counted = await calls.post("/messages/count_tokens", content, timeout=service.defaults.timeout)
        return Response(counted.body, media_type="application/json")
    return JSONResponse({"input_tokens": await off_loop(lambda: _counted(body, chosen), is_large=is_large)})


def _counted(body: CountBody, chosen: tuple[str, str]) -> int:
    carry = Carry(is_native=chosen[0] == ANTHROPIC)
    chat = chat_of(chosen, translate(Fields(body.given()), carry))
    return estimated(chat, Completion(*chosen, {}, "")).prompt_tokens


def _failed(error: Mapping[str, Json]) -> Mapping[str, Json]:
    status = {"rate_limit_error": 429, "invalid_request_error": 400}.get(str(error.get("type")), 500)
    return written_error(status, str(error.get("message")))
