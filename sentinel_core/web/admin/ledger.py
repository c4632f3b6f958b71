"""`/v1/admin/ledger`: the account of the cache and its rate of wrong hits, by day and since a date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated

from fastapi import Query, Request
from pydantic import BaseModel, Field

from sentinel_core.errors import InvalidRequestError
from sentinel_core.learning.account import account
from sentinel_core.learning.ledger import summed
from sentinel_core.learning.rates import Rates
from sentinel_core.tenants.api_key import Tenant
from sentinel_core.web.admin.common import directory_of, namespace_of, operated, reading_router, store_needed
from sentinel_core.web.admin.stats import Day, day_of, until
from sentinel_core.web.learning_view import WrongHits, wrong_hits
from sentinel_core.web.routes.metrics_and_health import date_of
from sentinel_core.web.service import Service

router = reading_router()

MOST_DAYS = 92
DAYS = 30
_JUDGED = ("judge_", "audit_", "audits")


class AccountView(BaseModel):
    """Dollars; what is not priced is not in them."""

    answers_usd: float = Field(description="Spent on answers of providers.")
    avoided_usd: float = Field(description="Saved by hits.")
    judge_usd: float
    audit_usd: float
    embedding_usd: float = Field(description="Time of embedding, at SENTINEL_COMPUTE_USD_PER_SECOND.")
    store_usd: float = Field(description="Store commands, at SENTINEL_STORE_USD_PER_MILLION; a tenant's by its share.")
    own_usd: float = Field(description="Spent by the cache itself: judge, audits, embedding and store.")
    net_usd: float = Field(description="Avoided, less its own.")
    hits: int
    break_even_hits: int | None = Field(description="Hits that pay for what the cache itself spent.")
    judge_saved_usd: float = Field(description="Saved by hits that the judge allowed.")
    judge: str = Field(description="Whether the judge saves more than it costs.")


class DayAccount(AccountView):
    day: str


class ModelAccount(BaseModel):
    """Of this process, since it started."""

    model: str
    answers_usd: float
    avoided_usd: float


class LedgerPage(BaseModel):
    """Of all instances with Redis, else of this process since it started."""

    since: str
    total: AccountView
    days: list[DayAccount] = Field(description="Oldest first; days without a request are left out.")
    models: list[ModelAccount]
    wrong_hits: WrongHits
    wrong_hits_by_model: list[WrongHits]
    wrong_hits_by_route: list[WrongHits]


@router.get("/ledger", summary="Show what the cache costs and saves")
async def ledger(
    request: Request,
    tenant: Annotated[Tenant | None, Query(description="Whose account; everyone's if absent.")] = None,
    since: Day = None,
) -> LedgerPage:
    """Return the account by day and in total, and the measured rate of wrong hits, since a day (30 days if absent)."""
    service = operated(request)
    days = days_since(service, since)
    counted = await _counted(service, tenant, days)
    total = summed(counted)
    rates = Rates() if service.learning is None or service.learning.auditor is None else service.learning.auditor.rates
    return LedgerPage(
        since=days[0],
        total=AccountView(**asdict(account(total, service.prices))),
        days=[
            DayAccount(day=day, **asdict(account(each, service.prices)))
            for day, each in zip(days, counted, strict=True)
            if each
        ],
        models=_models(service, tenant),
        wrong_hits=_rate(rates, "", total),
        wrong_hits_by_model=_labelled(rates, "model", total),
        wrong_hits_by_route=_labelled(rates, "route", total),
    )


def days_since(service: Service, since: str | None) -> list[str]:
    """Return the days since one, oldest first; raises InvalidRequestError for one too long ago."""
    today = date_of(service.clock.now())
    count = DAYS if since is None else (today - day_of(since, "since")).days + 1
    if not 1 <= count <= MOST_DAYS:
        rule = f"since: must be a day of the last {MOST_DAYS}"
        raise InvalidRequestError(rule, code="invalid_day", param="since", status=422)
    return [day.isoformat() for day in until(today, count)]


async def _counted(service: Service, tenant: str | None, days: Sequence[str]) -> Sequence[Mapping[str, float]]:
    """Return the counters of each day, of the books or this process; a judge is counted where answers are."""
    books, learning = service.recording.books, service.learning
    space = None if tenant is None else namespace_of(service, tenant)
    with store_needed():
        is_counted = learning is None or (tenant is None and books is not None)
        judged = [] if is_counted or learning is None else await learning.ledger.by_day(days, space)
        if books is None:
            answered: Sequence[Mapping[str, float]] = _own(service, tenant, days)
        else:
            owner = None if tenant is None else directory_of(service).own_namespace(tenant)
            answered = await books.read_counters(*days, owner=owner)
            if owner is not None:
                answered = _with_commands(answered, await books.read_counters(*days))
    return [_merged(each, judged[at] if judged else {}) for at, each in enumerate(answered)]


def _merged(answered: Mapping[str, float], judged: Mapping[str, float]) -> Mapping[str, float]:
    return {**answered, **{name: amount for name, amount in judged.items() if name.startswith(_JUDGED)}}


def _with_commands(own: Sequence[Mapping[str, float]], fleet: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
    """Give a tenant the share of the store's commands that it has of the answers."""
    return [
        {**mine, "store_commands": everyone.get("store_commands", 0.0) * _answers(mine) / max(1.0, _answers(everyone))}
        if mine
        else {}
        for mine, everyone in zip(own, fleet, strict=True)
    ]


def _answers(counted: Mapping[str, float]) -> float:
    return sum(counted.get(name, 0.0) for name in ("hit_exact", "hit_semantic", "stale", "miss", "bypass"))


def _own(service: Service, tenant: str | None, days: Sequence[str]) -> Sequence[Mapping[str, float]]:
    observed = service.recording.observed
    sums: dict[str, defaultdict[str, float]] = {day: defaultdict(float) for day in days}
    if observed is not None:
        observed.settle()
        for day, line, each in observed.ledger.rows():
            if day in sums and tenant in (None, line.tenant):
                sums[day]["cost_usd"] += each.cost_usd
                sums[day]["saved_usd"] += each.saved_usd
                sums[day]["embed_us"] += each.embed_us
                sums[day][line.outcome] += each.requests
    return [sums[day] for day in days]


def _models(service: Service, tenant: str | None) -> list[ModelAccount]:
    observed = service.recording.observed
    found: dict[str, tuple[float, float]] = {}
    if observed is not None:
        observed.settle()
        for line, each in observed.ledger.totals.items():
            if line.model and tenant in (None, line.tenant):
                cost, saved = found.get(f"{line.provider}/{line.model}", (0.0, 0.0))
                found[f"{line.provider}/{line.model}"] = cost + each.cost_usd, saved + each.saved_usd
    return [
        ModelAccount(model=name, answers_usd=round(cost, 9), avoided_usd=round(saved, 9))
        for name, (cost, saved) in sorted(found.items())
    ]


def _labelled(rates: Rates, kind: str, counted: Mapping[str, float]) -> list[WrongHits]:
    """Return the rates of counters by label: `audits@model:groq/llama`."""
    start = f"audits@{kind}:"
    labels = sorted(name.removeprefix(start) for name in counted if name.startswith(start))
    return [_rate(rates, label, counted, f"@{kind}:{label}") for label in labels]


def _rate(rates: Rates, name: str, counted: Mapping[str, float], label: str = "") -> WrongHits:
    audits, wrong = counted.get(f"audits{label}", 0.0), counted.get(f"audits_wrong{label}", 0.0)
    return wrong_hits(rates.of_counts(name, int(audits), int(wrong)))
