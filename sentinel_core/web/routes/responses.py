"""`POST /v1/responses`: OpenAI's Responses API over the same cache as chats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from sentinel_core.chat.messages import ChatRequest, Json, Message, Native
from sentinel_core.chat.streaming import RESPONSES
from sentinel_core.chat.surfaces.carry import Carry
from sentinel_core.chat.surfaces.fields import Fields, refuse
from sentinel_core.chat.surfaces.responses_events import ResponseEvents
from sentinel_core.chat.surfaces.responses_native import as_items, body_of, check_account
from sentinel_core.chat.surfaces.responses_request import input_messages, translate
from sentinel_core.errors import InvalidRequestError
from sentinel_core.support.off_loop import off_loop
from sentinel_core.web import cache_options, errors
from sentinel_core.web.context import context_of
from sentinel_core.web.routes.chat_completions import OpenAIRoute
from sentinel_core.web.routes.responses_schema import ResponseObject, ResponsesBody
from sentinel_core.web.routes.surface import NamedEvents, Reply, chat_of, new_hex
from sentinel_core.web.service import Service, service_of
from sentinel_core.web.stored_responses import Kept, StoredResponses

router = APIRouter(route_class=OpenAIRoute, tags=["openai"], responses=errors.RESPONSES)
kept = APIRouter(tags=["openai"], responses=errors.RESPONSES)

MOST_REFERENCES = 128
"""Items of kept responses that one request may name; each is a read of the store."""

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
    openapi_extra=cache_options.DESCRIBED,
)
async def create(body: ResponsesBody, request: Request) -> Response:
    """
    Answer as OpenAI's Responses API does, from the cache where that is right; shares its entries with chats.

    A response is kept for a day unless `store` is false, for the same namespace and end user.
    """
    service = service_of(request)
    is_large = context_of(request.scope).is_large
    fields = await off_loop(lambda: Fields(body.given()), is_large=is_large)
    chosen = service.resolve(body.provider, body.model, prefixed=True)
    stored = StoredResponses(service, request, fields.chosen("user", "safety_identifier", "metadata"))
    references = await off_loop(lambda: _references(fields), is_large=is_large)
    items = {place: await stored.load_item(name, param=f"input[{place}]") for place, name in references.items()}
    before: Kept | None = None
    if body.previous_response_id is not None:
        before = await stored.load(body.previous_response_id, param="previous_response_id")
        is_large = is_large or before.is_large
    context_of(request.scope).is_large = is_large = is_large or bool(items)
    fields = await off_loop(lambda: _with_items(fields, items), is_large=is_large)
    is_native = chosen[0] in service.defaults.native_responses and (before is None or before.conversation is not None)
    chat, earlier = await off_loop(lambda: _chat(fields, before, chosen, is_native=is_native), is_large=is_large)
    events = _events(fields, chosen[1], service)
    conversation = before.conversation if before is not None else [] if is_native else None
    keeping = _Keeping(stored, fields, earlier, events, conversation)
    reply = Reply(
        events,
        NamedEvents(events, events.failed, own=RESPONSES),
        events.response,
        None if body.store is False else keeping.keep,
    )
    return await reply.respond(chat, request, stream=bool(body.stream))


@kept.get("/v1/responses/{response_id}", summary="Show a kept response", response_model=ResponseObject)
async def retrieve(response_id: str, request: Request) -> Response:
    """Return a kept response; one of another key's namespace or another end user is 404. `stream=true` is refused."""
    await service_of(request).admit(request)
    if request.query_params.get("stream", "false").lower() != "false":
        refuse("stream", "a kept response is shown whole; leave it out")
    return JSONResponse(dict((await _stored(request).load(response_id)).response))


@kept.get("/v1/responses/{response_id}/input_items", summary="List the input of a kept response")
async def input_items(
    response_id: str,
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    order: Literal["asc", "desc"] = "desc",
    after: Annotated[str | None, Query(max_length=200, description="The id of an item: begin behind it.")] = None,
) -> Response:
    """Return a page of the items that a kept response was given, the last first unless `order` says `asc`."""
    await service_of(request).admit(request)
    items = (await _stored(request).load(response_id)).items
    listed = [_listed(place, item) for place, item in enumerate(items if isinstance(items, list) else [])]
    ordered = listed if order == "asc" else listed[::-1]
    names = [str(item["id"]) for item in ordered]
    if after is not None and after not in names:
        raise InvalidRequestError("after: must be the id of an item", code="invalid_value", param="after")
    begin = 0 if after is None else names.index(after) + 1
    page = range(begin, min(len(names), begin + limit))
    first, last = (names[page[0]], names[page[-1]]) if page else (None, None)
    data = [ordered[place] for place in page]
    return JSONResponse(
        {"object": "list", "data": data, "first_id": first, "last_id": last, "has_more": begin + limit < len(names)}
    )


@kept.post("/v1/responses/{response_id}/cancel", summary="Refuse to cancel a response")
async def cancel(response_id: str, request: Request) -> Response:
    """Answer 400, as OpenAI does for a response that was not made in the background: none is, here."""
    await service_of(request).admit(request)
    await _stored(request).load(response_id)
    raise InvalidRequestError("no response is made in the background, so none can be cancelled", code="not_background")


@kept.delete("/v1/responses/{response_id}", summary="Delete a kept response")
async def delete(response_id: str, request: Request) -> Response:
    """Delete a kept response."""
    await service_of(request).admit(request)
    await _stored(request).delete(response_id)
    return JSONResponse({"id": response_id, "object": "response", "deleted": True})


def _stored(request: Request) -> StoredResponses:
    return StoredResponses(service_of(request), request, {})


def _chat(
    fields: Fields, before: Kept | None, chosen: tuple[str, str], *, is_native: bool
) -> tuple[ChatRequest, Sequence[Message]]:
    """Return the request as a chat, with its own words for a provider that speaks them, and the messages before it."""
    if is_native:
        check_account(fields)
    carry = Carry(is_native=is_native)
    earlier: Sequence[Message] = () if before is None else before.messages
    if before is not None and before.conversation is not None:
        held = Fields({"input": [*before.conversation]}, "previous_response_id")
        earlier = input_messages(held, carry)
    translated = translate(fields, earlier, carry)
    if not is_native:
        return chat_of(chosen, translated), earlier
    own = body_of(fields, () if before is None else before.conversation or ())
    return chat_of(chosen, translated, Native(RESPONSES, own, only=carry.only)), earlier


def _references(fields: Fields) -> dict[int, str]:
    """Return the id of each `item_reference` by its place; raises InvalidRequestError for too many."""
    if not isinstance(fields.get("input"), list):
        return {}
    items = enumerate(fields.children("input"))
    found = {place: item.text("id") for place, item in items if item.get("type") == "item_reference"}
    if len(found) > MOST_REFERENCES:
        refuse("input", f"must hold {MOST_REFERENCES} item references at most", code="invalid_value")
    return found


def _with_items(fields: Fields, items: Mapping[int, Json]) -> Fields:
    """Replace references by the items of kept responses."""
    given = fields.get("input")
    if not items or not isinstance(given, list):
        return fields
    return Fields({**fields.value, "input": [items.get(place, item) for place, item in enumerate(given)]})


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
    conversation: Sequence[Json] | None = None

    async def keep(self) -> None:
        """Keep the response; one that no request could go on from is not kept."""
        with suppress(InvalidRequestError):
            await self.stored.save(await off_loop(self._kept, is_large=context_of(self.stored.request.scope).is_large))

    def _kept(self) -> Kept:
        response = self.events.response()
        carry = Carry(is_native=self.conversation is not None)
        output = input_messages(Fields({"input": response["output"]}), carry)
        messages = [*self.earlier, *input_messages(self.fields, carry), *output]
        given = self.fields.get("input")
        items = as_items(given)
        if self.conversation is None:
            return Kept(response, items, messages)
        said = [*self.conversation, *items, *as_items(response["output"])]
        return Kept(response, items, messages, conversation=said)


def _listed(place: int, item: Json) -> dict[str, Json]:
    """Return an item as OpenAI lists it: with an id and a type, a message's text as a part."""
    known: dict[str, Json] = dict(item) if isinstance(item, dict) else {}
    shown: dict[str, Json] = {"id": f"msg_{place}", "type": "message"}
    shown |= {name: value for name, value in known.items() if value is not None}
    if isinstance(text := known.get("content"), str):
        kind = "output_text" if known.get("role") == "assistant" else "input_text"
        shown["content"] = [{"type": kind, "text": text}]
    return shown
