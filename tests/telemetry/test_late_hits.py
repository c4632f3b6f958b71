from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Sequence
from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.cache.purge import Purge
from sentinel_core.stores.days import day_of
from sentinel_core.telemetry.alike import Alike, AlikeHit
from sentinel_core.telemetry.cost_ledger import CostLedger
from sentinel_core.telemetry.counters import Counters
from sentinel_core.telemetry.late_hits import MOST_UNRECORDED, LateHits
from sentinel_core.telemetry.logs import LogRecorder
from sentinel_core.telemetry.observed import Observed
from sentinel_core.telemetry.records import Answered
from tests.support.fakes import FakeClock

pytestmark = pytest.mark.anyio

HITS = st.builds(
    AlikeHit,
    st.builds(
        lambda tenant, saved, personal, prompt: Alike(
            Answered(
                *("/v1/query", "hit_exact", 200, 0.0, "exact", "groq", "a%model"),
                avoided_tokens=30,
                cost_usd=0.0,
                saved_usd=saved,
                similarity=1.0,
                personal=personal,
                tenant=tenant,
            ),
            *(None if tenant is None else f"key of {tenant}", prompt, "f:d", f"of {tenant}", "d"),
        ),
        tenant=st.sampled_from([None, "acme", "other"]),
        saved=st.sampled_from([None, 0.0, 0.1, 0.000_123]),
        personal=st.sampled_from([None, "my"]),
        prompt=st.sampled_from(["", "what is 5 %?"]),
    ),
    at=st.floats(1_700_000_000, 1_700_000_130),
    latency_ms=st.sampled_from([0.0, 0.004, 0.05, 2.5, 1e6]),
    store_ms=st.sampled_from([0.0, 0.000_001, 0.0071]),
    request_id=st.sampled_from(["request-1", "request-2"]),
)


class Kept:
    """A recorder of hits that keeps them."""

    def __init__(self) -> None:
        self.hits: list[AlikeHit] = []

    def record_hits(self, hits: Sequence[AlikeHit]) -> None:
        self.hits += hits


def hit(number: int) -> AlikeHit:
    return AlikeHit(
        Alike(Answered("/v1/query", "hit_exact", 200, 0.0), None, "", "f:d", "open", "d"), number, 1, 1, "id"
    )


async def test_hits_are_recorded_at_the_end_of_the_turn_or_once_they_are_many() -> None:
    kept = Kept()
    late = LateHits(kept)
    late.add(hit(0))
    assert not kept.hits
    await asyncio.sleep(0)
    assert [each.at for each in kept.hits] == [0]

    for number in range(1, MOST_UNRECORDED + 2):
        late.add(hit(number))
    assert [each.at for each in kept.hits] == [*range(MOST_UNRECORDED + 1)]
    late.settle()
    assert [each.at for each in kept.hits] == [*range(MOST_UNRECORDED + 2)]


@given(st.lists(HITS, min_size=1, max_size=8).map(lambda hits: sorted(hits, key=lambda each: each.at)))
def test_hits_recorded_together_equal_those_recorded_one_by_one(hits: list[AlikeHit]) -> None:
    clock, together, alone = FakeClock(), io.StringIO(), io.StringIO()
    sums = Counters(clock), Counters(clock)
    observed = Observed(clock, CostLedger(day_of)), Observed(clock, CostLedger(day_of))
    sums[0].record_hits(hits)
    observed[0].note_hits(hits)
    LogRecorder(together, clock).record_hits(hits)
    for each in hits:
        clock.moment = each.at
        sums[1].record(each.answered)
        observed[1].note(each.answered, each.key, each.alike.prompt, each.alike.entry_id, each.namespace)
        LogRecorder(alone, clock).record(each.answered)
    observed[1].settle()

    assert sums[0] == sums[1]
    assert asyncio.run(observed[0].latest_requests(None)) == observed[1].requests.latest()
    rows, others = ({row[:2]: astuple(row[2]) for row in each.ledger.rows()} for each in observed)
    assert rows == {row: pytest.approx(each) for row, each in others.items()}
    first, second = (each.everyone.points("day", clock.now()) for each in observed)
    assert [(each.at, each.bins) for each in first] == [(each.at, each.bins) for each in second]
    assert [*map(json.loads, together.getvalue().splitlines())] == [*map(json.loads, alone.getvalue().splitlines())]


def test_an_erasure_drops_hits_that_are_not_recorded_yet() -> None:
    observed = Observed(FakeClock(), CostLedger(day_of))

    class Ring:
        def record_hits(self, hits: Sequence[AlikeHit]) -> None:
            observed.note_hits(hits)

    observed.late = LateHits(Ring())
    observed.late._hits.append(hit(1))
    observed.erase(Purge("open"))

    assert asyncio.run(observed.latest_requests(None)) == []
    assert observed.everyone.points("day", 1.0)[0].outcomes == {"hit_exact": 1}
