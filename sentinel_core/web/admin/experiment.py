"""`/v1/admin/experiment`: two policies side by side on the same traffic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request
from pydantic import BaseModel, Field

from sentinel_core.cache.experiment import Difference, of_intervals, of_ratios
from sentinel_core.errors import NotFoundError
from sentinel_core.learning.experiments import Bucket
from sentinel_core.learning.ledger import summed
from sentinel_core.learning.rates import Rate, Rates
from sentinel_core.tenants.policy import EXPERIMENT, Rule
from sentinel_core.web.admin.common import operated, reading_router, store_needed
from sentinel_core.web.admin.ledger import days_since
from sentinel_core.web.admin.stats import Day
from sentinel_core.web.learning_view import WrongHits, wrong_hits
from sentinel_core.web.service import Service

router = reading_router()

_RATIOS = {
    "hit_share": "hits",
    "semantic_hit_share": "hits_semantic",
    "saved_usd_per_request": "saved_usd",
    "cost_usd_per_request": "cost_usd",
    "latency_ms": "ms",
}
"""Figures of an arm, each a sum divided by its requests."""


class ArmView(BaseModel):
    """Answers of the callers under one policy."""

    policy: str = Field(description="`a` without the experiment's values, `b` with them.")
    requests: int
    unpriced_requests: int = Field(description="Of unknown price: with any, the dollars are a lower bound.")
    hit_share: float | None
    semantic_hit_share: float | None
    saved_usd_per_request: float | None
    cost_usd_per_request: float | None
    latency_ms: float | None = Field(description="Mean.")
    wrong_hits: WrongHits = Field(description="As audits measured it; see GET /v1/admin/learning.")


class DifferenceView(BaseModel):
    """A figure of b less that of a, with its 95 % interval; null where it is not known."""

    b_minus_a: float | None
    low: float | None
    high: float | None


class ExperimentPage(BaseModel):
    """Of all instances with Redis, else of this process since it started."""

    name: str
    share: float = Field(description="Share of callers under b.")
    since: str
    arms: list[ArmView]
    differences: Mapping[str, DifferenceView] = Field(
        description="By figure. Intervals are over 16 groups of callers, of which both arms need 4."
    )


@dataclass(frozen=True, slots=True)
class _Read:
    sums: Mapping[str, Sequence[Bucket]]
    rates: Mapping[str, Rate]


@router.get("/experiment", summary="Compare two policies on the same traffic")
async def experiment(request: Request, since: Day = None) -> ExperimentPage:
    """Return both arms of the policy's experiment since a day (30 days if absent), and the differences."""
    service = operated(request)
    rule = service.policies.current().experiment
    if rule is None or service.recording.experiments is None:
        raise NotFoundError("the policy has no experiment: see /guide/policy", code="no_experiment")
    days = days_since(service, since)
    with store_needed():
        read = await _read(service, rule, days)
    figures = {figure: of_ratios(_sums(read, "a", name), _sums(read, "b", name)) for figure, name in _RATIOS.items()}
    differences = {figure: _view(difference) for figure, (_, _, difference) in figures.items()}
    differences["wrong_hits"] = _view(of_intervals(_interval(read.rates["a"]), _interval(read.rates["b"])))
    arms = [
        ArmView(
            policy=policy,
            requests=_total(read, policy, "requests"),
            unpriced_requests=_total(read, policy, "unpriced"),
            wrong_hits=wrong_hits(read.rates[policy]),
            **{figure: _rounded(found[at]) for figure, found in figures.items()},  # type: ignore[arg-type]
        )
        for at, policy in enumerate(("a", "b"))
    ]
    return ExperimentPage(
        name=rule.selectors[EXPERIMENT], share=rule.share, since=days[0], arms=arms, differences=differences
    )


async def _read(service: Service, rule: Rule, days: Sequence[str]) -> _Read:
    name, learning = rule.selectors[EXPERIMENT], service.learning
    experiments = service.recording.experiments
    sums = {} if experiments is None else await experiments.read(name, days)
    counted = {} if learning is None else summed(await learning.ledger.by_day(days))
    rates = Rates() if learning is None or learning.auditor is None else learning.auditor.rates
    return _Read(sums, {policy: _rate(rates, f"{name}/{policy}", counted) for policy in ("a", "b")})


def _rate(rates: Rates, label: str, counted: Mapping[str, float]) -> Rate:
    audits, wrong = counted.get(f"audits@arm:{label}", 0), counted.get(f"audits_wrong@arm:{label}", 0)
    return rates.of_counts(label, int(audits), int(wrong))


def _sums(read: _Read, policy: str, name: str) -> list[tuple[float, float]]:
    return [(bucket[name], bucket["requests"]) for bucket in read.sums[policy]]


def _total(read: _Read, policy: str, name: str) -> int:
    return int(sum(bucket[name] for bucket in read.sums[policy]))


def _interval(rate: Rate) -> tuple[float, float, float] | None:
    if rate.rate is None or rate.low is None or rate.high is None:
        return None
    return rate.rate, rate.low, rate.high


def _view(difference: Difference) -> DifferenceView:
    return DifferenceView(
        b_minus_a=_rounded(difference.value), low=_rounded(difference.low), high=_rounded(difference.high)
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 9)
