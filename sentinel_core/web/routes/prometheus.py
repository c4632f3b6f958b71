"""`GET /metrics`: the counters of this process for Prometheus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from sentinel_core import __version__
from sentinel_core.cache.scope_variety import LEAST_REQUESTS
from sentinel_core.errors import NotFoundError
from sentinel_core.telemetry.sums import Line, Sums
from sentinel_core.web import errors
from sentinel_core.web.context import caller, context_of
from sentinel_core.web.paths import PROMETHEUS
from sentinel_core.web.routes.metrics_and_health import count_of
from sentinel_core.web.service import Service, service_of

router = APIRouter(tags=["operations"], responses=errors.RESPONSES)
MOST_TENANTS = 64
MOST_PARTS = 12

_TEXT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The metrics, in the format that `Accept` asks for.",
        "content": {kind: {"schema": {"type": "string"}} for kind in ("text/plain", "application/openmetrics-text")},
    }
}


@router.get(PROMETHEUS, summary="Show the counters to Prometheus", response_class=Response, responses=_TEXT)
async def metrics(request: Request) -> Response:
    """
    Return the counters of this process, of all tenants or of the key's own.

    At most 1,000 sets of tenant, provider, model and outcome have counts of their own; the rest is `other`.
    """
    service = service_of(request)
    try:
        from sentinel_core.telemetry.prometheus import Figures, exposition
    except ImportError:
        raise NotFoundError("prometheus-client is not installed here: use /v1/metrics", code="no_prometheus") from None
    tenant, recording = context_of(request.scope).tenant, service.recording
    counters = recording.counters if tenant is None else recording.of_tenant(tenant)
    figures = Figures(
        __version__,
        service.clock.now() - recording.counters.started,
        counters,
        _totals(service, tenant),
        await count_of(service.stored.store) if tenant is None else None,
        _shares(service, request),
        {name: usd for name, usd in recording.counters.estimates.items() if tenant in (None, name)},
        *_learned(service, None if tenant is None else caller(request).namespace),
    )
    text, content_type = exposition(figures, request.headers.get("accept", ""))
    return Response(text, headers={"content-type": content_type})


def _shares(service: Service, request: Request) -> dict[tuple[str, str], float]:
    """Return the shares of the key's tenant, or of each tenant that has asked here."""
    own = context_of(request.scope).tenant
    if own is not None or service.access.current is None:
        spaces = {own or "": caller(request).namespace}
    else:
        names = {line.tenant for line in _totals(service, None)} - {""}
        spaces = {name: service.access.owner_of(name) for name in list(names)[:MOST_TENANTS]}
    varied = {name: service.gateway.varieties.of(space) for name, space in spaces.items()}
    return {
        (name, part.name): part.share
        for name, each in varied.items()
        if each.requests >= LEAST_REQUESTS
        for part in each.parts[:MOST_PARTS]
    }


def _learned(
    service: Service, namespace: str | None
) -> tuple[Mapping[str, float] | None, tuple[float, float, float] | None]:
    """Return the counts of judge and audits, and the measured rate of wrong hits with its interval."""
    learning = service.learning
    if learning is None:
        return None, None
    counts, rate = learning.ledger.of(namespace), None
    if learning.auditor is not None:
        rate = learning.auditor.rates.of(namespace)
    if rate is None or rate.rate is None or rate.low is None or rate.high is None:
        return counts, None
    return counts, (rate.rate, rate.low, rate.high)


def _totals(service: Service, tenant: str | None) -> dict[Line, Sums]:
    observed = service.recording.observed
    if observed is None:
        return {}
    observed.settle()
    return {line: sums for line, sums in observed.ledger.totals.items() if tenant in (None, line.tenant)}
