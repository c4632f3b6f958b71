"""Translates the metrics of `GET /metrics` for OpenTelemetry, under the same names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    Sum,
)
from prometheus_client.core import Metric as Family
from prometheus_client.samples import Sample

from sentinel_core.telemetry.prometheus import Figures

_CUMULATIVE = AggregationTemporality.CUMULATIVE


def as_sdk_metrics(figures: Figures, started_ns: int, now_ns: int) -> Sequence[Metric]:
    """Return the metrics as cumulative sums, gauges and histograms; the times are Unix time in nanoseconds."""
    return [
        _histogram(family, started_ns, now_ns) if family.type == "histogram" else _numbers(family, started_ns, now_ns)
        for family in figures.collect()
        if family.samples
    ]


def _numbers(family: Family, started_ns: int, now_ns: int) -> Metric:
    points = [NumberDataPoint(sample.labels, started_ns, now_ns, sample.value) for sample in family.samples]
    data = Sum(points, _CUMULATIVE, is_monotonic=True) if family.type == "counter" else Gauge(points)
    return Metric(family.samples[0].name, family.documentation, "", data)


def _histogram(family: Family, started_ns: int, now_ns: int) -> Metric:
    points = [_point(labels, samples, started_ns, now_ns) for labels, samples in _by_labels(family.samples)]
    return Metric(family.name, family.documentation, "s", Histogram(points, _CUMULATIVE))


def _by_labels(samples: Sequence[Sample]) -> Iterator[tuple[dict[str, str], list[Sample]]]:
    grouped: dict[tuple[tuple[str, str], ...], list[Sample]] = {}
    for sample in samples:
        grouped.setdefault(tuple((name, text) for name, text in sample.labels.items() if name != "le"), []).append(
            sample
        )
    for labels, group in grouped.items():
        yield dict(labels), group


def _point(labels: dict[str, str], samples: Sequence[Sample], started_ns: int, now_ns: int) -> HistogramDataPoint:
    """Return one histogram; buckets are cumulative in Prometheus, and counts of their own in OpenTelemetry."""
    sums = [(float(sample.labels["le"]), int(sample.value)) for sample in samples if "le" in sample.labels]
    total = next(sample.value for sample in samples if sample.name.endswith("_sum"))
    counts = [sums[0][1], *(after - before for (_, before), (_, after) in pairwise(sums))]
    return HistogramDataPoint(
        labels,
        started_ns,
        now_ns,
        count=sums[-1][1],
        sum=total,
        bucket_counts=counts,
        explicit_bounds=[bound for bound, _ in sums[:-1]],
        min=0.0,
        max=0.0,
    )
