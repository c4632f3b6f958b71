"""Entries as routes show them, and how they are named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, TypeAlias

from fastapi import Path, Query
from pydantic import BaseModel, Field

from sentinel_core.cache import scope
from sentinel_core.cache.entry import Entry, EntryFilter
from sentinel_core.cache.ports import Inventory, Page
from sentinel_core.errors import CacheError, NotFoundError
from sentinel_core.web.admin.common import bad_cursor, store_needed
from sentinel_core.web.presenting import entry_fields
from sentinel_core.web.service import Service

ENTRY_ID = "^[0-9a-f]{64}:[0-9a-f]{64}$"
Identifier: TypeAlias = Annotated[str, Path(pattern=ENTRY_ID, description="`id` of an entry.")]
Limit: TypeAlias = Annotated[int, Query(ge=1, le=100)]
Cursor: TypeAlias = Annotated[str | None, Query(max_length=200, description="`next_cursor` of a page.")]


class EntryView(BaseModel):
    """A stored answer."""

    id: str = Field(description="Of its scope and its prompt: the same question has it again.")
    prompt: str
    response: str = Field(description="The answer's text; what it has besides is not shown.")
    provider: str = Field(description="Who gave the answer.")
    model: str
    created: float
    age_seconds: float
    ttl_left_seconds: float = Field(description="Negative past the ttl.")
    stale: bool = Field(description="Whether it may only stand in for a failing provider.")
    cost_usd: float | None = Field(description="What a hit saves; null if the price is not known.")
    tags: list[str]


class EntryPage(BaseModel):
    """In no order that means anything."""

    entries: list[EntryView]
    next_cursor: str | None = Field(description="For the next page, which may be empty; null at the end.")


class Deleted(BaseModel):
    changed: bool = Field(description="False if there was no such entry.")


class Purged(BaseModel):
    purged: Literal[True] = True
    note: str = "misses at once here, in every instance within a second; the bytes are freed within a minute"


def view(entry: Entry, identifier: str, now: float) -> EntryView:
    left = entry.ttl - entry.age(now)
    return EntryView(
        id=identifier,
        response=entry.completion.text,
        created=entry.created,
        age_seconds=round(entry.age(now), 3),
        ttl_left_seconds=round(left, 3),
        stale=left <= 0,
        cost_usd=entry.cost_usd,
        **entry_fields(entry),
    )


def page_view(page: Page, now: float) -> EntryPage:
    entries = [view(each.entry, scope.entry_id(each.fingerprint, each.digest), now) for each in page.entries]
    return EntryPage(entries=entries, next_cursor=page.cursor)


async def page_of(
    inventory: Inventory,
    namespace: str,
    *,
    cursor: str | None,
    limit: int,
    wanted: EntryFilter | None = None,
) -> Page:
    """Return a page; raises InvalidRequestError for a wrong cursor."""
    with store_needed():
        try:
            return await inventory.entries(namespace, cursor=cursor, limit=limit, wanted=wanted)
        except ValueError:
            raise bad_cursor() from None


async def entry_of(service: Service, namespace: str, identifier: str) -> Entry:
    """Load an entry; raises NotFoundError if this namespace has no such entry."""
    with store_needed():
        entry = await service.stored.store.load(_query(namespace, identifier))
    if entry is None:
        raise no_such_entry()
    return entry


async def known(service: Service, namespace: str, identifiers: Sequence[str]) -> Sequence[Entry | None]:
    """Load the entries; None for each that is gone, and for all if the store does not answer."""
    if not identifiers:
        return []
    try:
        return await service.stored.store.load_many([_query(namespace, each) for each in identifiers])
    except CacheError:
        return [None] * len(identifiers)


async def delete(service: Service, namespace: str, identifier: str) -> Deleted:
    query = _query(namespace, identifier)
    with store_needed():
        return Deleted(changed=await service.stored.inventory.delete(namespace, query.fingerprint, query.digest))


def no_such_entry() -> NotFoundError:
    return NotFoundError("identifier: there is no such entry", code="no_such_entry", param="identifier")


def _query(namespace: str, identifier: str) -> scope.Query:
    fingerprint, digest = identifier.split(":")
    return scope.Query(namespace, fingerprint, "", digest)
