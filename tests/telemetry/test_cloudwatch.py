from __future__ import annotations

import json
from typing import Any

import pytest

from sentinel_core.telemetry.cloudwatch import COLD_START, EmfRecorder, names
from sentinel_core.telemetry.records import Answered

MISS = Answered(
    route="/v1/query",
    outcome="miss",
    status=200,
    latency_ms=612.5,
    provider="groq",
    model="openai/gpt-oss-20b",
    prompt_tokens=12,
    completion_tokens=30,
    cost_usd=0.0000099,
    timings_ms={"store": 3.0, "provider": 600.0},
    request_id="r-1",
)
HIT = Answered(
    route="/v1/query",
    outcome="hit_exact",
    status=200,
    latency_ms=1.5,
    detail="exact",
    avoided_tokens=42,
    cost_usd=0.0,
    saved_usd=0.0000099,
)


def emitted(*answers: Answered) -> list[dict[str, Any]]:
    lines: list[str] = []
    recorder = EmfRecorder("dev", write=lines.append)
    for answered in answers:
        recorder.record(answered)
    return [json.loads(line) for line in lines]


def values(record: dict[str, Any]) -> dict[str, float]:
    """What CloudWatch would make of one line: metric and its value."""
    defined = {metric["Name"] for directive in record["_aws"]["CloudWatchMetrics"] for metric in directive["Metrics"]}
    return {name: record[name][0] for name in defined}


def directives(record: dict[str, Any]) -> list[tuple[str, list[list[str]], list[str]]]:
    return [
        (each["Namespace"], each["Dimensions"], [f"{metric['Name']} {metric['Unit']}" for metric in each["Metrics"]])
        for each in record["_aws"]["CloudWatchMetrics"]
    ]


def test_a_miss_is_one_line_with_totals_and_latency_by_outcome() -> None:
    (record,) = emitted(MISS)
    assert directives(record) == [
        (
            "Sentinel",
            [["service", "stage"]],
            [
                "ProviderLatency Milliseconds",
                "PromptTokens Count",
                "CompletionTokens Count",
                "DollarsSpent None",
            ],
        ),
        ("Sentinel", [["service", "stage"], ["service", "stage", "outcome"]], ["Latency Milliseconds"]),
    ]
    timestamp = record.pop("_aws")["Timestamp"]
    assert timestamp > 1_700_000_000_000
    assert record == {
        "route": "/v1/query",
        "status": 200,
        "model": "openai/gpt-oss-20b",
        "service": "sentinel",
        "stage": "dev",
        "outcome": "miss",
        "ProviderLatency": [600.0],
        "PromptTokens": [12.0],
        "CompletionTokens": [30.0],
        "DollarsSpent": [0.0000099],
        "Latency": [612.5],
    }


def test_a_hit_counts_what_was_avoided_and_nothing_spent() -> None:
    (record,) = emitted(HIT)
    assert values(record) == {
        "AvoidedTokens": 42,
        "DollarsAvoided": 0.0000099,
        "Latency": 1.5,
    }


@pytest.mark.parametrize(
    ("outcome", "detail", "expected"),
    [
        ("hit_semantic", "semantic", {"Latency"}),
        ("bypass", "temperature", {"Latency"}),
        ("bypass", "store-unavailable", {"StoreErrors", "Latency"}),
        ("stale", "exact", {"ProviderErrors", "Latency"}),
        ("error", "provider_timeout", {"ProviderErrors", "Latency"}),
        ("error", "provider_key_refused", {"ProviderErrors", "Latency"}),
        ("error", "not_cached", {"Latency"}),
        ("error", "internal_error", {"Latency"}),
        ("rejected", "invalid_json", {"RejectedRequests"}),
    ],
)
def test_each_outcome_counts_as_what_it_is(outcome: str, detail: str, expected: set[str]) -> None:
    (record,) = emitted(Answered(route="/v1/query", outcome=outcome, status=200, latency_ms=1.0, detail=detail))
    assert set(values(record)) == expected


def test_an_answer_that_could_not_be_stored_is_a_store_error() -> None:
    answered = Answered(route="/", outcome="miss", status=200, latency_ms=1.0, unstored="store-unavailable")
    assert values(emitted(answered)[0])["StoreErrors"] == 1


def test_answers_do_not_mix() -> None:
    first, second = emitted(MISS, HIT)
    assert (first["outcome"], second["outcome"]) == ("miss", "hit_exact")
    assert "PromptTokens" not in second


def test_nothing_unbounded_is_a_dimension_and_every_metric_is_declared() -> None:
    declared = {(name, dimensions) for name, sets in names().items() for dimensions in sets}
    for record in emitted(MISS, HIT, Answered(route="/x", outcome="rejected", status=400, latency_ms=1.0)):
        for directive in record["_aws"]["CloudWatchMetrics"]:
            sent = {(each["Name"], tuple(keys)) for each in directive["Metrics"] for keys in directive["Dimensions"]}
            assert sent <= declared
    assert {keys for sets in names().values() for keys in sets} == {
        ("service", "stage"),
        ("service", "stage", "outcome"),
    }


def test_a_cold_start_is_counted_with_its_facts_outside_the_dimensions() -> None:
    lines: list[str] = []
    EmfRecorder("prod", write=lines.append).count(COLD_START, {"embedder": "ready", "store": None})
    record = json.loads(lines[0])
    assert directives(record) == [("Sentinel", [["service", "stage"]], ["ColdStarts Count"])]
    assert {name: value for name, value in record.items() if name != "_aws"} == {
        "embedder": "ready",
        "service": "sentinel",
        "stage": "prod",
        "ColdStarts": [1.0],
    }


def test_by_default_a_line_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    EmfRecorder("dev").record(HIT)
    assert json.loads(capsys.readouterr().out)["AvoidedTokens"] == [42.0]


def test_estimated_dollars_name_their_tenant_in_a_field() -> None:
    lines: list[str] = []
    EmfRecorder("dev", write=lines.append).estimated(0.25, "acme")

    (record,) = map(json.loads, lines)
    assert (values(record), record["tenant"]) == ({"DollarsEstimated": 0.25}, "acme")
    assert [each["Dimensions"] for each in record["_aws"]["CloudWatchMetrics"]] == [[["service", "stage"]]]
