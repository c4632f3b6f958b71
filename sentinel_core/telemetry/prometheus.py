"""Counters of this process in the text formats of Prometheus and OpenMetrics, by the official client library."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, islice

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector, CollectorRegistry

from sentinel_core.telemetry.cost_ledger import OTHER
from sentinel_core.telemetry.counters import Counters
from sentinel_core.telemetry.histogram import BOUNDS_MS, Histogram
from sentinel_core.telemetry.sums import Line, Sums

MOST_REASONS = 200
"""Pairs of outcome and reason; further ones are counted under `other`."""

_EACH_BOUND = 4
"""Every fourth bound, each 2.4 times the last: 16 buckets of an outcome instead of 65."""

_LABELS = ("tenant", "provider", "model")


@dataclass(eq=False, slots=True)
class Figures(Collector):
    """
    Everything that is exposed: of all tenants, or of one.

    `stored` is None where it is not known or not asked; `shares` are the shares of new values by tenant and part of
    the scope, `estimates` the estimated dollars by tenant. `learned` are the counts of judge and audits, None without
    a judge; `wrong_hits` is the measured rate of wrong hits with both ends of its interval, None if not measured.
    """

    version: str
    uptime_seconds: float
    counters: Counters
    totals: Mapping[Line, Sums]
    stored: int | None = None
    shares: Mapping[tuple[str, str], float] = field(default_factory=dict)
    estimates: Mapping[str, float] = field(default_factory=dict)
    learned: Mapping[str, float] | None = None
    wrong_hits: tuple[float, float, float] | None = None

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics; the base class sets the name."""
        yield InfoMetricFamily("sentinel_build", "Version of Sentinel.", value={"version": self.version})
        yield GaugeMetricFamily("sentinel_uptime_seconds", "Seconds since the process started.", self.uptime_seconds)
        if self.stored is not None:
            yield GaugeMetricFamily("sentinel_stored_entries", "Stored answers.", self.stored)
        varied = GaugeMetricFamily(
            "sentinel_scope_distinct_share", "Share of the last requests whose part is new.", labels=("tenant", "part")
        )
        for labels, share in self.shares.items():
            varied.add_metric(labels, share)
        yield varied
        yield self._requests()
        yield from self._sums()
        yield self._durations()
        yield from self._reasons()
        if self.learned is not None:
            yield from _learning(self.learned, self.wrong_hits)

    def _requests(self) -> Metric:
        metric = CounterMetricFamily(
            "sentinel_requests", "Requests by outcome, errors included.", labels=(*_LABELS, "outcome")
        )
        for line, sums in self.totals.items():
            metric.add_metric([line.tenant, line.provider, line.model, line.outcome], sums.requests)
        return metric

    def _sums(self) -> Iterator[Metric]:
        cost = CounterMetricFamily("sentinel_cost_usd", "Dollars billed by providers.", labels=_LABELS)
        saved = CounterMetricFamily("sentinel_saved_usd", "Dollars that hits avoided.", labels=_LABELS)
        unpriced = CounterMetricFamily("sentinel_unpriced", "Answers of unknown cost.", labels=_LABELS)
        tokens = CounterMetricFamily("sentinel_tokens", "Tokens billed or avoided.", labels=(*_LABELS, "kind"))
        for labels, sums in _without_outcome(self.totals).items():
            cost.add_metric(labels, sums.cost_usd)
            saved.add_metric(labels, sums.saved_usd)
            unpriced.add_metric(labels, sums.unpriced)
            for kind in ("prompt", "completion", "avoided"):
                tokens.add_metric([*labels, kind], getattr(sums, f"{kind}_tokens"))
        estimated = CounterMetricFamily(
            "sentinel_estimated_usd", "Dollars that budgets count by an estimate, besides the cost.", labels=["tenant"]
        )
        for tenant, usd in self.estimates.items():
            estimated.add_metric([tenant], usd)
        yield from (cost, saved, unpriced, tokens, estimated)

    def _durations(self) -> Metric:
        metric = HistogramMetricFamily(
            "sentinel_request_duration_seconds", "Time in Sentinel, the provider's included.", labels=["outcome"]
        )
        for outcome, histogram in self.counters.latencies.items():
            metric.add_metric([outcome], _buckets(histogram), histogram.sum_ms / 1000)
        return metric

    def _reasons(self) -> Iterator[Metric]:
        counters = self.counters
        reasons = CounterMetricFamily("sentinel_reasons", "Reasons of outcomes.", labels=["outcome", "reason"])
        named = (("bypass", counters.bypasses), ("miss", counters.misses), ("error", counters.errors))
        for labels, count in _capped((outcome, each, n) for outcome, by in named for each, n in by.items()).items():
            reasons.add_metric(labels, count)
        yield reasons
        for name, meaning, label, by in (
            ("sentinel_not_stored", "Answers that were not stored.", "reason", counters.unstored),
            ("sentinel_verdicts", "Verdicts on answers.", "verdict", counters.feedback),
        ):
            metric = CounterMetricFamily(name, meaning, labels=[label])
            for value, count in by.items():
                metric.add_metric([value], count)
            yield metric
        yield CounterMetricFamily(
            "sentinel_collapsed", "Requests that waited for an identical one.", value=counters.collapsed
        )


def _learning(counts: Mapping[str, float], wrong_hits: tuple[float, float, float] | None) -> Iterator[Metric]:
    words = CounterMetricFamily("sentinel_judge_words", "Answers of the judge on pairs of prompts.", labels=["word"])
    for word in ("same", "different", "silent"):
        words.add_metric([word], counts.get(f"judge_{word}", 0.0))
    audits = CounterMetricFamily("sentinel_audits", "Audited semantic hits.", labels=["answers"])
    wrong = counts.get("audits_wrong", 0.0)
    audits.add_metric(["same"], counts.get("audits", 0.0) - wrong)
    audits.add_metric(["different"], wrong)
    own = CounterMetricFamily("sentinel_learning_usd", "Dollars for judge and audits.", labels=["for"])
    for purpose in ("judge", "audit"):
        own.add_metric([purpose], counts.get(f"{purpose}_usd", 0.0))
    yield from (words, audits, own)
    rate = GaugeMetricFamily(
        "sentinel_wrong_hit_share", "Share of wrong semantic hits by audits, with its 95 % interval.", labels=["bound"]
    )
    for bound, share in zip(("rate", "low", "high"), wrong_hits or (), strict=False):
        rate.add_metric([bound], share)
    yield rate


def exposition(figures: Figures, accept: str) -> tuple[bytes, str]:
    """Return the text and its content type, as the `Accept` header wants it."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(figures)
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


def _without_outcome(totals: Mapping[Line, Sums]) -> Mapping[tuple[str, str, str], Sums]:
    merged: dict[tuple[str, str, str], Sums] = {}
    for line, sums in totals.items():
        merged.setdefault((line.tenant, line.provider, line.model), Sums()).merge(sums)
    return merged


def _capped(counts: Iterable[tuple[str, str, int]]) -> Mapping[tuple[str, str], int]:
    capped: dict[tuple[str, str], int] = {}
    for outcome, reason, count in counts:
        labels = (outcome, reason) if len(capped) < MOST_REASONS else (outcome, OTHER)
        capped[labels] = capped.get(labels, 0) + count
    return capped


def _buckets(histogram: Histogram) -> list[tuple[str, float]]:
    """Return cumulative counts by upper bound in seconds."""
    sums = list(accumulate(histogram.counts))
    pairs = list(zip(BOUNDS_MS, sums, strict=False))
    bounds = islice(pairs, _EACH_BOUND - 1, None, _EACH_BOUND)
    return [*((f"{bound / 1000:g}", float(count)) for bound, count in bounds), ("+Inf", float(sums[-1]))]
