"""`/v1/admin/learning`: shows one namespace's learning, and resets it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

from sentinel_core.errors import NotFoundError
from sentinel_core.learning.learning import Learning
from sentinel_core.tenants.api_key import Tenant
from sentinel_core.web.admin.common import (
    Strict,
    namespace_of,
    operated,
    reading_router,
    store_needed,
    told,
    writing_router,
)
from sentinel_core.web.auditing import note
from sentinel_core.web.learning_view import LearningView, learning_view
from sentinel_core.web.service import Service

router = reading_router()
writing = writing_router()


class Resetting(Strict):
    """The namespace whose odds start again from the shipped ones."""

    tenant: Tenant | None = Field(None, description="Not needed where no keys are asked for.")


class Freezing(Resetting):
    """The namespace whose odds stay as they are, or go on learning."""

    frozen: bool


class LearningReset(BaseModel):
    """The state for all instances: each follows within 30 s of its next requests."""

    changed: bool = Field(description="On a reset, whether anything had been learned in this process.")
    frozen: bool
    reset_at: float = Field(description="Unix time before which judged pairs do not count; 0 for never reset.")


@router.get("/learning", summary="Show the learning of a tenant")
async def learning(
    request: Request,
    tenant: Annotated[Tenant | None, Query(description="Not needed where no keys are asked for.")] = None,
) -> LearningView:
    """Return costs, measured rate of wrong hits and odds of one namespace, as this process knows them."""
    service = operated(request)
    recording = service.recording
    counters = recording.counters if tenant is None else recording.of_tenant(tenant)
    return learning_view(_learning(service), counters, namespace_of(service, tenant))


@writing.post("/learning/reset", response_model=LearningReset, summary="Forget the odds of a tenant")
async def reset(body: Resetting, request: Request) -> Response:
    """Start again from the shipped odds, in all instances; judged pairs stay known."""
    service = operated(request)
    book, namespace = _learning(service).odds_book, namespace_of(service, body.tenant)
    odds = book.of(namespace)
    before = {stratum: odds.learned_from(stratum) for stratum in odds.strata()}
    with store_needed():
        _, state = await book.change(namespace, is_reset=True)
    note(request, before={"strata": len(before), "words": sum(before.values())})
    return told(LearningReset(changed=bool(before), frozen=state.is_frozen, reset_at=state.reset_at))


@writing.post(
    "/learning/freeze", response_model=LearningReset, summary="Freeze the odds of a tenant, or let them learn"
)
async def freeze(body: Freezing, request: Request) -> Response:
    """Stop or resume learning in all instances."""
    service = operated(request)
    with store_needed():
        known, state = await _learning(service).odds_book.change(
            namespace_of(service, body.tenant), is_frozen=body.frozen
        )
    note(request, before={"frozen": known.is_frozen}, after={"frozen": state.is_frozen})
    return told(LearningReset(changed=known != state, frozen=state.is_frozen, reset_at=state.reset_at))


def _learning(service: Service) -> Learning:
    if service.learning is None:
        raise NotFoundError("there is no judge to learn from: set SENTINEL_JUDGE", code="no_judge")
    return service.learning
