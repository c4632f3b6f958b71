from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.stores.days import day_of
from sentinel_core.telemetry.cost_ledger import CostLedger
from sentinel_core.telemetry.records import Answered
from sentinel_core.telemetry.series import Series
from sentinel_core.telemetry.sums import Line, SeenRequest, Sums, batches
from tests.telemetry.adding import add

DOLLARS = st.none() | st.sampled_from([0.0, 0.25, 0.5])
REQUESTS = st.lists(
    st.builds(
        SeenRequest,
        at=st.sampled_from([0.0, 59.9, 60.0, 86_400.0]),
        answered=st.builds(
            Answered,
            route=st.just("/v1/query"),
            outcome=st.sampled_from(["miss", "hit_exact", "error"]),
            status=st.sampled_from([200, 502]),
            latency_ms=st.sampled_from([0.05, 3.0, 1e9]),
            provider=st.sampled_from([None, "p"]),
            model=st.sampled_from([None, "m", "n"]),
            prompt_tokens=st.integers(0, 3),
            cost_usd=DOLLARS,
            saved_usd=DOLLARS,
            tenant=st.sampled_from([None, "acme", "globex"]),
        ),
        key=st.sampled_from([None, "k"]),
    ),
    max_size=40,
)


@given(REQUESTS)
def test_requests_summed_at_once_equal_those_summed_one_by_one(requests: list[SeenRequest]) -> None:
    at_once, one_by_one = (CostLedger(day_of), Series()), (CostLedger(day_of), Series())
    for batch in batches(sorted(requests, key=lambda seen: seen.at)):
        for sums in at_once:
            sums.add(batch)
    for seen in sorted(requests, key=lambda seen: seen.at):
        for sums in one_by_one:
            add(sums, seen.answered, seen.key, seen.at)

    assert list(at_once[0].rows()) == list(one_by_one[0].rows())
    assert at_once[0].totals == one_by_one[0].totals
    assert at_once[1].points("minute", 1e6) == one_by_one[1].points("minute", 1e6)


def test_failed_request_has_neither_provider_nor_model() -> None:
    failed = Answered("/v1/query", "error", 502, 1.0, provider="p", model="m", tenant="acme")
    (batch,) = batches([SeenRequest(61.0, failed, "k")])

    assert (batch.minute, batch.line, batch.sums) == (60, Line("acme", "k", "", "", "error"), Sums(requests=1))
