from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace

import pytest
from prometheus_client.openmetrics import parser

from sentinel_core.stores.days import day_of
from sentinel_core.telemetry.cost_ledger import MOST_TOTALS, OTHER, CostLedger
from sentinel_core.telemetry.counters import Counters
from sentinel_core.telemetry.prometheus import Figures, exposition
from sentinel_core.telemetry.records import Answered
from sentinel_core.telemetry.sums import SeenRequest, batches
from tests.support.fakes import FakeClock

TENANTS = 10_000
HOSTILE = ('m"} 1', "m\nsentinel_forged 1", "m\\", "m{x='y'}", "ü\u202e", "")
PROMTOOL = shutil.which("promtool")


def figures() -> Figures:
    """The figures of a server that 10,000 tenants have asked for models with hostile names."""
    ledger, counters = CostLedger(day_of), Counters(FakeClock())
    requests = [
        SeenRequest(
            1e9,
            Answered("/v1/query", "miss", 200, 1.0, provider="p", model=HOSTILE[number % 6], tenant=f"t{number}"),
            "key",
        )
        for number in range(TENANTS)
    ]
    for batch in batches(requests):
        ledger.add(batch)
    for seen in requests:
        counters.record(seen.answered)
    return Figures("1.0", 5.0, counters, ledger.totals, stored=3)


def test_series_of_many_tenants_are_bounded_and_lose_no_request() -> None:
    text = exposition(figures(), "application/openmetrics-text; version=1.0.0")[0].decode()
    families = {each.name: each for each in parser.text_string_to_metric_families(text)}  # type: ignore[no-untyped-call]
    requests = families["sentinel_requests"].samples

    assert sum(len(each.samples) for each in families.values()) < 8 * MOST_TOTALS
    assert len(requests) == MOST_TOTALS + 1
    assert sum(sample.value for sample in requests) == TENANTS
    assert [sample.value for sample in requests if sample.labels["tenant"] == OTHER] == [TENANTS - MOST_TOTALS]
    assert {sample.labels["model"] for sample in requests} == {*HOSTILE, OTHER}
    assert "sentinel_forged" not in families


def test_judge_and_audits_have_their_series() -> None:
    counts = {"judge_same": 3.0, "judge_usd": 0.5, "audits": 4.0, "audits_wrong": 1.0}
    measured = replace(figures(), learned=counts, wrong_hits=(0.25, 0.01, 0.8))
    text = exposition(measured, "")[0].decode()
    ours = ("sentinel_judge", "sentinel_audits", "sentinel_learning", "sentinel_wrong")

    assert [line for line in text.splitlines() if line.startswith(ours) and "_created" not in line] == [
        'sentinel_judge_words_total{word="same"} 3.0',
        'sentinel_judge_words_total{word="different"} 0.0',
        'sentinel_judge_words_total{word="silent"} 0.0',
        'sentinel_audits_total{answers="same"} 3.0',
        'sentinel_audits_total{answers="different"} 1.0',
        'sentinel_learning_usd_total{for="judge"} 0.5',
        'sentinel_learning_usd_total{for="audit"} 0.0',
        'sentinel_wrong_hit_share{bound="rate"} 0.25',
        'sentinel_wrong_hit_share{bound="low"} 0.01',
        'sentinel_wrong_hit_share{bound="high"} 0.8',
    ]


@pytest.mark.skipif(PROMTOOL is None, reason="no promtool on this machine (it comes with Prometheus)")
def test_promtool_accepts_every_metric() -> None:
    assert PROMTOOL is not None
    checked = subprocess.run(
        [PROMTOOL, "check", "metrics"], input=exposition(figures(), "")[0], capture_output=True, timeout=60
    )
    assert (checked.returncode, checked.stderr + checked.stdout) == (0, b"")
