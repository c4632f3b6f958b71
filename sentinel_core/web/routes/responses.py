"""`POST /v1/responses`: OpenAI's Responses API over the same cache as chats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from sentinel_core.chat.messages import Json, Message
from sentinel_core.chat.surfaces.fields import Fields
from sentinel_core.chat.surfaces.responses_events import ResponseEvents
from sentinel_core.chat.surfaces.responses_request import input_messages, translate
from sentinel_core.support.off_loop import off_loop
from sentinel_core.web import cache_headers, errors
from sentinel_core.web.context import context_of
from sentinel_core.web.routes.chat_completions import OpenAIRoute
from sentinel_core.web.routes.responses_schema import ResponseObject, ResponsesBody
from sentinel_core.web.routes.surface import NamedEvents, Reply, chat_of, new_hex
from sentinel_core.web.service import Service, service_of
from sentinel_core.web.stored_responses import Kept, StoredResponses

router = APIRouter(route_class=OpenAIRoute, tags=["openai"], responses=errors.RESPONSES)
kept = APIRouter(tags=["openai"], responses=errors.RESPONSES)

_ECHOED: Mapping[str, Json] = {
    "instructions": None,
    "max_output_tokens": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "reasoning": {"effort": None, "summary": None},
    "temperature": None,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_p": None,
    "truncation": "disabled",
    "user": None,
}
"""Fields of the request that the response repeats, and their values if absent."""


@router.post(
    "/v1/responses",
    summary="Create a response",
    response_model=ResponseObject,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    openapi_extra=cache_headers.DESCRIBED,
)
async def create(body: ResponsesBody, request: Request) -> Response:
    """
    Answer as OpenAI's Responses API does, from the cache where that is right; shares its entries with chats.

    A response is kept for a day unless `store` is false, for the same namespace and end user.
    """
    service = service_of(request)
    fields = Fields(body.model_dump(exclude_unset=True))
    chosen = service.resolve(body.provider, body.model, prefixed=True)
    stored = StoredResponses(service, request, fields.chosen("user", "safety_identifier", "metadata"))
    fields = await _resolved(fields, stored)
    earlier: Sequence[Message] = ()
    if body.previous_response_id is not None:
        earlier = (await stored.load(body.previous_response_id, param="previous_response_id")).messages
    is_large = context_of(request.scope).is_large
    translated = await off_loop(lambda: translate(fields, earlier), is_large=is_large)
    chat = chat_of(chosen, translated)
    events = _events(fields, chosen[1], service)
    keeping = _Keeping(stored, fields, earlier, events)
    reply = Reply(
        events,
        NamedEvents(events, events.failed),
        events.response,
        None if body.store is False else keeping.keep,
    )
    return await reply.respond(chat, request, stream=bool(body.stream))


@kept.get("/v1/responses/{response_id}", summary="Show a kept response", response_model=ResponseObject)
async def retrieve(response_id: str, request: Request) -> Response:
    """Return a kept response; one of another key's namespace or another end user is 404."""
    await service_of(request).admit(request)
    return JSONResponse(dict((await _stored(request).load(response_id)).response))


@kept.get("/v1/responses/{response_id}/input_items", summary="List the input of a kept response")
async def input_items(response_id: str, request: Request) -> Response:
    """Return the items that a kept response was given."""
    await service_of(request).admit(request)
    items = (await _stored(request).load(response_id)).items
    data = items if isinstance(items, list) else []
    ends: list[Json] = [each.get("id") if isinstance(each, dict) else None for each in (data[:1] + data[-1:])]
    first, last = (ends[0], ends[-1]) if ends else (None, None)
    return JSONResponse({"object": "list", "data": data, "first_id": first, "last_id": last, "has_more": False})


@kept.delete("/v1/responses/{response_id}", summary="Delete a kept response")
async def delete(response_id: str, request: Request) -> Response:
    """Delete a kept response."""
    await service_of(request).admit(request)
    await _stored(request).delete(response_id)
    return JSONResponse({"id": response_id, "object": "response", "deleted": True})


def _stored(request: Request) -> StoredResponses:
    return StoredResponses(service_of(request), request, {})


async def _resolved(fields: Fields, stored: StoredResponses) -> Fields:
    """Replace each `item_reference` by the item of a kept response."""
    given = fields.get("input")
    if not isinstance(given, list):
        return fields
    items: list[Json] = []
    for item in fields.children("input"):
        is_reference = item.get("type") == "item_reference"
        items.append(await stored.load_item(item.text("id"), param=item.path) if is_reference else dict(item.value))
    return Fields({**fields.value, "input": items})


def _events(fields: Fields, model: str, service: Service) -> ResponseEvents:
    id_ = new_hex()
    echoed = {name: fields.get(name) if fields.get(name) is not None else value for name, value in _ECHOED.items()}
    frame: dict[str, Json] = {
        "id": f"resp_{id_}",
        "object": "response",
        "created_at": int(service.clock.now()),
        "status": "in_progress",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "model": model,
        **echoed,
        "store": fields.get("store") is not False,
    }
    return ResponseEvents(frame, id_)


@dataclass(frozen=True, slots=True)
class _Keeping:
    """Keeps a response once it is whole."""

    stored: StoredResponses
    fields: Fields
    earlier: Sequence[Message]
    events: ResponseEvents

    async def keep(self) -> None:
        response = self.events.response()
        output = input_messages(Fields({"input": response["output"]}))
        messages = [*self.earlier, *input_messages(self.fields), *output]
        given = self.fields.get("input")
        items: Json = given if isinstance(given, list) else _as_items(given)
        await self.stored.save(Kept(response, items, messages))


def _as_items(given: Json) -> Json:
    if given is None:
        return []
    return [{"id": "msg_0", "type": "message", "role": "user", "content": [{"type": "input_text", "text": given}]}]
