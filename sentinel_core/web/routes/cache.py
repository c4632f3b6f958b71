"""`/v1/cache/...`: a tenant's own stored answers, to list, show, delete and forget, and what is said of them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from sentinel_core.cache.entry import Entry
from sentinel_core.cache.ports import Purge
from sentinel_core.web import errors
from sentinel_core.web.admin.common import Strict, store_needed, told
from sentinel_core.web.cache_headers import TAG_PATTERN
from sentinel_core.web.context import caller
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
    """What is to be said of a stored answer."""

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

    A key that may ask some models or providers only is shown theirs only.
    """
    service = await _admitted(request)
    known = caller(request)
    page = await entry_views.page_of(
        service.stored.inventory,
        known.namespace,
        cursor=cursor,
        limit=limit,
        wanted=(lambda entry: _may_see(request, entry)) if _is_confined(request) else None,
    )
    return entry_views.page_view(page, service.clock.now())


@router.get("/entries/{identifier}", summary="Show one of your entries")
async def show_entry(request: Request, identifier: Identifier) -> EntryView:
    service = await _admitted(request)
    entry = await entry_views.entry_of(service, caller(request).namespace, identifier)
    if not _may_see(request, entry):
        raise entry_views.no_such_entry()
    return entry_views.view(entry, identifier, service.clock.now())


@router.delete("/entries/{identifier}", summary="Delete one of your entries")
async def delete_entry(request: Request, identifier: Identifier) -> Deleted:
    """Make a miss of one entry, here and everywhere at once; twice is no error."""
    service = await _admitted(request)
    return await entry_views.delete(service, caller(request).namespace, identifier)


@writing.post("/purge", response_model=Purged, summary="Forget your answers with a tag")
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
        changed = (await entry_views.delete(service, caller(request).namespace, body.entry_id)).changed
    service.recording.feedback(request, body.verdict)
    return told(Noted(changed=changed))


async def _admitted(request: Request) -> Service:
    service = service_of(request)
    await service.admit(request)
    return service


def _is_confined(request: Request) -> bool:
    key = caller(request).key
    return key is not None and bool(key.models or key.providers)


def _may_see(request: Request, entry: Entry) -> bool:
    return caller(request).allows(entry.completion.provider, entry.completion.model)
