"""`/v1/admin/requests`, `/hits`, `/series`, `/costs.csv` and `/settings`: the latest of a server, and its rules."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

from sentinel_core.support.csv_cells import cell
from sentinel_core.telemetry.cost_ledger import CostLedger
from sentinel_core.tenants import api_key
from sentinel_core.web.admin.common import operated, reading_router, told, writing_router
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

router = reading_router()
writing = writing_router()

OneTenant = Annotated[api_key.Tenant | None, Query(description="Whose; everyone's if absent.")]
_COLUMNS = ("day", "tenant", "key", "provider", "model", "outcome")
_SUMS = ("requests", "prompt_tokens", "completion_tokens", "avoided_tokens", "cost_usd", "saved_usd", "unpriced")
_CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "The rows, oldest day first."}
}


class SettingView(BaseModel):
    name: str = Field(description="The environment variable.")
    value: str = Field(description="In force; of a secret only whether it is set.")
    meaning: str


class SettingList(BaseModel):
    settings: list[SettingView]


@router.get("/requests", response_model=RequestPage, summary="Show the latest requests")
async def requests(
    request: Request, tenant: OneTenant = None, after: After = 0, outcome: Outcome = None, limit: Limit = 100
) -> Response:
    """
    Return the latest requests, errors included, the latest first: of all instances that share a Redis.

    In Redis about 500 of each of 64 tenants are kept for a week. Without Redis they are this process's: at most 2,000
    of all tenants, each tenant at most an even share of them when they are full.
    """
    service = operated(request)
    page = await observing.requests_page(
        service, observing.whose(service, tenant), after=after, outcome=outcome, limit=limit
    )
    return told(page)  # FastAPI would validate each of its 500 requests once more


@router.get("/hits", summary="Show served semantic hits")
async def hits(request: Request, tenant: OneTenant = None, unjudged: Unjudged = False, limit: Limit = 50) -> HitPage:
    """
    Return the prompts that were answered by another prompt's answer, the latest first: in all instances on one Redis.

    In Redis about 100 of each of 64 tenants are kept, else 400 of all tenants in this process. Of requests with
    `no-store` nothing is kept.
    """
    service = operated(request)
    return await observing.hits_page(service, observing.whose(service, tenant), unjudged=unjudged, limit=limit)


@writing.post(
    "/hits/{identifier}/verdict", response_model=Judged, summary="Judge a served hit", openapi_extra=Number.WHICH
)
async def judge(body: Judgement, request: Request) -> Response:
    """Count the verdict; ban a wrong match, and delete a wrong answer, so that the next caller gets a new one."""
    return told(await observing.judge(operated(request), Number.of(request), None, body.verdict))


@router.get("/series", summary="Show requests over time")
async def series(request: Request, tenant: OneTenant = None, step: Span = "minute", last: Last = 60) -> SeriesView:
    """Return sums by minute, hour or day: of all instances that share a Redis, else of this process."""
    return await observing.series_page(operated(request), tenant, step, last)


@router.get("/costs.csv", summary="Download the costs as CSV", response_class=Response, responses=_CSV)
async def costs(request: Request, tenant: OneTenant = None) -> Response:
    """Return costs by day, tenant, key, provider, model and outcome: of this process, since it started."""
    observed = operated(request).recording.observed
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow((*_COLUMNS, *_SUMS))
    if observed is not None:
        observed.settle()
        writer.writerows(_rows(observed.ledger, tenant))
    disposition = {"content-disposition": "attachment; filename=sentinel-costs.csv"}
    return Response(lines.getvalue(), media_type="text/csv", headers=disposition)


@router.get("/settings", summary="Show the settings in force")
async def settings(request: Request) -> SettingList:
    """Return every setting with its value, secrets hidden."""
    rows = operated(request).settings()
    return SettingList(settings=[SettingView(name=name, value=value, meaning=meaning) for name, value, meaning in rows])


def _rows(ledger: CostLedger, tenant: str | None) -> Iterator[list[str | int | float]]:
    for day, line, sums in ledger.rows():
        if tenant is not None and line.tenant != tenant:
            continue
        amounts = [getattr(sums, name) for name in _SUMS]
        yield [day, *map(cell, line), *(round(each, 9) for each in amounts)]
