from __future__ import annotations

import itertools

import pytest

from sentinel_core.telemetry.histogram import BOUNDS_MS, Histogram


def test_an_empty_histogram_has_no_percentile() -> None:
    assert (Histogram().total, Histogram().percentile(0.5)) == (0, None)


def test_the_bounds_rise_by_a_quarter_from_a_tenth_of_a_millisecond_to_two_minutes() -> None:
    assert BOUNDS_MS[0] == 0.1
    assert BOUNDS_MS[-1] > 120_000
    assert [round(high / low, 2) for low, high in itertools.pairwise(BOUNDS_MS)] == [1.25] * 63


@pytest.mark.parametrize(
    ("milliseconds", "bound"),
    [(0.0, 0.1), (0.1, 0.1), (0.1001, 0.125), (BOUNDS_MS[-1], BOUNDS_MS[-1]), (1e9, BOUNDS_MS[-1])],
)
def test_a_value_is_reported_as_the_bound_above_it(milliseconds: float, bound: float) -> None:
    histogram = Histogram()
    histogram.add(milliseconds)

    assert [histogram.percentile(share) for share in (0.0, 0.5, 1.0)] == [bound] * 3


def test_percentiles_split_the_values_where_they_should() -> None:
    histogram = Histogram()
    for _ in range(95):
        histogram.add(0.1)
    for _ in range(5):
        histogram.add(1e6)

    assert histogram.total == 100
    assert [histogram.percentile(share) for share in (0.5, 0.95, 0.99)] == [0.1, 0.1, BOUNDS_MS[-1]]


def test_two_histograms_share_no_counts() -> None:
    first, second = Histogram(), Histogram()
    first.add(1)

    assert (first.total, second.total) == (1, 0)
