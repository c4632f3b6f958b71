"""Deletes stored answers: `POST /v1/admin/purge`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request, Response
from pydantic import Field, model_validator

from sentinel_core.cache.ports import Purge
from sentinel_core.tenants.api_key import Moment, Name, Tenant
from sentinel_core.web.admin.common import (
    PREFIX,
    Strict,
    directory_of,
    namespace_of,
    operated,
    store_needed,
    told,
    writing_router,
)
from sentinel_core.web.auditing import note
from sentinel_core.web.cache_options import TAG_PATTERN
from sentinel_core.web.routes.entry_views import Purged

writing = writing_router()
EVERYTHING = "purge everything"


class Purging(Strict):
    """
    A tenant's answers: all, those of a model, or those with a tag; or everyone's, with the words that confirm it.

    Of these, all or those of some age.
    """

    tenant: Tenant | None = Field(
        None, description="Whose answers; of a pool's tenant, the pool's. Not needed where no keys are asked for."
    )
    model: Name | None = Field(None, description="Only this model's.")
    tag: Annotated[str, Field(pattern=TAG_PATTERN)] | None = Field(None, description="Only those with this tag.")
    before: Moment | None = Field(None, description="Only those made before this Unix time.")
    older_than_seconds: Moment | None = Field(None, description="Only those older than this.")
    everything: bool = Field(False, description="Everyone's answers.")
    confirm: str | None = Field(None, description=f"`{EVERYTHING}`, where everything is meant.")

    @model_validator(mode="after")
    def _is_one(self) -> Purging:
        if self.everything and (self.confirm != EVERYTHING or self.tenant or self.model or self.tag):
            raise ValueError(f"everything stands alone or with an age, with confirm: {EVERYTHING!r}")
        if self.before is not None and self.older_than_seconds is not None:
            raise ValueError("before and older_than_seconds: one of the two")
        if self.model is not None and self.tag is not None:
            raise ValueError("model and tag: one of the two")
        return self

    def purge(self, namespace: str | None, now: float) -> Purge:
        before = self.before if self.older_than_seconds is None else now - self.older_than_seconds
        return Purge(namespace, self.model, self.tag, before)


@writing.post("/purge", response_model=Purged, summary="Forget stored answers")
async def purge(body: Purging, request: Request) -> Response:
    """Make misses of stored answers; purging absent answers is no error."""
    service = operated(request)
    namespace = None if body.everything else namespace_of(service, body.tenant)
    with store_needed():
        await service.stored.store.purge(body.purge(namespace, service.clock.now()))
        is_known = body.tenant is None or await directory_of(service).knows(body.tenant)
    note(request, after=body.model_dump(exclude_none=True))
    done = f"{Purged().note}; of a Redis, {PREFIX}/erasures says when they are"
    return told(Purged(note=done if is_known else f"no key and no pool names this tenant: is it misspelt? {done}"))
