"""`GET /v1/admin/near-misses`: what threshold and gate have turned away lately."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from sentinel_core import scope
from sentinel_core.entry import Entry
from sentinel_core.errors import CacheError
from sentinel_core.nearmiss import NearMiss
from sentinel_core.web import errors
from sentinel_core.web.admin_entries import Whose
from sentinel_core.web.entries import Limit
from sentinel_core.web.operators import PREFIX, namespace_of, operated
from sentinel_core.web.service import Service

router = APIRouter(prefix=PREFIX, tags=["admin"], responses=errors.RESPONSES)
THRESHOLD = "threshold"


class NearMissView(BaseModel):
    """A miss, and the entry that came nearest to answering it."""

    at: float
    prompt: str = Field(description="What was asked; its beginning, if it is long.")
    entry_id: str = Field(description="The entry that came nearest.")
    matched_prompt: str | None = Field(description="That entry's; null if it is gone, or the store does not answer.")
    similarity: float
    threshold: float = Field(description="Least similarity that was in force.")
    refused_by: str = Field(description=f"`{THRESHOLD}`, or the gate's rule.")
    confidence: float | None = Field(description="The gate's, that the stored answer is right; null if not asked.")
    asked_span: str | None = Field(description="The words that say so.")
    stored_span: str | None


class NearMissPage(BaseModel):
    near_misses: list[NearMissView] = Field(description="The last first.")


@router.get("/near-misses", summary="Show what nearly was a hit")
async def near_misses(request: Request, tenant: Whose = None, limit: Limit = 50) -> NearMissPage:
    """
    Return a tenant's last misses, in this process, that were just below the threshold or refused by the gate.

    Of requests with `no-store` nothing is kept, and of no tenant more than 200.
    """
    service = operated(request)
    noted = service.near_misses.of(namespace_of(service, tenant))[:limit]
    entries = await _entries(service, noted)
    return NearMissPage(near_misses=[_view(near, entry) for near, entry in zip(noted, entries, strict=True)])


async def _entries(service: Service, noted: Sequence[NearMiss]) -> Sequence[Entry | None]:
    if not noted:
        return []
    try:
        return await service.store.load_many([replace(near.query, prompt="", digest=near.digest) for near in noted])
    except CacheError:
        return [None] * len(noted)


def _view(near: NearMiss, entry: Entry | None) -> NearMissView:
    verdict = near.verdict
    return NearMissView(
        at=near.at,
        prompt=near.query.prompt,
        entry_id=scope.entry_id(near.query.fingerprint, near.digest),
        matched_prompt=None if entry is None else entry.prompt,
        similarity=near.similarity,
        threshold=near.threshold,
        refused_by=THRESHOLD if verdict is None or verdict.rule is None else verdict.rule,
        confidence=None if verdict is None else verdict.confidence,
        asked_span=None if verdict is None else verdict.asked_span,
        stored_span=None if verdict is None else verdict.stored_span,
    )
