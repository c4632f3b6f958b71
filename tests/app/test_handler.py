from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.devtools.aws.gateway_events import from_answer
from scripts.devtools.aws.sandbox import SandboxError
from scripts.devtools.http.replies import Fault, Reply, failure
from scripts.devtools.http.upstream import Upstream
from scripts.devtools.redis.server import RedisServer
from sentinel_core.app.provider_settings import SIMULATED
from sentinel_core.cache.scope import Query, split
from sentinel_core.chat.messages import ChatRequest
from sentinel_core.providers import simulated
from sentinel_core.stores.redis import key_names
from sentinel_core.telemetry.cloudwatch import names
from sentinel_core.web import docs
from tests.support import sandboxes
from tests.support.processes import PATIENT
from tests.support.sandboxes import Lambda, SecretsManager, event

CANARY = "gsk-canary-7f3a"
PROMPT = "What is machine learning?"


@pytest.fixture(scope="module")
def function() -> Iterator[Lambda]:
    """An environment with the simulated provider, for whatever does not need one of its own."""
    with sandboxes.running() as started:
        yield started


def groq(upstream: Upstream) -> dict[str, str]:
    return {"GROQ_API_KEY": CANARY, "GROQ_BASE_URL": upstream.url}


def error(response: Any) -> dict[str, Any]:
    """The error's object; every failure must have one, as JSON."""
    assert dict(response.headers)["content-type"] == "application/json"
    body = json.loads(response.body)
    assert set(body) == {"error"}
    assert set(body["error"]) == {"message", "type", "param", "code"}
    found: dict[str, Any] = body["error"]
    return found


def test_a_cold_start_then_a_miss_an_exact_hit_and_a_semantic_hit_with_their_metrics() -> None:
    with Upstream.running() as upstream, sandboxes.running(groq(upstream)) as function:
        answers = [json.loads(function.ask(each).body) for each in (PROMPT, PROMPT, "What's machine learning?")]
        assert [each["outcome"] for each in answers] == ["miss", "hit_exact", "hit_semantic"]
        assert len(upstream.calls) == 1
        cold, *requests = function.metrics()
        assert (cold["ColdStarts"], cold["stage"]) == ([1.0], "test")
        assert [each["outcome"] for each in requests] == ["miss", "hit_exact", "hit_semantic"]
        assert all(each["Latency"][0] > 0 for each in requests)
        assert function.counted("PromptTokens") == 500
        assert function.counted("DollarsAvoided") == pytest.approx(2 * function.counted("DollarsSpent"))
        assert json.loads(function.call("GET", "/v1/metrics").body)["total_requests"] == 3
        logged = function.events("answer.sent")
        assert [each["cold_start"] for each in logged] == [True, False, False]
        assert len({each["function_request_id"] for each in logged}) == 3
        assert PROMPT not in function.written()
        assert CANARY not in function.written()


def test_every_metric_that_is_written_is_declared(function: Lambda) -> None:
    function.ask("Is it declared?")
    declared = {(name, keys) for name, sets in names().items() for keys in sets}
    for line in function.metrics():
        for directive in line["_aws"]["CloudWatchMetrics"]:
            sent = {(each["Name"], tuple(keys)) for each in directive["Metrics"] for keys in directive["Dimensions"]}
            assert sent <= declared


def test_an_entry_that_somebody_else_wrote_is_a_miss_and_a_metric(tmp_path: Path) -> None:
    redis = RedisServer(tmp_path, durable=False)
    redis.start()
    try:
        with sandboxes.running({"SENTINEL_REDIS_URL": redis.url, **PATIENT}) as function:
            where = query_of(PROMPT)
            redis.ask("SET", key_names.entry_of(where), '"2 forged"')
            assert json.loads(function.ask(PROMPT).body)["outcome"] == "miss"
            [told] = [line for line in function.metrics() if "ForgedEntries" in line]
            assert (told["ForgedEntries"], told["namespace"], told["digest"]) == ([1.0], "open", where.digest)
            assert json.loads(function.ask(PROMPT).body)["outcome"] == "hit_exact"
            assert function.counted("ForgedEntries") == 1
    finally:
        redis.kill()


def query_of(prompt: str) -> Query:
    """What `/v1/query` makes of a prompt alone."""
    return split(ChatRequest(SIMULATED, simulated.MODEL, ({"role": "user", "content": prompt},)), "open")


@pytest.mark.parametrize("sent", [{"source": "sentinel.warmup"}, event("scheduled")])
def test_a_warm_up_says_what_is_warm_and_counts_as_no_request(function: Lambda, sent: Any) -> None:
    before = function.counted("WarmUps"), function.counted("Latency")
    counted = json.loads(function.call("GET", "/v1/metrics").body)["total_requests"]
    invocation = function.invoke(sent)
    assert not invocation.failed
    assert invocation.payload == {"warm": {"store": "ok", "embedder": "ready", "provider": "simulated"}}
    assert (function.counted("WarmUps"), function.counted("Latency")) == (before[0] + 1, before[1])
    assert json.loads(function.call("GET", "/v1/metrics").body)["total_requests"] == counted


@pytest.mark.parametrize("name", ["http_api_v2", "rest_api_v1", "function_url"])
def test_each_kind_of_front_door_gets_its_answer(function: Lambda, name: str) -> None:
    answer = function.invoke(event(name)).payload
    assert answer["statusCode"] == 200
    assert "What is a gateway?" in json.loads(answer["body"])["response"]
    assert answer["headers"]["cache-status"].startswith("sentinel; ")


def staged(name: str, stage: str, before: str) -> dict[str, Any]:
    """Put a named stage, or a base path, in front of the path as AWS does."""
    sent: dict[str, Any] = event(name)
    context = {**sent["requestContext"], "stage": stage}
    if name == "rest_api_v1":
        return {**sent, "requestContext": {**context, "path": f"{before}{sent['path']}"}}
    path = f"{before}{sent['rawPath']}"
    return {**sent, "rawPath": path, "requestContext": {**context, "http": {**context["http"], "path": path}}}


@pytest.mark.parametrize("name", ["http_api_v2", "rest_api_v1"])
@pytest.mark.parametrize("before", ["/prod", ""])
def test_a_named_stage_in_front_of_the_path_is_no_part_of_it(function: Lambda, name: str, before: str) -> None:
    assert function.invoke(staged(name, "prod", before)).payload["statusCode"] == 200


def test_another_first_segment_than_the_stage_is_part_of_the_path(function: Lambda) -> None:
    assert function.invoke(staged("http_api_v2", "prod", "/production")).payload["statusCode"] == 404


def test_the_pages_and_their_files_are_in_the_package(function: Lambda) -> None:
    answers = {path: function.call("GET", path) for path in ("/docs", *docs.PATHS, "/guide", "/guide/settings")}

    assert {path: answer.status for path, answer in answers.items()} == dict.fromkeys(answers, 200)
    assert answers[docs.BUNDLE].body.startswith(b"/*! For license")


@pytest.mark.parametrize(
    "sent",
    [
        *({}, [], "text", None, 7),
        {"Records": [{"eventSource": "aws:sqs", "body": CANARY}]},
        {"Records": [{"EventSource": "aws:sns", "Sns": {"Message": CANARY}}]},
        {"requestContext": {"connectionId": "a", "routeKey": "$connect"}},
        {"type": "TOKEN", "authorizationToken": CANARY, "methodArn": "arn:aws:execute-api:r:1:a/prod/GET/"},
        {**event("rest_api_v1"), "type": "REQUEST", "methodArn": "arn:aws:execute-api:r:1:a/prod/GET/"},
        {**event("http_api_v2"), "type": "REQUEST", "routeArn": "arn:aws:execute-api:r:1:a/$default/GET/"},
    ],
)
def test_an_unknown_event_fails_and_is_named_in_the_log(function: Lambda, sent: Any) -> None:
    before = len(function.events("event.unknown"))
    invocation = function.invoke(sent)
    assert (invocation.failed, invocation.payload["errorType"]) == (True, "UnknownEventError")
    assert len(function.events("event.unknown")) == before + 1
    assert CANARY not in function.written()


@pytest.mark.parametrize(
    ("method", "target", "body", "status"),
    [
        ("GET", "/no/such/route", b"", 404),
        ("DELETE", "/v1/query", b"", 405),
        ("GET", "/v1%2Fmetrics%2f", b"", 404),
        ("POST", "/v1/query", b"{not json", 400),
        ("POST", "/v1/query", b"\xff\xfe\x00", 400),
        ("POST", "/v1/query", b'{"prompt": 7}', 422),
        ("POST", "/v1/query", b'{"prompt":"' + b"x" * 5_300_000 + b'"}', 413),
        ("POST", "/v1/query", b"", 400),
    ],
)
def test_a_bad_request_is_a_4xx_in_our_shape(
    function: Lambda, method: str, target: str, body: bytes, status: int
) -> None:
    response = function.call(method, target, body)
    assert (response.status, error(response)["type"]) == (status, "invalid_request_error")


def test_a_body_that_is_not_the_base64_it_claims_to_be_is_a_400(function: Lambda) -> None:
    sent = {**event("function_url"), "body": "é not base64"}
    response = from_answer(function.invoke(sent).payload)
    assert (response.status, error(response)["code"]) == (400, "malformed_event")


@pytest.mark.parametrize("name", ["http_api_v2", "rest_api_v1", "function_url"])
@pytest.mark.parametrize(
    ("parts", "status", "code"),
    [
        ({"body": "AAEC/w==", "isBase64Encoded": True}, 400, "invalid_json"),
        ({"body": "é not base64", "isBase64Encoded": True}, 400, "malformed_event"),
        ({"body": '{"prompt":"\ud800"}', "isBase64Encoded": False}, 400, "malformed_event"),
        ({"body": None}, 400, "invalid_json"),
        ({"body": 7}, 400, "malformed_event"),
    ],
)
def test_a_bad_part_of_an_event_is_a_4xx_at_each_front_door(
    function: Lambda, name: str, parts: dict[str, Any], status: int, code: str
) -> None:
    response = from_answer(function.invoke({**event(name), **parts}).payload)
    assert (response.status, error(response)["code"]) == (status, code)


def test_the_description_is_there_though_it_was_not_built_at_the_start(function: Lambda) -> None:
    description = json.loads(function.call("GET", "/openapi.json").body)
    assert "/v1/query" in description["paths"]
    assert function.call("GET", "/docs").status == 200


def test_a_failing_provider_is_counted_and_answered() -> None:
    with Upstream.running(failure(401)) as upstream, sandboxes.running(groq(upstream)) as function:
        response = function.ask(PROMPT)
        assert (response.status, error(response)["code"]) == (502, "provider_key_refused")
        assert [function.counted(name) for name in ("ProviderErrors", "StoreErrors")] == [1, 0]
        assert function.metrics()[-1]["outcome"] == "error"
        assert CANARY not in function.written()


def test_a_provider_that_stalls_is_given_up_before_the_function_s_time_is_over() -> None:
    stalling = Reply(fault=Fault.STALL)
    with Upstream.running(stalling) as upstream, sandboxes.running(groq(upstream), timeout=4.0) as function:
        response = function.ask(PROMPT)
        assert (response.status, error(response)["code"]) == (504, "provider_timeout")
        assert function.counted("ProviderErrors") == 1
        assert function.ask(PROMPT, cache_control="only-if-cached").status == 504


def test_an_alert_leaves_before_the_answer_and_a_receiver_that_stalls_does_not_hold_it_back() -> None:
    failing, stalling = failure(503, retry_after="60"), Reply(fault=Fault.STALL)
    with Upstream.running(failing) as upstream, Upstream.running(stalling) as receiver:
        alerts = {"SENTINEL_ALERT_URL": f"{receiver.url}/{CANARY}", "SENTINEL_ALERT_SECRET": f"{CANARY}-of-alerts"}
        with sandboxes.running({**groq(upstream), **alerts}, timeout=2.0) as function:
            assert [function.ask(f"{PROMPT} {number}").status for number in range(4)] == [503] * 4
            [call] = receiver.calls
            assert (call.body["kind"], call.body["stage"], call.body["provider"]) == ("provider", "test", "groq")
            assert function.counted("Alerts") == 1
            assert [each["id"] for each in function.events("alert.raised")] == [call.body["id"]]
            assert function.events("alert.late")[0]["reason"] == "no answer in time"
            assert CANARY not in function.written()


def test_after_a_snapshot_connections_secrets_and_the_first_flag_are_new() -> None:
    with Upstream.running() as upstream:
        secret: dict[str, object] = {"GROQ_API_KEY": "old", "GROQ_BASE_URL": upstream.url}
        with (
            SecretsManager.running(secret) as secrets,
            sandboxes.starting(secrets.environ, snapstart=True) as function,
        ):
            function.sandbox.init()
            secrets.secret = {**secret, "GROQ_API_KEY": "new"}
            function.sandbox.restore()
            assert secrets.reads == 2
            assert json.loads(function.ask(PROMPT).body)["outcome"] == "miss"
            assert [call.headers["authorization"] for call in upstream.calls] == ["Bearer new"]
            assert function.counted("ColdStarts") == 1


def test_a_snapshot_without_a_secret_works_as_well() -> None:
    with Upstream.running() as upstream, sandboxes.running(groq(upstream), snapstart=True) as function:
        assert json.loads(function.ask(PROMPT).body)["outcome"] == "miss"
        assert json.loads(function.ask(PROMPT).body)["outcome"] == "hit_exact"


@pytest.mark.parametrize(
    ("environ", "complaint"),
    [
        ({"SENTINEL_SIMILARITY_TRESHOLD": CANARY}, "unknown setting: SENTINEL_SIMILARITY_TRESHOLD"),
        ({"SENTINEL_TTL_SECONDS": CANARY}, "SENTINEL_TTL_SECONDS: must be a number"),
        ({"SENTINEL_PROVIDER": "groq"}, "SENTINEL_PROVIDER needs GROQ_API_KEY"),
        ({"SENTINEL_OPEN": ""}, "on Lambda set SENTINEL_NAMESPACE_SECRET to ask for keys, or SENTINEL_OPEN=true"),
        ({"SENTINEL_SECRETS": CANARY}, "SENTINEL_SECRETS must be secretsmanager:NAME or ssm:NAME"),
    ],
)
def test_a_bad_setting_stops_the_start_with_its_name_and_rule(environ: dict[str, str], complaint: str) -> None:
    assert complaint in refused(environ)


@pytest.mark.parametrize(
    ("secret", "complaint"),
    [
        (None, "secretsmanager:sentinel/test cannot be read: ResourceNotFoundException"),
        ({"GROQ_APIKEY": CANARY}, "secretsmanager:sentinel/test: unknown setting: GROQ_APIKEY"),
    ],
)
def test_a_bad_secret_stops_the_start_with_its_name_and_reason(
    secret: dict[str, object] | None, complaint: str
) -> None:
    with SecretsManager.running(secret) as secrets:
        assert complaint in refused(secrets.environ)


def refused(environ: dict[str, str]) -> str:
    """Start, be refused, and return the one line that says why."""
    with sandboxes.starting(environ) as function:
        with pytest.raises(SandboxError) as caught:
            function.sandbox.init()
        said = [line for line in function.written().splitlines() if line.startswith("[ERROR]")]
        assert len(said) == 1
        assert CANARY not in function.written() + str(caught.value)
        return said[0]
