"""`POST /v1/messages` and `count_tokens`: Anthropic's Messages API over the same cache as chats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from sentinel_core.chat.messages import Completion, Json
from sentinel_core.chat.surfaces.anthropic_events import MessageEvents, written_error
from sentinel_core.chat.surfaces.anthropic_request import translate
from sentinel_core.chat.surfaces.fields import Fields
from sentinel_core.chat.token_estimate import estimated
from sentinel_core.support.off_loop import off_loop
from sentinel_core.web import cache_headers, errors
from sentinel_core.web.context import context_of
from sentinel_core.web.routes.chat_completions import OpenAIRoute
from sentinel_core.web.routes.chat_schema import JsonBody, SentinelFields
from sentinel_core.web.routes.surface import NamedEvents, Reply, chat_of, new_hex
from sentinel_core.web.service import service_of

router = APIRouter(route_class=OpenAIRoute, tags=["anthropic"], responses=errors.ANTHROPIC_RESPONSES)


class CountBody(JsonBody):
    """The parts of a message whose tokens are counted."""

    model: Annotated[str, Field(min_length=1)]
    provider: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="Sentinel's own: who answers a miss."
    )
    messages: list[dict[str, JsonValue]] = Field(min_length=1)
    system: str | list[dict[str, JsonValue]] | None = None


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
    openapi_extra=cache_headers.DESCRIBED,
)
async def create(body: MessagesBody, request: Request) -> Response:
    """Answer as Anthropic's API does, from the cache where that is right; shares its entries with chats."""
    service = service_of(request)
    chosen = service.resolve(body.provider, body.model, prefixed=True)
    is_large = context_of(request.scope).is_large
    is_native = chosen[0] == "anthropic"
    translated = await off_loop(
        lambda: translate(Fields(body.model_dump(exclude_unset=True)), thinks_natively=is_native), is_large=is_large
    )
    chat = chat_of(chosen, translated)
    events = MessageEvents(f"msg_{new_hex()}", body.model)
    reply = Reply(events, NamedEvents(events, _failed), events.message)
    return await reply.respond(chat, request, stream=bool(body.stream))


@router.post("/v1/messages/count_tokens", summary="Estimate the tokens of a message", response_model=TokenCount)
async def count_tokens(body: CountBody, request: Request) -> Response:
    """Estimate how many tokens a message would have; no provider is asked."""
    service = service_of(request)
    await service.admit(request)
    chosen = service.resolve(body.provider, body.model, prefixed=True)
    is_large = context_of(request.scope).is_large
    return JSONResponse({"input_tokens": await off_loop(lambda: _counted(body, chosen), is_large=is_large)})


def _counted(body: CountBody, chosen: tuple[str, str]) -> int:
    chat = chat_of(chosen, translate(Fields(body.model_dump(exclude_unset=True))))
    return estimated(chat, Completion(*chosen, {}, "")).prompt_tokens


def _failed(error: Mapping[str, Json]) -> Mapping[str, Json]:
    status = {"rate_limit_error": 429, "invalid_request_error": 400}.get(str(error.get("type")), 500)
    return written_error(status, str(error.get("message")))
