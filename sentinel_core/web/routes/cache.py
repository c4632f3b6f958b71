"""`/v1/cache/...`: a tenant's own stored answers, to list, show, delete and purge, and feedback on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, model_validator

from sentinel_core.cache.entry import Entry, EntryFilter
from sentinel_core.cache.ports import Purge
from sentinel_core.cache.scope import digest, entry_id
from sentinel_core.errors import NotFoundError
from sentinel_core.learning import feedback as feedbacks
from sentinel_core.learning.feedback import Given
from sentinel_core.tenants.api_key import Caller
from sentinel_core.web import errors
from sentinel_core.web.admin.common import Strict, store_needed, told
from sentinel_core.web.auditing import note
from sentinel_core.web.cache_options import TAG_PATTERN
from sentinel_core.web.context import caller
from sentinel_core.web.end_users import name_of
from sentinel_core.web.json_route import JsonRoute
from sentinel_core.web.routes import entry_views, observing
from sentinel_core.web.routes.entry_views import (
    ENTRY_ID,
    Cursor,
    Deleted,
    EntryPage,
    EntryView,
    Identifier,
    Limit,
    Purged,
)
from sentinel_core.web.service import Service, admitted

router = APIRouter(prefix="/v1/cache", tags=["cache"], responses=errors.RESPONSES)
writing = APIRouter(prefix="/v1/cache", tags=["cache"], responses=errors.RESPONSES, route_class=JsonRoute)


class TagPurging(Strict):
    tag: Annotated[str, Field(pattern=TAG_PATTERN)] = Field(description="Of the answers to forget.")


class Feedback(Strict):
    """A verdict on an answer, which is named by its request, or by its entry."""

    request_id: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None,
        description="`x-request-id` of the answer; known for the latest 10,000 answers of the process that gave it.",
    )
    entry_id: Annotated[str, Field(pattern=ENTRY_ID)] | None = Field(
        None, description="`entry_id` of the answer that was given, or its header `x-sentinel-entry`."
    )
    prompt: Annotated[str, Field(max_length=1_000_000)] | None = Field(
        None, description="Beside `entry_id`: the prompt that was asked, where it is not the entry's own."
    )
    verdict: Literal["right", "wrong", "wrong-match", "wrong-answer"] = Field(
        description="`wrong-match`: the entry is right for its own prompt and never answers this one again."
        " `wrong-answer`: the entry is deleted. `wrong`: the first for a semantic hit, else the second."
        " `right` is only counted."
    )

    @model_validator(mode="after")
    def _names_one_answer(self) -> Feedback:
        if (self.request_id is None) == (self.entry_id is None):
            raise ValueError("give either request_id or entry_id")
        if self.prompt is not None and self.entry_id is None:
            raise ValueError("prompt goes with entry_id")
        if self.verdict == "wrong-match" and self.request_id is None and self.prompt is None:
            raise ValueError("prompt: wrong-match needs the prompt that the entry does not answer")
        return self


class Noted(BaseModel):
    counted: Literal[True] = True
    changed: bool = Field(description="Whether the answer was deleted, or its match with this prompt banned.")


@router.get("/entries", summary="List your entries")
async def list_entries(request: Request, limit: Limit = 50, cursor: Cursor = None) -> EntryPage:
    """
    Return the entries of this key's tenant page by page; of a pool's tenant, the pool's.

    A key that may ask some models or providers only is shown theirs only; with `x-sentinel-user`, that user's and
    shared entries only.
    """
    service = await admitted(request)
    known = caller(request)
    page = await entry_views.page_of(
        service.stored.inventory,
        known.namespace,
        cursor=cursor,
        limit=limit,
        wanted=_wanted(request, service),
    )
    return entry_views.page_view(page, service.clock.now())


@router.get("/entries/{identifier}", summary="Show one of your entries")
async def show_entry(request: Request, identifier: Identifier) -> EntryView:
    service = await admitted(request)
    entry = await entry_views.entry_of(service, caller(request).namespace, identifier)
    wanted = _wanted(request, service)
    if wanted is not None and not wanted.accepts(entry):
        raise entry_views.no_such_entry()
    return entry_views.view(entry, identifier, service.clock.now())


@router.delete("/entries/{identifier}", summary="Delete one of your entries")
async def delete_entry(request: Request, identifier: Identifier) -> Deleted:
    """Make a miss of one entry, here and everywhere at once; twice is no error."""
    service = await admitted(request)
    return await _delete(request, service, identifier)


@writing.post("/purge", response_model=Purged, summary="Delete your answers by tag")
async def purge(body: TagPurging, request: Request) -> Response:
    """Make misses of all of this key's tenant that have the tag; where none has, that is no error."""
    service = await admitted(request)
    with store_needed():
        await service.stored.store.purge(Purge(caller(request).namespace, tag=body.tag))
    note(request, after={"tag": body.tag})
    return told(Purged())


@writing.post("/feedback", response_model=Noted, summary="Say whether an answer was right")
async def feedback(body: Feedback, request: Request) -> Response:
    """Count the verdict; ban a wrong match, and delete a wrong answer, so that the next caller gets a new one."""
    service = await admitted(request)
    given = _given(body, request, service)
    verdict = feedbacks.resolved(feedbacks.Feedback(body.verdict), given)
    changed = False
    if verdict is feedbacks.Feedback.WRONG_ANSWER:
        changed = (await _delete(request, service, entry_id(given.fingerprint, given.digest))).changed
    elif verdict is feedbacks.Feedback.WRONG_MATCH and given.is_semantic:
        changed = await observing.ban(service, caller(request).namespace, given)
    if changed:
        note(request, after={"entry_id": body.entry_id, "verdict": body.verdict})
    service.recording.feedback(request, body.verdict)
    return told(Noted(changed=changed))


def _given(body: Feedback, request: Request, service: Service) -> Given:
    """Return the answer that feedback names; raises NotFoundError for an unknown request."""
    if body.request_id is not None:
        given = service.recording.recent.find(caller(request).namespace, body.request_id)
        if given is None:
            raise NotFoundError(
                "request_id: no answer of this request is known here; name entry_id and prompt instead",
                code="no_such_request",
                param="request_id",
            )
        return given
    fingerprint, _, of_entry = (body.entry_id or "").partition(":")
    return Given(fingerprint, of_entry, of_entry if body.prompt is None else digest(body.prompt))


async def _delete(request: Request, service: Service, identifier: str) -> Deleted:
    """Delete an entry; one that belongs to another end user than the named one is as absent."""
    namespace, user = caller(request).namespace, _user(request, service)
    if user is not None:
        try:
            entry = await entry_views.entry_of(service, namespace, identifier)
        except NotFoundError:
            return Deleted(changed=False)
        if not entry.is_for(user):
            return Deleted(changed=False)
    return await entry_views.delete(service, namespace, identifier)


@dataclass(frozen=True, slots=True)
class _Visible:
    """Accepts the entries that a caller may see: of models its key allows, and of one end user if one is named."""

    known: Caller
    user: str | None

    def accepts(self, entry: Entry) -> bool:
        is_allowed = self.known.allows(entry.completion.provider, entry.completion.model)
        return is_allowed and (self.user is None or entry.is_for(self.user))


def _wanted(request: Request, service: Service) -> EntryFilter | None:
    """Return which entries the caller may see; None for all."""
    known, user = caller(request), _user(request, service)
    is_confined = known.key is not None and bool(known.key.models or known.key.providers)
    if user is None and not is_confined:
        return None
    return _Visible(known, user)


def _user(request: Request, service: Service) -> str | None:
    """Return the pseudonym of the end user named by the header."""
    name = name_of(request.headers, {})
    return None if name is None else service.end_users.pseudonym(name, caller(request))
