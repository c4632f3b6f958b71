from __future__ import annotations

import pytest

from scripts.benches.report import Ratio, Row, Summary, markdown, percentile, ratio, summarise


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([7.0], 0.5, 7.0),
        ([1.0, 2.0], 0.5, 1.0),
        ([3.0, 1.0, 2.0], 0.5, 2.0),
        ([float(one) for one in range(1, 101)], 0.95, 95.0),
        ([float(one) for one in range(1, 101)], 0.99, 99.0),
        ([float(one) for one in range(1, 101)], 1.0, 100.0),
        ([float(one) for one in range(1, 101)], 0.0, 1.0),
    ],
)
def test_a_percentile_is_the_value_of_the_nearest_rank(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == expected


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_seconds_are_described_in_milliseconds() -> None:
    assert summarise([0.002, 0.001, 0.003]) == Summary(p50=2.0, p95=3.0, p99=3.0, count=3)


def test_a_ratio_is_taken_round_by_round() -> None:
    assert ratio([1.0, 4.0, 9.0], [1.0, 2.0, 3.0]) == Ratio(median=2.0, low=1.0, high=3.0)


def test_rounds_without_a_counterpart_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        ratio([1.0, 2.0], [1.0])


def test_a_table_has_the_first_rows_columns() -> None:
    rows: list[Row] = [{"what": "hit", "ms": 0.31234}, {"what": "miss", "ms": 12345.6}, {"what": "none", "ms": None}]

    assert markdown(rows).splitlines() == [
        "| what | ms |",
        "| --- | --- |",
        "| hit | 0.312 |",
        "| miss | 12,346 |",
        "| none | - |",
    ]
