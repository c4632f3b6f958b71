from __future__ import annotations

from sentinel_core.stores.days import day_of
from sentinel_core.telemetry.cost_ledger import MOST_DAYS, OTHER, CostLedger
from sentinel_core.telemetry.records import Answered
from sentinel_core.telemetry.sums import Line, Sums
from tests.telemetry.adding import add

DAY = 86_400.0


def answered(model: str = "small", status: int = 200) -> Answered:
    return Answered(
        "/v1/query", "miss", status, 1.0, provider="fake", model=model, tenant="acme", prompt_tokens=7,
        cost_usd=0.25, saved_usd=0.0,
    )  # fmt: skip


def test_a_row_sums_the_requests_of_one_day_key_and_model() -> None:
    ledger = CostLedger(day_of)
    for _ in range(2):
        add(ledger, answered(), "k1", 0.0)
    add(ledger, answered(), "k1", DAY)
    line = Line("acme", "k1", "fake", "small", "miss")

    assert list(ledger.rows()) == [
        ("1970-01-01", line, Sums(requests=2, prompt_tokens=14, cost_usd=0.5)),
        ("1970-01-02", line, Sums(requests=1, prompt_tokens=7, cost_usd=0.25)),
    ]


def test_rows_past_the_bound_are_summed_under_other() -> None:
    ledger = CostLedger(day_of, most=2)
    for number in range(50):
        add(ledger, answered(f"m{number}"), None, 0.0)
    rows = {line.model: sums.requests for _, line, sums in ledger.rows()}

    assert rows == {"m0": 1, "m1": 1, OTHER: 48}


def test_a_failed_request_adds_no_row_of_its_models_name() -> None:
    ledger = CostLedger(day_of)
    for number in range(50):
        add(ledger, answered(f"m{number}", status=502), None, 0.0)

    assert [(line.provider, line.model, sums.requests) for _, line, sums in ledger.rows()] == [("", "", 50)]


def test_days_past_the_bound_are_dropped() -> None:
    ledger = CostLedger(day_of)
    for day in range(MOST_DAYS + 5):
        add(ledger, answered(), None, day * DAY)

    assert len(list(ledger.rows())) == MOST_DAYS
    assert next(ledger.rows())[0] == "1970-01-06"


def test_requests_past_the_bound_stay_in_the_totals_of_their_model() -> None:
    ledger = CostLedger(day_of, most=1)
    for number in range(3):
        add(ledger, answered(f"m{number}"), None, 0.0)

    assert {line.model: sums.requests for line, sums in ledger.totals.items() if sums.requests} == {
        "m0": 1, "m1": 1, "m2": 1,
    }  # fmt: skip
