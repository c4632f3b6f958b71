from __future__ import annotations

from sentinel_core.telemetry.records import Answered
from sentinel_core.telemetry.series import KEPT, Series
from tests.telemetry.adding import add

START = 1_000_000_000 // 86_400 * 86_400


def answered(outcome: str = "miss", **fields: object) -> Answered:
    return Answered("/v1/query", outcome, 200, 2.0, **{"cost_usd": 0.5, "saved_usd": 0.0, **fields})  # type: ignore[arg-type]


def test_points_sum_requests_by_minute_hour_and_day() -> None:
    series = Series()
    for after in (0, 59, 60, 3_600, 86_400):
        add(series, answered(), at=START + after)
    now = START + 86_400

    summed = {step: [(point.at - START, point.outcomes["miss"]) for point in series.points(step, now)] for step in KEPT}
    assert summed == {
        "minute": [(0, 2), (60, 1), (3_600, 1), (86_400, 1)],
        "hour": [(0, 3), (3_600, 1), (86_400, 1)],
        "day": [(0, 4), (86_400, 1)],
    }


def test_a_point_sums_dollars_latencies_and_verdicts() -> None:
    series = Series()
    add(series, answered("hit_exact", cost_usd=0.0, saved_usd=0.25), at=START)
    add(series, answered(cost_usd=None), at=START + 1)
    series.judge("wrong", START + 2)

    [point] = series.points("day", START + 3)
    assert (point.cost_usd, point.saved_usd, point.unpriced, dict(point.verdicts)) == (0.0, 0.25, 1, {"wrong": 1})
    assert (point.latency_of("miss").total, point.latency_of("hit_exact").percentile(0.5)) == (1, 2.2737)


def test_a_series_keeps_a_fixed_number_of_points() -> None:
    series = Series()
    for minute in range(500):
        add(series, answered(), at=START + 60 * minute)

    assert len(series.points("minute", START + 60 * 499)) == KEPT["minute"] + 1
    assert sum(point.outcomes["miss"] for point in series.points("day", START + 60 * 499)) == 500


def test_a_clock_that_steps_back_loses_no_request() -> None:
    series = Series()
    add(series, answered(), at=START + 120)
    add(series, answered(), at=START)

    assert [(point.at - START, point.outcomes["miss"]) for point in series.points("minute", START)] == [(120, 2)]


def test_own_cost_alone_makes_a_point() -> None:
    series = Series()
    series.spend(0.25, START)
    series.spend(0.5, START + 3_600)

    assert [(point.at - START, point.own_usd) for point in series.points("hour", START + 7_200)] == [
        (0, 0.25),
        (3_600, 0.5),
    ]
