"""`/v1/admin/providers` and `/v1/admin/alerts`: the state of the providers, and the latest alerts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from fastapi import Request
from pydantic import BaseModel, Field

from sentinel_core.telemetry.observed import Observed
from sentinel_core.telemetry.sums import Sums
from sentinel_core.web.admin.common import operated, reading_router

router = reading_router()


class CircuitView(BaseModel):
    """The circuit breaker of one model; of its keys, the one in the worst state."""

    model: str
    failures: int = Field(description="Without a success between.")
    state: Literal["closed", "open", "half-open"] = Field(description="Half-open: the next call tries.")
    retry_seconds: float = Field(description="Until the next call may try.")


class ProviderView(BaseModel):
    """A provider that may be asked, with its answers of this process."""

    name: str
    default_model: str
    is_default: bool
    state: Literal["ok", "failing", "open"] = Field(description="The worst of its models' circuit breakers.")
    circuits: list[CircuitView] = Field(description="Breakers that count failures.")
    answers: int = Field(description="Of the provider, stored ones included.")
    cost_usd: float
    saved_usd: float


class ProviderList(BaseModel):
    providers: list[ProviderView]


class AlertView(BaseModel):
    id: str
    kind: str
    text: str
    at: float = Field(description="Unix time.")
    facts: Mapping[str, Any]


class AlertList(BaseModel):
    alerts: list[AlertView] = Field(description="The latest first; at most 100 of this process since it started.")


@router.get("/providers", summary="Show the providers")
async def providers(request: Request) -> ProviderList:
    """Return the providers that may be asked, with the state of their circuit breakers in this process."""
    service = operated(request)
    observed, defaults = service.recording.observed, service.defaults
    circuits = _circuits(observed)
    sums = _sums(observed)
    return ProviderList(
        providers=[
            _provider(name, model, name == defaults.provider, circuits.get(name, []), sums.get(name, Sums()))
            for name, model in sorted(defaults.models.items())
        ]
    )


@router.get("/alerts", summary="Show the latest alerts")
async def alerts(request: Request) -> AlertList:
    """Return the alerts that this process found."""
    observed = operated(request).recording.observed
    latest = [] if observed is None else [*reversed(observed.alerts)]
    return AlertList(
        alerts=[
            AlertView(id=each.id, kind=each.kind, text=each.text, at=each.at, facts=dict(each.facts)) for each in latest
        ]
    )


def _circuits(observed: Observed | None) -> Mapping[str, list[CircuitView]]:
    if observed is None or observed.circuits is None:
        return {}
    return {
        name: [
            CircuitView(
                model=model,
                failures=failures,
                state="closed" if not is_open else "open" if wait > 0 else "half-open",
                retry_seconds=round(wait, 1),
            )
            for model, failures, is_open, wait in circuits
        ]
        for name, circuits in observed.circuits.of_providers().items()
    }


def _sums(observed: Observed | None) -> Mapping[str, Sums]:
    sums: dict[str, Sums] = {}
    if observed is not None:
        observed.settle()
        for line, row in observed.ledger.totals.items():
            sums.setdefault(line.provider, Sums()).merge(row)
    return sums


def _provider(name: str, model: str, is_default: bool, circuits: list[CircuitView], sums: Sums) -> ProviderView:
    is_open = any(each.state != "closed" for each in circuits)
    return ProviderView(
        name=name,
        default_model=model,
        is_default=is_default,
        state="open" if is_open else "failing" if circuits else "ok",
        circuits=circuits,
        answers=sums.requests,
        cost_usd=round(sums.cost_usd, 9),
        saved_usd=round(sums.saved_usd, 9),
    )
