"""`GET /v1/admin/near-misses`: the latest candidates that threshold or gate refused."""

from __future__ import annotations

from fastapi import Request
from pydantic import BaseModel, Field

from sentinel_core.cache import scope
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.near_miss import NearMiss
from sentinel_core.web.admin.common import namespace_of, operated, reading_router
from sentinel_core.web.admin.entries import Whose
from sentinel_core.web.routes import entry_views
from sentinel_core.web.routes.entry_views import Limit

router = reading_router()
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
    namespace = namespace_of(service, tenant)
    noted = service.stored.near_misses.of(namespace)[:limit]
    kept = await entry_views.known(service, namespace, [_entry_id(near) for near in noted])
    return NearMissPage(near_misses=[_view(near, entry) for near, entry in zip(noted, kept, strict=True)])


def _entry_id(near: NearMiss) -> str:
    return scope.entry_id(near.query.fingerprint, near.digest)


def _view(near: NearMiss, entry: Entry | None) -> NearMissView:
    verdict = near.verdict
    return NearMissView(
        at=near.at,
        prompt=near.query.prompt,
        entry_id=_entry_id(near),
        matched_prompt=None if entry is None else entry.prompt,
        similarity=near.similarity,
        threshold=near.threshold,
        refused_by=THRESHOLD if verdict is None or verdict.rule is None else verdict.rule,
        confidence=None if verdict is None else verdict.confidence,
        asked_span=None if verdict is None else verdict.asked_span,
        stored_span=None if verdict is None else verdict.stored_span,
    )
