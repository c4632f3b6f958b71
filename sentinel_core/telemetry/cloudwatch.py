"""CloudWatch metrics in the embedded metric format: one line on standard output for each answer."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from sentinel_core import errors
from sentinel_core.cache.events import Alert, Events
from sentinel_core.telemetry.records import Answered

NAMESPACE = "Sentinel"
SERVICE = "sentinel"
COLD_START, WARM_UP, STORE_ERROR = "ColdStarts", "WarmUps", "StoreErrors"
FORGED_ENTRY, ALERT, ESTIMATED = "ForgedEntries", "Alerts", "DollarsEstimated"
TOTALS = ("service", "stage")
BY_OUTCOME = ("service", "stage", "outcome")
"""Dimensions. Each combination of values is billed as a metric, so no dimension may be unbounded."""

Record: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Metric:
    """One CloudWatch metric; `of` returns its value for an answer. None and 0 are not sent."""

    name: str
    unit: MetricUnit
    of: Callable[[Answered], float | None]


def _provider_failed(answered: Answered) -> float:
    """Whether the provider failed: a stale entry was served, or the error code is a provider's."""
    return answered.outcome == "stale" or (answered.outcome == "error" and answered.detail in _PROVIDER_CODES)


def _store_failed(answered: Answered) -> float:
    return "store-unavailable" in (answered.detail, answered.unstored)


def _family(base: type[errors.ProviderError]) -> set[str]:
    return {base.code}.union(*map(_family, base.__subclasses__()))


_REJECTED = "rejected"
_PROVIDER_CODES = frozenset(_family(errors.ProviderError))

REQUEST_METRICS = (
    Metric("RejectedRequests", MetricUnit.Count, lambda answered: answered.outcome == _REJECTED),
    Metric("ProviderErrors", MetricUnit.Count, _provider_failed),
    Metric(STORE_ERROR, MetricUnit.Count, _store_failed),
    Metric("ProviderLatency", MetricUnit.Milliseconds, lambda answered: answered.timings_ms.get("provider")),
    Metric("PromptTokens", MetricUnit.Count, lambda answered: answered.prompt_tokens),
    Metric("CompletionTokens", MetricUnit.Count, lambda answered: answered.completion_tokens),
    Metric("AvoidedTokens", MetricUnit.Count, lambda answered: answered.avoided_tokens),
    Metric("DollarsSpent", MetricUnit.NoUnit, lambda answered: answered.cost_usd),
    Metric("DollarsAvoided", MetricUnit.NoUnit, lambda answered: answered.saved_usd),
)
LEARNED = {
    "judge_calls": ("JudgeCalls", MetricUnit.Count),
    "judge_usd": ("JudgeDollars", MetricUnit.NoUnit),
    "audits": ("Audits", MetricUnit.Count),
    "audits_wrong": ("WrongAudits", MetricUnit.Count),
    "audit_usd": ("AuditDollars", MetricUnit.NoUnit),
}
"""Metrics of the judge and the audits, by the names of the learning's ledger."""

LATENCY = Metric("Latency", MetricUnit.Milliseconds, lambda answered: answered.latency_ms)
"""Its `SampleCount` counts requests, in total and by outcome; metrics of their own for those would cost $0.30 each."""


def names() -> dict[str, list[tuple[str, ...]]]:
    """Return every metric this module can emit, with the sets of dimensions it carries."""
    totals = [*(metric.name for metric in REQUEST_METRICS), COLD_START, WARM_UP, FORGED_ENTRY, ALERT, ESTIMATED]
    totals += [name for name, _ in LEARNED.values()]
    return {**{name: [TOTALS] for name in totals}, LATENCY.name: [TOTALS, BY_OUTCOME]}


def _to_stdout(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class EmfRecorder(Events):
    """A Recorder that writes one line an answer with `write`; it buffers nothing."""

    def __init__(self, stage: str, *, write: Callable[[str], object] = _to_stdout) -> None:
        self._stage = stage
        self._write = write

    def record(self, answered: Answered) -> None:
        totals = {metric.name: (metric.unit, value) for metric in REQUEST_METRICS if (value := metric.of(answered))}
        facts = {"route": answered.route, "status": answered.status, "detail": answered.detail, "model": answered.model}
        if answered.outcome == _REJECTED:
            self._emit(facts, self._set(totals))
            return
        latency = {LATENCY.name: (LATENCY.unit, answered.latency_ms)}
        sets = [self._set(totals)] if totals else []
        self._emit(facts, *sets, self._set(latency, outcome=answered.outcome))

    def forged(self, where: Mapping[str, str]) -> None:
        self.count(FORGED_ENTRY, where)

    def alert_raised(self, alert: Alert) -> None:
        self.count(ALERT, {"alert": alert.id})

    def estimated(self, usd: float, tenant: str | None) -> None:
        """Write them with the tenant as a field: as a dimension each would be a metric of its own, and billed."""
        self._emit({"tenant": tenant}, self._set({ESTIMATED: (MetricUnit.NoUnit, usd)}))

    def learned(self, amounts: Mapping[str, float]) -> None:
        values = {LEARNED[name][0]: (LEARNED[name][1], amount) for name, amount in amounts.items() if name in LEARNED}
        if any(amount for _, amount in values.values()):
            self._emit({}, self._set(values))

    def count(self, name: str, facts: Mapping[str, object] | None = None) -> None:
        """Count an event of the function itself, such as a cold start."""
        self._emit(facts or {}, self._set({name: (MetricUnit.Count, 1)}))

    def _set(self, values: Mapping[str, tuple[MetricUnit, float]], **also: str) -> Record:
        # Given whole: `add_metric` checks names and units anew each time, which took a tenth of an exact hit.
        provider = AmazonCloudWatchEMFProvider(
            metric_set={name: {"Unit": unit.value, "Value": [float(value)]} for name, (unit, value) in values.items()},
            dimension_set={"service": SERVICE, "stage": self._stage},
            namespace=NAMESPACE,
        )
        if also:
            provider.add_dimensions(service=SERVICE, stage=self._stage, **also)
        return dict(provider.serialize_metric_set())

    def _emit(self, facts: Mapping[str, object], *sets: Record) -> None:
        known = {name: value for name, value in facts.items() if value is not None}
        self._write(json.dumps({**known, **_joined(sets)}, separators=(",", ":")))


def _joined(sets: Sequence[Record]) -> Record:
    """Merge metric sets, each with its own dimensions, into one line."""
    record = {name: value for each in sets for name, value in each.items()}
    directives = [directive for each in sets for directive in each["_aws"]["CloudWatchMetrics"]]
    return {**record, "_aws": {**sets[0]["_aws"], "CloudWatchMetrics": directives}}
