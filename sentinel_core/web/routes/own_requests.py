"""`/v1/cache/requests`, `/hits` and `/series`: the latest requests of a tenant, for its own key."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from sentinel_core.telemetry.observed import ANYONE
from sentinel_core.telemetry.records import Answered
from sentinel_core.telemetry.shared_rings import Whose
from sentinel_core.web import errors
from sentinel_core.web.admin.common import told
from sentinel_core.web.context import caller, context_of
from sentinel_core.web.end_users import name_of
from sentinel_core.web.json_route import JsonRoute
from sentinel_core.web.routes import observing
from sentinel_core.web.routes.observed_views import (
    After,
    HitPage,
    Judged,
    Judgement,
    Last,
    Limit,
    Number,
    Outcome,
    RequestPage,
    SeriesView,
    Span,
    Unjudged,
)
from sentinel_core.web.service import admitted

router = APIRouter(prefix="/v1/cache", tags=["cache"], responses=errors.RESPONSES)
writing = APIRouter(prefix="/v1/cache", tags=["cache"], responses=errors.RESPONSES, route_class=JsonRoute)


@router.get("/requests", response_model=RequestPage, summary="Show your latest requests")
async def requests(request: Request, after: After = 0, outcome: Outcome = None, limit: Limit = 100) -> Response:
    """
    Return the latest requests of this key's tenant, the latest first.

    With `x-sentinel-user`, those with a personal answer are left out.
    """
    service = await admitted(request)
    page = await observing.requests_page(
        service, _owner(request), after=after, outcome=outcome, limit=limit, allows=_allows(request)
    )
    return told(page)


@router.get("/hits", summary="Show your served semantic hits")
async def hits(request: Request, unjudged: Unjudged = False, limit: Limit = 50) -> HitPage:
    """
    Return the prompts of this key's tenant that were answered by another prompt's answer, the latest first.

    With `x-sentinel-user`, those with a personal answer are left out.
    """
    service = await admitted(request)
    return await observing.hits_page(service, _owner(request), unjudged=unjudged, limit=limit, allows=_allows(request))


@writing.post(
    "/hits/{identifier}/verdict", response_model=Judged, summary="Judge one of your hits", openapi_extra=Number.WHICH
)
async def judge(body: Judgement, request: Request) -> Response:
    """Count the verdict; ban a wrong match, and delete a wrong answer, so that the next caller gets a new one."""
    service = await admitted(request)
    number = Number.of(request)
    return told(await observing.judge(service, number, _owner(request), body.verdict, allows=_allows(request)))


@router.get("/series", summary="Show your requests over time")
async def series(request: Request, step: Span = "minute", last: Last = 60) -> SeriesView:
    """Return the sums of this key's tenant by minute, hour or day."""
    service = await admitted(request)
    return await observing.series_page(service, context_of(request.scope).tenant, step, last)


def _owner(request: Request) -> Whose:
    return Whose(caller(request).namespace, context_of(request.scope).tenant or ANYONE)


def _allows(request: Request) -> observing.Allows:
    """
    Return which requests a caller may see: those of the models that the key may ask, and those that reached no model.

    A caller that names an end user sees no personal ones: whose they are is not kept.
    """
    known, names_user = caller(request), name_of(request.headers, {}) is not None

    def allows(each: Answered) -> bool:
        is_of_model = each.provider is None or each.model is None or known.allows(each.provider, each.model)
        return is_of_model and not (names_user and each.personal is not None)

    return allows
