"""`POST /v1/completions`: OpenAI's old API, one prompt as one user turn, over the same cache as chats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, JsonValue

from sentinel_core.chat.messages import Chunk, Json, Usage
from sentinel_core.chat.surfaces.completions import CompletionEvents, translate
from sentinel_core.chat.surfaces.fields import Fields
from sentinel_core.support.off_loop import off_loop
from sentinel_core.web import cache_options, errors
from sentinel_core.web.context import context_of
from sentinel_core.web.routes.chat_completions import OpenAIRoute
from sentinel_core.web.routes.chat_schema import JsonBody, SentinelFields, StreamOptions
from sentinel_core.web.routes.chat_stream import DONE
from sentinel_core.web.routes.surface import Reply, chat_of, data, new_hex
from sentinel_core.web.service import service_of

router = APIRouter(route_class=OpenAIRoute, tags=["openai"], responses=errors.RESPONSES)


class CompletionBody(JsonBody):
    """A request to the Completions API; a field that no chat can carry is refused by its name."""

    model: Annotated[str, Field(min_length=1)] | None = None
    provider: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="Sentinel's own: who answers a miss."
    )
    prompt: str | list[str] = Field(description="One text, or a list of one.")
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, ge=0, le=1)
    max_tokens: int | None = Field(None, ge=1)


class TextCompletion(BaseModel):
    """A completion as OpenAI's old API gives it."""

    id: str
    object: str
    created: int
    model: str
    choices: list[dict[str, JsonValue]]
    usage: dict[str, JsonValue]
    sentinel: SentinelFields | None = None


@dataclass(frozen=True, slots=True)
class _Writer:
    events: CompletionEvents
    own: str = ""

    def begin(self) -> Iterable[bytes]:
        return ()

    def chunk(self, chunk: Chunk) -> Iterable[bytes]:
        return map(data, self.events.add(chunk))

    def end(self, billed: Usage | None) -> Iterable[bytes]:
        return (*map(data, self.events.end(billed)), DONE)

    def failed(self, error: Mapping[str, object]) -> bytes:
        return data({"error": {name: None if value is None else str(value) for name, value in error.items()}})


@router.post(
    "/v1/completions",
    summary="Complete a text",
    response_model=TextCompletion,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    openapi_extra=cache_options.DESCRIBED,
)
async def complete(body: CompletionBody, request: Request) -> Response:
    """Answer as OpenAI's old Completions API does; the prompt is one user turn, and shares its entries with chats."""
    service = service_of(request)
    chosen = service.resolve(body.provider, body.model, prefixed=True)
    translated = await off_loop(lambda: translate(Fields(body.given())), is_large=context_of(request.scope).is_large)
    chat = chat_of(chosen, translated)
    created = int(service.clock.now())
    frame: dict[str, Json] = {
        "id": f"cmpl-{new_hex()}",
        "object": "text_completion",
        "created": created,
        "model": chosen[1],
    }
    options = body.stream_options
    events = CompletionEvents(frame, options is not None and bool(options.include_usage))
    return await Reply(events, _Writer(events), events.completion).respond(chat, request, stream=bool(body.stream))
