"""`GET /v1/admin/top`: the entries that answer most, or spare most."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from pydantic import BaseModel, Field

from sentinel_core.cache.entry import Entry
from sentinel_core.cache.ports import Popular, Rank
from sentinel_core.web.admin.common import namespace_of, operated, reading_router, store_needed
from sentinel_core.web.admin.entries import Whose
from sentinel_core.web.admin.stats import Day, day_of
from sentinel_core.web.routes import entry_views
from sentinel_core.web.routes.entry_views import Limit
from sentinel_core.web.routes.metrics_and_health import date_of

router = reading_router()


class TopEntry(BaseModel):
    entry_id: str
    hits: int
    saved_usd: float = Field(description="What its hits would have cost, as far as prices are known.")
    prompt: str | None = Field(description="Null if the entry is gone, or the store does not answer.")
    provider: str | None
    model: str | None


class TopPage(BaseModel):
    day: str
    entries: list[TopEntry]


@router.get("/top", summary="Show what is asked most")
async def top(
    request: Request,
    tenant: Whose = None,
    by: Annotated[Rank, Query(description="Hits, or dollars avoided.")] = "hits",
    day: Day = None,
    limit: Limit = 20,
) -> TopPage:
    """
    Return a tenant's entries with the most hits of a day, of all instances where there is Redis.

    Entries that are seldom hit may be missing, or be counted too little.
    """
    service = operated(request)
    namespace = namespace_of(service, tenant)
    when = (date_of(service.clock.now()) if day is None else day_of(day)).isoformat()
    with store_needed():
        ranked = await service.stored.popularity.top(namespace, rank=by, day=when, limit=limit)
    kept = await entry_views.known(service, namespace, [each.entry_id for each in ranked])
    return TopPage(day=when, entries=[_view(*pair) for pair in zip(ranked, kept, strict=True)])


def _view(popular: Popular, entry: Entry | None) -> TopEntry:
    return TopEntry(
        **popular._asdict(),
        prompt=None if entry is None else entry.prompt,
        provider=None if entry is None else entry.completion.provider,
        model=None if entry is None else entry.completion.model,
    )
