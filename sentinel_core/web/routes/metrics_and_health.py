"""`GET /v1/metrics` and `GET /health`, for operators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from sentinel_core.cache.ports import Store
from sentinel_core.cache.scope_variety import LEAST_REQUESTS
from sentinel_core.errors import CacheError
from sentinel_core.telemetry.counters import CRASHED, ERROR, LEFT, NOT_CACHED, REJECTED, REVALIDATED, Counters
from sentinel_core.telemetry.histogram import Histogram
from sentinel_core.web import errors
from sentinel_core.web.context import caller, context_of
from sentinel_core.web.service import Service, service_of

router = APIRouter(tags=["operations"], responses=errors.RESPONSES)
_HITS = ("hit_exact", "hit_semantic", "stale")


class Latency(BaseModel):
    """Milliseconds, rounded up to the bounds of the histogram's buckets (a quarter apart)."""

    count: int
    p50: float | None
    p95: float | None
    p99: float | None


class Metrics(BaseModel):
    """Counts of this process since it started; every error is in `errors_by_kind`, too."""

    total_requests: int = Field(description="All but those that broke a rule.")
    cache_hits: int = Field(description="Exact, semantic and stale.")
    exact_hits: int
    semantic_hits: int
    stale_answers: int
    revalidations: int = Field(description="Fetched anew after a stale answer was served; no requests.")
    cache_misses: int
    bypasses: int
    hit_rate_percent: float = Field(description="cache_hits of total_requests.")
    stored_items: int | None = Field(description="Null while the store does not answer, and for a tenant.")
    provider_errors: int
    not_cached: int = Field(description="Wanted a stored answer or none, and there was none.")
    abandoned_requests: int = Field(description="The caller left in mid-stream.")
    internal_errors: int
    rejected_requests: int
    collapsed_requests: int = Field(description="Waited for an identical request instead of asking again.")
    bypasses_by_reason: Mapping[str, int]
    misses_by_reason: Mapping[str, int]
    not_stored_by_reason: Mapping[str, int]
    personal_by_reason: Mapping[str, int]
    shadow_by_outcome: Mapping[str, int]
    errors_by_kind: Mapping[str, int]
    feedback_by_verdict: Mapping[str, int] = Field(description="What callers said of answers: right or wrong.")
    prompt_tokens: int
    completion_tokens: int
    avoided_tokens: int
    cost_usd: float
    saved_usd: float
    estimated_usd: float = Field(description="Counted in budgets by an estimate, besides cost_usd.")
    unpriced_requests: int = Field(description="Of unknown price: with any, the dollars are a lower bound.")
    latency_ms: Mapping[str, Latency] = Field(description="By outcome.")
    uptime_seconds: float
    fleet_today: Mapping[str, float] | None = Field(
        description="The same of all instances on this Redis since midnight UTC, by name; null without one."
    )
    distinct_share_by_part: Mapping[str, float] = Field(
        {}, description="Share of your last requests whose part of the scope was new; empty below 20 requests."
    )
    scope_advice: str | None = Field(None, description="The part that keeps requests from hitting; null if none.")
    learning: Mapping[str, Any] | None = Field(
        None, description="Costs of judge and audits, and the measured rate of wrong hits; null without a judge."
    )


class Health(BaseModel):
    """`degraded` still answers: the cache is out, or exact only."""

    status: Literal["ok", "degraded"]
    store: str | None = Field(None, description="ok, or what is wrong; with deep=1.")
    embedder: str | None = Field(None, description="ready, loading or failed; with deep=1.")
    provider: str | None = Field(None, description="Who is asked by default; with deep=1.")


@router.get("/v1/metrics", summary="Count what was answered")
async def metrics(request: Request) -> Metrics:
    """Return the counters of this process, and of all; with a tenant's key, that tenant's own in this process."""
    service = service_of(request)
    name, recording = context_of(request.scope).tenant, service.recording
    uptime = service.clock.now() - recording.counters.started
    if name is not None:
        counted = _metrics(recording.of_tenant(name), stored=None, uptime=uptime, fleet=None)
        estimated = {"estimated_usd": round(recording.counters.estimates.get(name, 0.0), 9)}
        own = _with_variety(counted.model_copy(update=estimated), service, request)
        return _with_learning(own, service, recording.of_tenant(name), caller(request).namespace)
    stored, fleet = await count_of(service.stored.store), await _fleet(service)
    found = _metrics(recording.counters, stored=stored, uptime=uptime, fleet=fleet)
    return _with_learning(_with_variety(found, service, request), service, recording.counters, None)


def _with_variety(found: Metrics, service: Service, request: Request) -> Metrics:
    variety = service.gateway.varieties.of(caller(request).namespace)
    if variety.requests < LEAST_REQUESTS:
        return found
    shares = {part.name: part.share for part in variety.parts}
    return found.model_copy(update={"distinct_share_by_part": shares, "scope_advice": variety.advice})


def _with_learning(found: Metrics, service: Service, counters: Counters, namespace: str | None) -> Metrics:
    """Add the learning of a namespace, or of all; its view is loaded only where there is a judge."""
    if service.learning is None:
        return found
    from sentinel_core.web.learning_view import learning_view

    view = learning_view(service.learning, counters, namespace)
    return found.model_copy(update={"learning": view.model_dump()})


async def count_of(store: Store) -> int | None:
    """Return the number of stored answers; None while the store does not answer."""
    try:
        return await store.count()
    except CacheError:
        return None


async def _fleet(service: Service) -> Mapping[str, float] | None:
    today = date_of(service.clock.now()).isoformat()
    told = await by_day(service, [today], None)
    return None if told is None else told[0]


async def by_day(service: Service, days: Sequence[str], owner: str | None) -> Sequence[Mapping[str, float]] | None:
    """Return the counters of all instances on each day; None without Redis, and while it does not answer."""
    try:
        books = service.recording.books
        return None if books is None else await books.read_counters(*days, owner=owner)
    except CacheError:
        return None


def date_of(now: float) -> date:
    return datetime.fromtimestamp(now, UTC).date()


def metrics_of(counters: Counters, now: float) -> Metrics:
    """Return the counters since their start."""
    return _metrics(counters, stored=None, uptime=now - counters.started, fleet=None)


def _metrics(counters: Counters, *, stored: int | None, uptime: float, fleet: Mapping[str, float] | None) -> Metrics:
    outcomes = counters.outcomes
    total = sum(outcomes.values()) - outcomes[REJECTED] - outcomes[REVALIDATED]
    hits = sum(outcomes[name] for name in _HITS)
    return Metrics(
        total_requests=total,
        cache_hits=hits,
        exact_hits=outcomes["hit_exact"],
        semantic_hits=outcomes["hit_semantic"],
        stale_answers=outcomes["stale"],
        revalidations=outcomes[REVALIDATED],
        cache_misses=outcomes["miss"],
        bypasses=outcomes["bypass"],
        hit_rate_percent=round(100 * hits / total, 2) if total else 0.0,
        stored_items=stored,
        provider_errors=outcomes[ERROR],
        not_cached=outcomes[NOT_CACHED],
        abandoned_requests=outcomes[LEFT],
        internal_errors=outcomes[CRASHED],
        rejected_requests=outcomes[REJECTED],
        collapsed_requests=counters.collapsed,
        bypasses_by_reason=dict(counters.bypasses),
        misses_by_reason=dict(counters.misses),
        not_stored_by_reason=dict(counters.unstored),
        personal_by_reason=dict(counters.personal),
        shadow_by_outcome=dict(counters.shadow),
        errors_by_kind=dict(counters.errors),
        feedback_by_verdict=dict(counters.feedback),
        prompt_tokens=counters.prompt_tokens,
        completion_tokens=counters.completion_tokens,
        avoided_tokens=counters.avoided_tokens,
        cost_usd=round(counters.cost_usd, 9),
        saved_usd=round(counters.saved_usd, 9),
        estimated_usd=round(counters.estimated_usd, 9),
        unpriced_requests=counters.unpriced,
        latency_ms={name: latency_of(histogram) for name, histogram in counters.latencies.items()},
        uptime_seconds=round(uptime, 3),
        fleet_today=fleet,
    )


def latency_of(histogram: Histogram) -> Latency:
    """Return a histogram's percentiles."""
    return Latency(
        count=histogram.total,
        p50=histogram.percentile(0.50),
        p95=histogram.percentile(0.95),
        p99=histogram.percentile(0.99),
    )


@router.head("/health", include_in_schema=False, response_model_exclude_none=True)
@router.get("/health", summary="Say whether the service works", response_model_exclude_none=True)
async def health(request: Request, deep: Annotated[bool, Query(description="Check the parts, too.")] = False) -> Health:
    """Answer at once, or with the state of store, embedder and provider."""
    if not deep:
        return Health(status="ok")
    service = service_of(request)
    parts = await service.stored.checks()
    healthy = parts["store"] == "ok" and parts["embedder"] != "failed"
    return Health(status="ok" if healthy else "degraded", **parts)
