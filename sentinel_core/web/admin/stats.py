"""`/v1/admin/stats`: counters of all callers and of each tenant, in this process and by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated

from fastapi import Query, Request
from pydantic import BaseModel, Field

from sentinel_core.errors import InvalidRequestError
from sentinel_core.tenants import api_key
from sentinel_core.web.admin.common import directory_of, operated, reading_router
from sentinel_core.web.routes.metrics_and_health import Metrics, by_day, date_of, metrics_of

router = reading_router()

Day = Annotated[
    str | None, Query(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="As 2026-01-31, UTC; today if absent.")
]


class DayCounters(BaseModel):
    day: str
    counters: Mapping[str, float] = Field(description="By name; what is not there is 0.")


class Stats(BaseModel):
    """The counters of this process since its start, and of all instances by day."""

    everyone: Metrics
    tenants: Mapping[str, Metrics] = Field(description="Those whose keys were used here; or the one that was named.")
    fleet: Sequence[DayCounters] | None = Field(
        description="Of all instances, everyone's or the named tenant's, oldest first; null without Redis, and while"
        " it does not answer."
    )


@router.get("/stats", summary="Count by tenant and by day")
async def stats(
    request: Request,
    tenant: Annotated[api_key.Tenant | None, Query(description="Whose numbers; everyone's if absent.")] = None,
    day: Day = None,
    days: Annotated[int, Query(ge=1, le=31, description="So many days, of which `day` is the last.")] = 1,
) -> Stats:
    """Return this process's counters, everyone's and each tenant's, and those of all instances by day."""
    service = operated(request)
    now = service.clock.now()
    owner = None if tenant is None else directory_of(service).own_namespace(tenant)
    wanted = [day.isoformat() for day in until(date_of(now) if day is None else day_of(day), days)]
    counted = await by_day(service, wanted, owner)
    recording = service.recording
    shares = recording.tenants.items() if tenant is None else [(tenant, recording.tenants.peek(tenant))]
    return Stats(
        everyone=metrics_of(recording.counters, now),
        tenants={name: metrics_of(counters, now) for name, counters in sorted(shares) if counters is not None},
        fleet=None
        if counted is None
        else [DayCounters(day=day, counters=counters) for day, counters in zip(wanted, counted, strict=True)],
    )


def day_of(text: str, param: str = "day") -> date:
    """Check a day; raises InvalidRequestError, which names the parameter, for one that no calendar has."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        rule = f"{param}: there is no such day"
        raise InvalidRequestError(rule, code="invalid_day", param=param, status=422) from None


def until(last: date, days: int) -> list[date]:
    """Return so many days, oldest first; raises InvalidRequestError where the calendar begins later."""
    try:
        return [last - timedelta(days=ago) for ago in reversed(range(days))]
    except OverflowError:
        raise InvalidRequestError("day: there is no such day", code="invalid_day", param="day", status=422) from None
