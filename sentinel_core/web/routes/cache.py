"""`/v1/cache/...`: a tenant's own stored answers, to list, show, delete and purge, and feedback on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from sentinel_core.cache.entry import Entry
from sentinel_core.cache.ports import Purge
from sentinel_core.errors import NotFoundError
from sentinel_core.web import errors
from sentinel_core.web.admin.common import Strict, store_needed, told
from sentinel_core.web.cache_headers import TAG_PATTERN
from sentinel_core.web.context import caller
from sentinel_core.web.end_users import name_of
from sentinel_core.web.json_route import JsonRoute
from sentinel_core.web.routes import entry_views
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
from sentinel_core.web.service import Service, service_of

router = APIRouter(prefix="/v1/cache", tags=["cache"], responses=errors.RESPONSES)
writing = APIRouter(prefix="/v1/cache", tags=["cache"], responses=errors.RESPONSES, route_class=JsonRoute)


class TagPurging(Strict):
    tag: Annotated[str, Field(pattern=TAG_PATTERN)] = Field(description="Of the answers to forget.")


class Feedback(Strict):
    """A verdict on a stored answer."""

    entry_id: Annotated[str, Field(pattern=ENTRY_ID)] = Field(
        description="`entry_id` of the answer that was given, or its header `x-sentinel-entry`."
    )
    verdict: Literal["right", "wrong"] = Field(description="An answer that is wrong is deleted.")


class Noted(BaseModel):
    counted: Literal[True] = True
    changed: bool = Field(description="Whether the answer was deleted: it was called wrong, and was still there.")


@router.get("/entries", summary="List your entries")
async def list_entries(request: Request, limit: Limit = 50, cursor: Cursor = None) -> EntryPage:
    """
    Return the entries of this key's tenant page by page; of a pool's tenant, the pool's.

    A key that may ask some models or providers only is shown theirs only; with `x-sentinel-user`, that user's and
    shared entries only.
    """
    service = await _admitted(request)
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
    service = await _admitted(request)
    entry = await entry_views.entry_of(service, caller(request).namespace, identifier)
    wanted = _wanted(request, service)
    if wanted is not None and not wanted(entry):
        raise entry_views.no_such_entry()
    return entry_views.view(entry, identifier, service.clock.now())


@router.delete("/entries/{identifier}", summary="Delete one of your entries")
async def delete_entry(request: Request, identifier: Identifier) -> Deleted:
    """Make a miss of one entry, here and everywhere at once; twice is no error."""
    service = await _admitted(request)
    return await _delete(request, service, identifier)


@writing.post("/purge", response_model=Purged, summary="Delete your answers by tag")
async def purge(body: TagPurging, request: Request) -> Response:
    """Make misses of all of this key's tenant that have the tag; where none has, that is no error."""
    service = await _admitted(request)
    with store_needed():
        await service.stored.store.purge(Purge(caller(request).namespace, tag=body.tag))
    return told(Purged())


@writing.post("/feedback", response_model=Noted, summary="Say whether an answer was right")
async def feedback(body: Feedback, request: Request) -> Response:
    """Count the verdict; a wrong answer is deleted, so that the next one who asks gets a new one."""
    service = await _admitted(request)
    changed = False
    if body.verdict == "wrong":
        changed = (await _delete(request, service, body.entry_id)).changed
    service.recording.feedback(request, body.verdict)
    return told(Noted(changed=changed))


async def _admitted(request: Request) -> Service:
    service = service_of(request)
    await service.admit(request)
    return service


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


def _wanted(request: Request, service: Service) -> Callable[[Entry], bool] | None:
    """Return which entries the caller may see; None for all."""
    known, user = caller(request), _user(request, service)
    is_confined = known.key is not None and bool(known.key.models or known.key.providers)
    if user is None and not is_confined:
        return None
    return lambda entry: (
        known.allows(entry.completion.provider, entry.completion.model) and (user is None or entry.is_for(user))
    )


def _user(request: Request, service: Service) -> str | None:
    """Return the pseudonym of the end user named by the header."""
    name = name_of(request.headers, {})
    return None if name is None else service.end_users.pseudonym(name, caller(request))
