"""`/v1/admin/learning`: shows one namespace's learning, and resets it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from sentinel_core.errors import NotFoundError
from sentinel_core.learning.learning import Learning
from sentinel_core.tenants.api_key import Tenant
from sentinel_core.web import errors
from sentinel_core.web.admin.common import PREFIX, Strict, namespace_of, operated, told
from sentinel_core.web.auditing import note
from sentinel_core.web.json_route import JsonRoute
from sentinel_core.web.learning_view import LearningView, learning_view
from sentinel_core.web.service import Service

router = APIRouter(prefix=PREFIX, tags=["admin"], responses=errors.RESPONSES)
writing = APIRouter(prefix=PREFIX, tags=["admin"], responses=errors.RESPONSES, route_class=JsonRoute)


class Resetting(Strict):
    """The namespace whose odds start again from the shipped ones."""

    tenant: Tenant | None = Field(None, description="Not needed where no keys are asked for.")


class LearningReset(BaseModel):
    changed: bool = Field(description="Whether anything had been learned, in this process.")
    note: str = "odds of this process only: others keep theirs until they start again"


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
    """Start again from the shipped odds; judged pairs stay known."""
    service = operated(request)
    odds = _learning(service).odds(namespace_of(service, body.tenant))
    before = {stratum: odds.learned_from(stratum) for stratum in odds.strata()}
    odds.reset()
    note(request, before={"strata": len(before), "words": sum(before.values())})
    return told(LearningReset(changed=bool(before)))


def _learning(service: Service) -> Learning:
    if service.learning is None:
        raise NotFoundError("there is no judge to learn from: set SENTINEL_JUDGE", code="no_judge")
    return service.learning
