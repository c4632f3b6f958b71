"""Traces and metrics at a collector, from a real server."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from scripts.devtools.http.replies import Call, failure
from scripts.devtools.http.serving import serving
from scripts.devtools.http.upstream import Upstream
from sentinel_core.app.build import build
from sentinel_core.app.settings import Settings
from sentinel_core.app.tracing import traced
from tests.support.collector import Collector, attributes

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
PROMPT = "Why is the sky blue, Ms Canary?"
MALFORMED = ("", "nonsense", f"00-{'0' * 32}-00f067aa0ba902b7-01", f"{PARENT}x", PARENT.replace("4b", "4B"))


@dataclass(frozen=True)
class Recorded:
    """What a server did in its life: a miss and a hit with a parent, then calls that go wrong, then its end."""

    collector: Collector
    calls: list[Call]
    prometheus: str
    ended: tuple[int, str]

    def named(self, name: str) -> list[Any]:
        spans = [span for span in self.collector.spans if span.name == name]
        return sorted(spans, key=lambda span: span.start_time_unix_nano)


def _environ(collector: Collector, upstream: Upstream) -> dict[str, str]:
    named = {"CUSTOM_BASE_URL": upstream.url, "CUSTOM_API_KEY": "key", "SENTINEL_MODEL": "tiny-1"}
    named |= {"SENTINEL_PROVIDER": "custom", "OTEL_SERVICE_NAME": "answers", "OTEL_METRIC_EXPORT_INTERVAL": "100"}
    headers = "x-team=blue, authorization=Basic%20abc"
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": f"{collector.url}/", "OTEL_EXPORTER_OTLP_HEADERS": headers, **named}


@pytest.fixture(scope="module")
def recorded() -> Iterator[Recorded]:
    with Upstream.running() as upstream, Collector.running() as collector:
        with serving(**_environ(collector, upstream)) as running:
            running.wait_for_embedder()
            for _ in range(2):
                headers = {"traceparent": PARENT, "tracestate": "a=1"}
                running.http.post("/v1/query", json={"prompt": PROMPT}, headers=headers)
            accept = {"accept": "application/openmetrics-text; version=1.0.0"}
            prometheus = running.http.get("/metrics", headers=accept).text
            for path in ("/wp-login.php", "/v1/admin/keys/some-id", "/health"):
                running.http.get(path)
            for topic, parent in zip(("moons", "tides", "bread", "wool", "law"), MALFORMED, strict=True):
                chat = {"messages": [{"role": "user", "content": f"Tell Ms Canary all about {topic}"}]}
                running.http.post("/v1/chat/completions", json=chat, headers={"traceparent": parent})
            upstream.default = failure(500)
            running.http.post("/v1/query", json={"prompt": "Fail, please."}, headers={"x-request-id": "refused-1"})
            ended = running.interrupt()
        yield Recorded(collector, upstream.calls, prometheus, ended)


def test_request_becomes_a_span_with_its_stages(recorded: Recorded) -> None:
    missed, hit, _ = recorded.named("POST /v1/query")
    children = [span for span in recorded.collector.spans if span.parent_span_id == missed.span_id]
    facts = attributes(hit)
    assert (missed.kind, missed.trace_id.hex(), missed.parent_span_id.hex()) == (
        Span.SPAN_KIND_SERVER,
        TRACE,
        "00f067aa0ba902b7",
    )
    assert {span.name for span in children} >= {"store", "chat tiny-1"}
    assert all(
        missed.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano <= missed.end_time_unix_nano
        for span in children
    )
    assert {name: facts[name] for name in facts if "usd" not in name and "request_id" not in name} == {
        "http.request.method": "POST",
        "http.route": "/v1/query",
        "http.response.status_code": 200,
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "custom",
        "gen_ai.request.model": "tiny-1",
        "gen_ai.response.model": "tiny-1",
        "sentinel.outcome": "hit_exact",
        "sentinel.reason": "exact",
        "sentinel.similarity": 1.0,
        "sentinel.avoided_tokens": 800,
    }


def test_provider_stage_follows_the_conventions_for_generative_ai(recorded: Recorded) -> None:
    call = recorded.named("chat tiny-1")[0]
    assert (call.kind, attributes(call)) == (
        Span.SPAN_KIND_CLIENT,
        {
            "sentinel.stage": "provider",
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "custom",
            "gen_ai.request.model": "tiny-1",
            "gen_ai.response.model": "tiny-1",
            "gen_ai.usage.input_tokens": 500,
            "gen_ai.usage.output_tokens": 300,
        },
    )


def test_trace_continues_at_the_provider(recorded: Recorded) -> None:
    headers, missed = recorded.calls[0].headers, recorded.named("POST /v1/query")[0]
    assert (headers["traceparent"], headers["tracestate"]) == (f"00-{TRACE}-{missed.span_id.hex()}-01", "a=1")


def test_malformed_traceparent_begins_a_trace_of_its_own(recorded: Recorded) -> None:
    spans = recorded.named("POST /v1/chat/completions")
    onward = [call.headers["traceparent"].split("-")[1] for call in recorded.calls[1 : len(MALFORMED) + 1]]
    assert [span.parent_span_id for span in spans] == [b""] * len(MALFORMED)
    assert onward == [span.trace_id.hex() for span in spans]
    assert TRACE not in onward


def test_paths_without_a_route_share_one_name(recorded: Recorded) -> None:
    names = {span.name for span in recorded.collector.spans if span.kind == Span.SPAN_KIND_SERVER}
    assert names == {"POST /v1/query", "POST /v1/chat/completions", "GET", "GET /v1/admin/keys/{identifier}"}


def test_failed_request_is_an_error_span(recorded: Recorded) -> None:
    span = recorded.named("POST /v1/query")[-1]
    facts = attributes(span)
    assert (facts["sentinel.outcome"], facts["sentinel.request_id"], facts["http.response.status_code"]) == (
        "error",
        "refused-1",
        503,
    )
    assert span.status.code == Status.STATUS_CODE_ERROR


def test_no_prompt_leaves_with_the_spans(recorded: Recorded) -> None:
    assert recorded.ended[0] == 0
    assert "Canary" not in recorded.ended[1] + str(recorded.collector.traces) + str(recorded.collector.metrics)


def test_collector_receives_headers_and_names(recorded: Recorded) -> None:
    spans, metrics = recorded.collector.traces[0].resource_spans[0], recorded.collector.metrics[0].resource_metrics[0]
    assert {(each["x-team"], each["authorization"]) for each in recorded.collector.headers} == {("blue", "Basic abc")}
    assert attributes(spans.resource)["service.name"] == "answers"
    assert attributes(spans.resource)["service.instance.id"] == attributes(metrics.resource)["service.instance.id"]


def test_metrics_have_the_names_and_values_of_prometheus(recorded: Recorded) -> None:
    families = list(text_string_to_metric_families(recorded.prometheus))  # type: ignore[no-untyped-call]
    names = {re.sub("_(bucket|sum|count)$", "", sample.name) for each in families for sample in each.samples}
    metrics = recorded.collector.latest_metrics
    assert set(metrics) >= names - {"sentinel_stored_entries"}
    assert set(metrics) - names <= {"sentinel_reasons_total", "sentinel_not_stored_total"}
    assert metrics["sentinel_requests_total"].sum.is_monotonic
    assert _by_outcome(metrics)["hit_exact"] == 1


def test_durations_are_a_histogram_with_the_buckets_of_prometheus(recorded: Recorded) -> None:
    points = recorded.collector.latest_metrics["sentinel_request_duration_seconds"].histogram.data_points
    hit = next(point for point in points if attributes(point)["outcome"] == "hit_exact")
    bounds = re.findall(r'duration_seconds_bucket\{le="([\d.]+)",outcome="hit_exact"\}', recorded.prometheus)
    assert (hit.count, sum(hit.bucket_counts), list(hit.explicit_bounds)) == (1, 1, [float(each) for each in bounds])
    assert len(hit.bucket_counts) == len(bounds) + 1


def _by_outcome(metrics: Mapping[str, Any]) -> dict[str, float]:
    points = metrics["sentinel_requests_total"].sum.data_points
    return {attributes(point)["outcome"]: point.as_int for point in points}


def test_failing_collector_costs_no_request() -> None:
    with (
        Upstream.running() as upstream,
        Collector.running(400) as collector,
        serving(**_environ(collector, upstream)) as running,
    ):
        answers = [running.http.post("/v1/query", json={"prompt": PROMPT}).status_code for _ in range(5)]
        code, _ = running.interrupt()

    assert (answers, code) == ([200] * 5, 0)


def test_sdk_is_imported_only_where_a_collector_is_set() -> None:
    code = "import sys, sentinel_core.app.build, sentinel_core.app.server, sentinel_core.app.tracing, handler"
    found = f"{code}; print([name for name in sys.modules if name.startswith('opentelemetry.sdk')])"
    ran = subprocess.run([sys.executable, "-c", found], capture_output=True, text=True, timeout=60)
    assert ran.stdout.strip() == "[]", ran.stderr


def test_missing_sdk_leaves_requests_untraced(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(otlp_endpoint="http://127.0.0.1:9")
    sentinel = build(settings)
    monkeypatch.setitem(sys.modules, "sentinel_core.telemetry.otlp", None)

    assert traced(settings, sentinel) is sentinel.app
    assert [record.message for record in caplog.records] == ["otlp.not_installed"]
