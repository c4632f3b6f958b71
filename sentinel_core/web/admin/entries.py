"""`/v1/admin/entries`: a tenant's stored answers, listed, searched, shown and deleted by the operator."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field, model_validator

from sentinel_core.cache import scope
from sentinel_core.cache.entry import Saying
from sentinel_core.cache.ports import Page
from sentinel_core.errors import EmbeddingError, InvalidRequestError, PromptTooLongError, ServiceUnavailableError
from sentinel_core.gateway.similar_entries import Alike, SimilarEntries
from sentinel_core.support.off_loop import off_loop
from sentinel_core.tenants import api_key
from sentinel_core.web.admin.common import (
    Strict,
    bad_cursor,
    namespace_of,
    operated,
    reading_router,
    store_needed,
    told,
    writing_router,
)
from sentinel_core.web.routes import entry_views
from sentinel_core.web.routes.entry_views import Cursor, Deleted, EntryPage, EntryView, Identifier, Limit
from sentinel_core.web.service import Service

router = reading_router("/entries")
searching = writing_router("/entries")

_FINGERPRINT = re.compile("[0-9a-f]{64}")
Whose = Annotated[
    api_key.Tenant | None,
    Query(description="Whose answers; of a pool's tenant, the pool's. Not needed where no keys are asked for."),
]


class Search(Strict):
    """The search, by words or by meaning; in a body, because addresses end up in logs."""

    tenant: api_key.Tenant | None = Field(
        None, description="Whose answers; of a pool's tenant, the pool's. Not needed where no keys are asked for."
    )
    text: str | None = Field(
        None, min_length=1, max_length=1000, description="What prompt or answer holds, whatever the case."
    )
    like: str | None = Field(None, min_length=1, max_length=10_000, description="What the prompt is like.")
    threshold: float = Field(0.5, ge=0, le=1, description="Least similarity, with `like`.")
    limit: int = Field(20, ge=1, le=100)
    cursor: str | None = Field(None, max_length=200, description="`next_cursor` of what was found before.")

    @model_validator(mode="after")
    def _is_one(self) -> Search:
        if (self.text is None) == (self.like is None):
            raise ValueError("give either text or like")
        return self


class FoundEntry(EntryView):
    similarity: float | None = Field(None, description="Cosine to `like`.")


class Found(BaseModel):
    """
    The entries found so far.

    With `like` the nearest of the scopes that were looked through; the next ones, if there are any, may
    hold nearer ones.
    """

    entries: list[FoundEntry]
    next_cursor: str | None = Field(description="To search on from here; null where all was searched.")


@router.get("", summary="List a tenant's entries")
async def list_entries(request: Request, tenant: Whose = None, limit: Limit = 50, cursor: Cursor = None) -> EntryPage:
    """Return entries page by page, those past their time included as long as they may stand in."""
    service = operated(request)
    page = await entry_views.page_of(
        service.stored.inventory, namespace_of(service, tenant), cursor=cursor, limit=limit
    )
    return entry_views.page_view(page, service.clock.now())


@searching.post("/search", response_model=Found, summary="Search a tenant's entries")
async def search(body: Search, request: Request) -> Response:
    """Find entries by their words, or by likeness of their prompt; a few thousand, or some scopes, at a time."""
    service = operated(request)
    namespace = namespace_of(service, body.tenant)
    if body.like is not None:
        alike = await _search_alike(service, namespace, body.like, body)
        return await off_loop(lambda: told(_alike(alike, service.clock.now())), is_large=True)
    folded = (body.text or "").casefold()
    page = await entry_views.page_of(
        service.stored.inventory,
        namespace,
        cursor=body.cursor,
        limit=body.limit,
        wanted=Saying(folded),
    )
    return await off_loop(lambda: told(_holding(page, service.clock.now())), is_large=True)


@router.get("/{identifier}", summary="Show an entry")
async def show_entry(request: Request, identifier: Identifier, tenant: Whose = None) -> EntryView:
    service = operated(request)
    entry = await entry_views.entry_of(service, namespace_of(service, tenant), identifier)
    return entry_views.view(entry, identifier, service.clock.now())


@router.delete("/{identifier}", summary="Delete an entry")
async def delete_entry(request: Request, identifier: Identifier, tenant: Whose = None) -> Deleted:
    """Make a miss of one entry, here and everywhere at once; twice is no error."""
    service = operated(request)
    return await entry_views.delete(service, namespace_of(service, tenant), identifier)


async def _search_alike(service: Service, namespace: str, like: str, body: Search) -> Alike:
    stored = service.stored
    similar = SimilarEntries(stored.store, stored.inventory, stored.embedder)
    if body.cursor is not None and not _FINGERPRINT.fullmatch(body.cursor):
        raise bad_cursor()
    with store_needed():
        try:
            return await similar.alike(namespace, like, floor=body.threshold, limit=body.limit, after=body.cursor or "")
        except PromptTooLongError:
            raise InvalidRequestError(
                "like: longer than the model reads", code="too_long", param="like", status=422
            ) from None
        except (EmbeddingError, TimeoutError) as error:
            raise ServiceUnavailableError("the embedder is still loading or failed to load", what="embedder") from error


def _holding(page: Page, now: float) -> Found:
    listed = entry_views.page_view(page, now)
    return Found(entries=[FoundEntry(**dict(each)) for each in listed.entries], next_cursor=listed.next_cursor)


def _alike(alike: Alike, now: float) -> Found:
    found = [
        FoundEntry(
            **dict(entry_views.view(near.candidate.entry, scope.entry_id(near.fingerprint, near.digest), now)),
            similarity=near.candidate.similarity,
        )
        for near in alike.found
    ]
    return Found(entries=found, next_cursor=alike.after)
