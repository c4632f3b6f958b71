from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from prometheus_client import parser
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import parser as openmetrics

from sentinel_core.stores.days import day_of
from sentinel_core.telemetry.cost_ledger import MOST_TOTALS, OTHER, CostLedger
from sentinel_core.telemetry.records import Answered
from tests.support.fakes import PRICE, FakeClock
from tests.telemetry.adding import add
from tests.tenants.doors import shown_to
from tests.web.conftest import Api
from tests.web.operator import OPERATOR, Build, ask, call, kept_apart

pytestmark = pytest.mark.anyio

DASHBOARD = Path(__file__).parents[3] / "scripts" / "grafana" / "sentinel.json"


@pytest.fixture
def it(api: Build, clock: FakeClock) -> Api:
    return kept_apart(api, clock)


async def scraped(it: Api, headers: dict[str, str] | None = None) -> dict[str, Metric]:
    response = await it.client.get("/metrics", headers=OPERATOR if headers is None else headers)
    assert response.status_code == 200, response.text
    return {metric.name: metric for metric in parser.text_string_to_metric_families(response.text)}


def values(metric: Metric) -> dict[tuple[str, ...], float]:
    """Return the samples by the values of their labels, in the order of the labels' names."""
    return {tuple(text for _, text in sorted(sample.labels.items())): sample.value for sample in metric.samples}


async def test_an_operator_scrapes_requests_dollars_and_durations(it: Api) -> None:
    for tenant in ("acme", "acme", "globex"):
        await ask(it, tenant)
    metrics = await scraped(it)
    buckets = [each for each in metrics["sentinel_request_duration_seconds"].samples if each.labels.get("le") == "+Inf"]

    assert values(metrics["sentinel_requests"]) == {
        ("small", "miss", "fake", "acme"): 1, ("small", "hit_exact", "fake", "acme"): 1,
        ("small", "miss", "fake", "globex"): 1,
    }  # fmt: skip
    assert values(metrics["sentinel_saved_usd"])["small", "fake", "acme"] == PRICE
    assert {each.labels["outcome"]: each.value for each in buckets} == {"miss": 2, "hit_exact": 1}


async def test_a_key_scrapes_its_own_tenant_only(it: Api) -> None:
    for tenant in ("acme", "globex"):
        await ask(it, tenant)
    metrics = await scraped(it, {"x-api-key": shown_to("acme")})

    assert {sample.labels["tenant"] for sample in metrics["sentinel_requests"].samples} == {"acme"}
    assert "sentinel_stored_entries" not in metrics


async def test_estimated_dollars_are_shown_by_tenant(it: Api) -> None:
    for tenant in ("acme", "globex"):
        it.service.recording.counters.add_estimate(0.5, tenant)
    own = await it.client.get("/v1/metrics", headers={"x-api-key": shown_to("acme")})

    assert values((await scraped(it))["sentinel_estimated_usd"]) == {("acme",): 0.5, ("globex",): 0.5}
    assert values((await scraped(it, {"x-api-key": shown_to("acme")}))["sentinel_estimated_usd"]) == {("acme",): 0.5}
    assert own.json()["estimated_usd"] == 0.5


async def test_no_key_scrapes_nothing(it: Api) -> None:
    assert (await it.client.get("/metrics")).status_code == 401


async def test_openmetrics_is_written_on_demand_and_parses(it: Api) -> None:
    await ask(it, "acme")
    accept = {**OPERATOR, "accept": "application/openmetrics-text; version=1.0.0"}
    response = await it.client.get("/metrics", headers=accept)

    assert response.headers["content-type"].startswith("application/openmetrics-text")
    families = openmetrics.text_string_to_metric_families(response.text)  # type: ignore[no-untyped-call]
    assert "sentinel_requests" in {each.name for each in families}


async def test_the_dashboard_names_only_metrics_and_labels_that_exist(it: Api) -> None:
    await ask(it, "acme")
    await ask(it, "acme", "what is deep water", cache_control="no-store")
    await it.query({"prompt": 1}, x_api_key=shown_to("acme"))
    await it.client.post(
        "/v1/cache/feedback",
        json={"entry_id": f"{'a' * 64}:{'b' * 64}", "verdict": "right"},
        headers={"x-api-key": shown_to("acme")},
    )
    await call(it, "GET", "/requests")
    samples = [sample for metric in (await scraped(it)).values() for sample in metric.samples]
    labels: dict[str, set[str]] = {}
    for sample in samples:
        labels.setdefault(sample.name, set()).update(sample.labels)
    dashboard = json.loads(DASHBOARD.read_text())
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]

    assert len(queries) > 10
    for query in queries:
        named = re.findall(r"(sentinel_\w+)(?:\{([^}]*)\})?", query)
        grouped = {label for by in re.findall(r"by \(([^)]*)\)", query) for label in by.split(", ")}
        assert named, query
        for name, chosen in named:
            assert set(re.findall(r"(\w+)[!=]", chosen)) <= labels[name], query
            assert grouped <= labels[name], query


def test_the_number_of_series_is_bounded() -> None:
    ledger = CostLedger(day_of)
    for number in range(3 * MOST_TOTALS):
        add(ledger, Answered("/", "miss", 200, 1.0, provider="p", model=f"m{number}", tenant="t"), None, 0.0)

    assert len(ledger.totals) == MOST_TOTALS + 1
    assert sum(sums.requests for sums in ledger.totals.values()) == 3 * MOST_TOTALS
    assert {line.model for line in ledger.totals} > {OTHER}
