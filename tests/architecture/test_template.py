from __future__ import annotations

import json
import re
import subprocess
import sysconfig
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scripts.devtools.aws.local_lambda import SWITCHES
from sentinel_core.app.secrets import PARAMETER, VARIABLE, merged
from sentinel_core.app.settings import Settings
from sentinel_core.telemetry.cloudwatch import NAMESPACE, SERVICE, names

pytest.importorskip("samtranslator", reason="aws-sam-translator is not installed")

from samtranslator.translator.transform import transform  # type: ignore[import-untyped]
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]
FUNCTIONS = ("Gateway", "StreamingGateway")
OUTCOMES = {"hit_exact", "hit_semantic", "miss", "bypass", "stale", "error"}


class _NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}


@cache
def template() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())
    return parsed


@cache
def resources() -> dict[str, Any]:
    """What CloudFormation gets: the template after SAM's own transform, its code already uploaded."""
    document = json.loads(json.dumps(template()))
    for name in FUNCTIONS:
        document["Resources"][name]["Properties"]["CodeUri"] = "s3://bucket/key"
    transformed: dict[str, Any] = transform(document, {}, _NoManagedPolicies())["Resources"]
    return transformed


def of_type(kind: str) -> dict[str, Any]:
    return {name: each["Properties"] for name, each in resources().items() if each["Type"] == kind}


def only(kind: str) -> Any:
    (properties,) = of_type(kind).values()
    return properties


@pytest.fixture(autouse=True)
def _region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


def test_api_and_schedule_call_the_alias_which_is_the_published_version() -> None:
    integration = only("AWS::ApiGatewayV2::Api")["Body"]["paths"]["$default"]["x-amazon-apigateway-any-method"]
    rules = of_type("AWS::Events::Rule").values()
    (version,) = (
        name for name, each in of_type("AWS::Lambda::Version").items() if each["FunctionName"]["Ref"] == "Gateway"
    )
    assert integration["isDefaultRoute"] is True
    assert "${GatewayAliaslive}/invocations" in integration["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
    assert integration["x-amazon-apigateway-integration"]["payloadFormatVersion"] == "2.0"
    assert [target["Arn"] for rule in rules for target in rule["Targets"]] == [{"Ref": "GatewayAliaslive"}] * 2
    assert resources()["GatewayAliaslive"]["Properties"] == {
        "Name": "live",
        "FunctionName": {"Ref": "Gateway"},
        "FunctionVersion": {"Fn::GetAtt": [version, "Version"]},
    }
    called = {name: each["FunctionName"]["Ref"] for name, each in of_type("AWS::Lambda::Permission").items()}
    assert called.pop("StreamingPermission") == "StreamingGatewayAliaslive"
    assert set(called.values()) == {"GatewayAliaslive"}


def test_former_versions_are_kept_for_a_rollback() -> None:
    versions = [each for each in resources().values() if each["Type"] == "AWS::Lambda::Version"]
    kept = [(each["DeletionPolicy"], each["UpdateReplacePolicy"]) for each in versions]
    assert kept == [("Retain", "Retain")] * len(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_parameter_of_a_function_makes_a_new_version(name: str) -> None:
    parameters = template()["Parameters"]
    function = {
        key: value
        for key, value in resources()[name]["Properties"].items()
        if key not in ("Tags", "ReservedConcurrentExecutions")  # those are of the function, not of a version
    }
    tests = {name: referred(condition) for name, condition in template()["Conditions"].items()}
    used = {name for each in referred(function) for name in tests.get(each, {each})} & set(parameters)
    revision = only("AWS::AppConfig::HostedConfigurationVersion")
    assert used - {"Architecture", "Embedder"} <= referred(revision["Content"])
    assert "Revision" in referred(revision["Content"])
    versions = of_type("AWS::Lambda::Version").values()
    assert ["SettingsRevision" in referred(each["Description"]) for each in versions] == [True] * len(FUNCTIONS)


def test_no_parameter_has_a_needless_limit_or_cannot_be_empty() -> None:
    parameters = template()["Parameters"]
    assert [name for name, each in parameters.items() if "MaxLength" in each or each.get("NoEcho")] == []
    assert [name for name, each in parameters.items() if "Default" not in each] == []


def test_each_parameter_is_described_and_in_one_group() -> None:
    parameters = template()["Parameters"]
    assert [name for name, each in parameters.items() if not each.get("Description", "").strip()] == []
    groups = template()["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert sorted(name for group in groups for name in group["Parameters"]) == sorted(parameters)


def test_cfn_lint_finds_nothing_in_the_template() -> None:
    pytest.importorskip("cfnlint", reason="cfn-lint is not installed")
    command = [Path(sysconfig.get_path("scripts")) / "cfn-lint", ROOT / "template.yaml"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_guided_deploys_do_not_ask_for_an_authorizer() -> None:
    assert template()["Resources"]["Api"]["Properties"]["Auth"] == {"EnableIamAuthorizer": False}
    assert "security" not in json.dumps(only("AWS::ApiGatewayV2::Api")["Body"])


def test_rollouts_are_watched_by_alarms_that_do_not_wait_for_them() -> None:
    watched = {
        "Gateway": ["FunctionAlarm", "ErrorsAlarm", "StoreAlarm", "LatencyAlarm"],
        "StreamingGateway": ["StreamingAlarm", "StoreAlarm"],
    }
    for function, alarms in watched.items():
        group = resources()[f"{function}DeploymentGroup"]
        properties = group["Properties"]
        assert group.get("Condition") == (None if function == "Gateway" else "HasStreaming")
        assert properties["DeploymentConfigName"]["Fn::Sub"][1] == {"ConfigName": "AllAtOnce"}
        assert [each["Name"]["Ref"] for each in properties["AlarmConfiguration"]["Alarms"]] == alarms
        waited_for = {"Api", "GatewayAliaslive", "StreamingGatewayAliaslive"}
        assert not waited_for & set().union(*(referred(resources()[name]) for name in alarms))


def test_streaming_is_a_second_function_behind_an_api_that_streams() -> None:
    function = resources()["StreamingGateway"]
    properties, variables = function["Properties"], function["Properties"]["Environment"]["Variables"]
    buffered = resources()["Gateway"]["Properties"]["Environment"]["Variables"]
    assert (function["Condition"], properties["Handler"]) == (
        "HasStreaming",
        "sentinel_core.app.streaming_function.main",
    )
    assert "SnapStart" not in properties
    assert {name: value for name, value in variables.items() if buffered.get(name) != value} == {
        "AWS_LAMBDA_EXEC_WRAPPER": "/var/task/sentinel_core/app/streaming_function.sh",
        "SENTINEL_REQUEST_TIMEOUT_SECONDS": {"Ref": "StreamTimeoutSeconds"},
    }
    api = resources()["StreamingApi"]["Properties"]
    assert (resources()["StreamingApi"]["Condition"], set(api["Body"]["paths"])) == ("HasStreaming", {"/", "/{proxy+}"})
    for path in api["Body"]["paths"].values():
        integration = path["x-amazon-apigateway-any-method"]["x-amazon-apigateway-integration"]
        assert (integration["type"], integration["responseTransferMode"]) == ("aws_proxy", "STREAM")
        uri = integration["uri"]["Fn::Sub"]
        assert uri.endswith("2021-11-15/functions/${StreamingGatewayAliaslive}/response-streaming-invocations")
    assert (ROOT / "sentinel_core/app/streaming_function.sh").stat().st_mode & 0o111 == 0o111


def test_the_domain_is_mapped_and_recorded_only_where_it_is_given() -> None:
    conditions = {name: resources()[name]["Condition"] for name in ("Domain", "DomainMapping", "DomainRecord")}
    assert conditions == {"Domain": "HasDomain", "DomainMapping": "HasDomain", "DomainRecord": "HasRecord"}


def test_both_environments_of_samconfig_name_parameters_and_their_secret() -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    for stage in ("default", "prod"):
        given = dict(each.split("=", 1) for each in config[stage]["deploy"]["parameters"]["parameter_overrides"])
        assert given.keys() <= template()["Parameters"].keys()
        assert given["SecretName"] == f"sentinel/{given['Stage']}"
        for name, value in given.items():
            assert value in map(str, template()["Parameters"][name].get("AllowedValues", [value]))


@pytest.mark.parametrize(("name", "condition"), [("WarmUp", "HasWarmUp"), ("Judging", "HasJudgeSchedule")])
def test_a_schedule_sends_our_warm_up_once_and_is_off_unless_asked_for(name: str, condition: str) -> None:
    rule = of_type("AWS::Events::Rule")[f"Gateway{name}"]
    (target,) = rule["Targets"]
    assert json.loads(target["Input"]) == {"source": "sentinel.warmup"}
    assert target["RetryPolicy"]["MaximumRetryAttempts"] == 0
    assert rule["State"] == {"Fn::If": [condition, "ENABLED", "DISABLED"]}
    defaults = {each: template()["Parameters"][each]["Default"] for each in ("WarmUp", "Judge")}
    assert defaults == {"WarmUp": "false", "Judge": ""}


def test_the_function_answers_before_api_gateway_gives_up() -> None:
    function = resources()["Gateway"]["Properties"]
    assert (function["Runtime"], function["MemorySize"], function["Timeout"]) == ("python3.13", 1769, 29)
    assert function["Architectures"] == [{"Ref": "Architecture"}]
    assert function["SnapStart"] == {"ApplyOn": {"Fn::If": ["HasSnapStart", "PublishedVersions", "None"]}}


def test_the_environment_is_made_of_settings_and_switches_of_libraries() -> None:
    variables = set(resources()["Gateway"]["Properties"]["Environment"]["Variables"])
    settings = set(Settings.variables())
    assert variables - settings == SWITCHES.keys() | {VARIABLE, PARAMETER}


def test_every_default_of_the_template_is_a_valid_setting() -> None:
    defaults = {name: str(each.get("Default", "")) for name, each in template()["Parameters"].items()}
    variables = resources()["Gateway"]["Properties"]["Environment"]["Variables"]
    environ = {
        name: defaults[value["Ref"]] for name, value in variables.items() if isinstance(value, dict) and "Ref" in value
    }
    assert Settings.from_environ(merged(environ, known=Settings.variables())).stage == "dev"


def test_the_role_may_write_its_log_and_read_the_one_secret() -> None:
    role = resources()["GatewayRole"]["Properties"]
    assert "ManagedPolicyArns" not in role
    statements = [(statement["Action"], statement["Resource"]) for statement in _statements(role["Policies"])]
    base = "arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:"
    parameter = ["", [{"Fn::Sub": base % "ssm" + "parameter"}, {"Fn::Join": ["/", _split("//", "/${SecretName}")]}]]
    assert statements == [
        (["logs:CreateLogStream", "logs:PutLogEvents"], {"Fn::GetAtt": ["GatewayLogs", "Arn"]}),
        ("secretsmanager:GetSecretValue", {"Fn::Sub": base % "secretsmanager" + "secret:${SecretName}-??????"}),
        ("ssm:GetParameter", {"Fn::Join": parameter}),
        ("kms:Decrypt", {"Ref": "SecretKeyArn"}),
        (["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*"),
    ]


def _split(separator: str, text: str) -> dict[str, Any]:
    return {"Fn::Split": [separator, {"Fn::Sub": text}]}


def _statements(policies: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for policy in policies:
        yield from (policy["Fn::If"][1] if "Fn::If" in policy else policy)["PolicyDocument"]["Statement"]


def test_both_logs_outlive_the_stack_for_a_time_and_the_access_log_is_json() -> None:
    logs = [each for each in resources().values() if each["Type"] == "AWS::Logs::LogGroup"]
    assert {each["DeletionPolicy"] for each in logs} == {"RetainExceptOnCreate"}
    assert {json.dumps(each["RetentionInDays"]) for each in of_type("AWS::Logs::LogGroup").values()} == {
        '{"Ref": "LogRetentionDays"}'
    }
    stage = only("AWS::ApiGatewayV2::Stage")
    assert stage["StageName"] == "$default"
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == {"Ref": "ThrottlingRate"}
    line = json.loads(stage["AccessLogSettings"]["Format"])
    assert {"time", "request_id", "method", "path", "status", "latency_ms", "integration_error"} <= set(line)


def dashboard(*, streaming: bool = True) -> dict[str, Any]:
    """The body with placeholders where CloudFormation puts names and prices; with the streaming function or without."""
    text, values = only("AWS::CloudWatch::Dashboard")["DashboardBody"]["Fn::Sub"]
    known = {"AWS::Region", "Stage", "Gateway", "Api", "GatewayLogs", *values}
    assert set(re.findall(r"\$\{([^}]+)\}", text)) == known
    for name, value in values.items():
        if name.startswith("Streaming"):
            condition, rows, none = value["Fn::If"]
            assert (condition, none) == ("HasStreaming", "")
            shown = rows if isinstance(rows, str) else rows["Fn::Sub"]
            text = text.replace(f"${{{name}}}", shown if streaming else none)
    body: dict[str, Any] = json.loads(re.sub(r"\$\{([^}]+)\}", r"<\1>", text))
    return body


def test_the_streaming_function_is_on_the_dashboard_where_there_is_one() -> None:
    with_it, without = (json.dumps(dashboard(streaming=each)) for each in (True, False))
    assert (with_it.count("<StreamingGateway>"), without.count("<StreamingGateway>")) == (8, 0)


@pytest.mark.parametrize("streaming", [True, False])
def test_the_cost_of_the_streaming_function_counts_where_there_is_one(streaming: bool) -> None:
    costs = [each for each in dashboard(streaming=streaming)["widgets"] if "<GbSecond>" in json.dumps(each)]
    added = ["FILL(streamed,0)", "FILL(streams,0)", "FILL(streamcalls,0)*0.0000035"]
    assert len(costs) == 2
    for widget in costs:
        rows = json.dumps(widget["properties"]["metrics"])
        assert [each in rows for each in added] == [streaming] * 3


def charted() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Namespace, name and dimensions of each metric on the dashboard, with `.` and `...` not allowed."""
    for widget in dashboard()["widgets"]:
        for row in widget["properties"].get("metrics", []):
            if not isinstance(row[0], dict):
                namespace, name, *rest = (each for each in row if isinstance(each, str))
                yield namespace, name, dict(zip(rest[::2], rest[1::2], strict=True))


def watched() -> Iterator[tuple[str, str, dict[str, str]]]:
    for alarm in of_type("AWS::CloudWatch::Alarm").values():
        for metric in [each["MetricStat"]["Metric"] for each in alarm.get("Metrics", []) if "MetricStat" in each] or [
            alarm
        ]:
            dimensions = {each["Name"]: _text(each["Value"]) for each in metric["Dimensions"]}
            yield metric["Namespace"], metric["MetricName"], dimensions


def _text(value: Any) -> str:
    return f"<{next(iter(value.values()))}>" if isinstance(value, dict) else str(value)


@pytest.mark.parametrize("looked_at", [charted, watched])
def test_every_metric_that_is_looked_at_is_one_the_code_emits(looked_at: Any) -> None:
    own = [(name, dimensions) for namespace, name, dimensions in looked_at() if namespace == NAMESPACE]
    assert own
    emitted = names()
    for name, dimensions in own:
        assert tuple(dimensions) in emitted[name]
        assert {**dimensions, "outcome": None} == {"service": SERVICE, "stage": "<Stage>", "outcome": None}
        assert dimensions.get("outcome", "miss") in OUTCOMES


def test_every_metric_the_code_emits_is_on_the_dashboard() -> None:
    assert {name for namespace, name, _ in charted() if namespace == NAMESPACE} == set(names())
    assert {
        dimensions["outcome"] for _, name, dimensions in charted() if name == "Latency" and "outcome" in dimensions
    } == OUTCOMES


def test_the_other_metrics_are_aws_s_own() -> None:
    assert {(namespace, name) for namespace, name, _ in charted() if namespace != NAMESPACE} == {
        *(("AWS/Lambda", name) for name in ("Duration", "Invocations", "Errors", "Throttles", "ConcurrentExecutions")),
        *(("AWS/ApiGateway", name) for name in ("Count", "5xx")),
    }


def test_expressions_use_only_what_their_widget_defines() -> None:
    for widget in dashboard()["widgets"]:
        options = [row[-1] for row in widget["properties"].get("metrics", []) if isinstance(row[-1], dict)]
        defined = {each["id"] for each in options if "id" in each}
        for option in options:
            words = set(re.findall(r"\b[a-z]+\b", option.get("expression", "")))
            assert words <= defined


def test_widgets_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for widget in dashboard()["widgets"]:
        cells = {
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        }
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_alarms_watch_failures_capacity_hit_rate_silence_and_spending() -> None:
    alarms = of_type("AWS::CloudWatch::Alarm")
    assert {name: each.get("MetricName") for name, each in alarms.items()} == {
        "FailuresAlarm": "5xx",
        "FunctionAlarm": "Errors",
        "StreamingAlarm": "Errors",
        "ErrorsAlarm": "Latency",
        "ThrottlesAlarm": "Throttles",
        "ConcurrencyAlarm": "ConcurrentExecutions",
        "StreamingFailuresAlarm": "5XXError",
        "StreamingThrottlesAlarm": "Throttles",
        "StreamingConcurrencyAlarm": "ConcurrentExecutions",
        "SilentAlarm": "WarmUps",
        "HitRateAlarm": None,
        "ProviderAlarm": "ProviderErrors",
        "StoreAlarm": "StoreErrors",
        "ForgedAlarm": "ForgedEntries",
        "LatencyAlarm": "Latency",
        "AlertsAlarm": "Alerts",
        "SpendAlarm": "DollarsSpent",
    }
    topic = [{"Fn::If": ["HasAlarmTopic", {"Ref": "AlarmTopicArn"}, {"Ref": "AWS::NoValue"}]}]
    assert [each["AlarmActions"] for each in alarms.values()] == [topic] * len(alarms)
    assert [name for name, each in alarms.items() if each["TreatMissingData"] != "notBreaching"] == ["SilentAlarm"]
    assert alarms["SpendAlarm"]["Period"] == 86_400


@pytest.mark.parametrize("metric", ["Errors", "Throttles", "ConcurrentExecutions"])
def test_each_function_has_its_own_alarm_on_lambda_metrics(metric: str) -> None:
    alarms = [each for each in resources().values() if each["Properties"].get("MetricName") == metric]
    found = {each["Properties"]["Dimensions"][0]["Value"]["Ref"]: each.get("Condition") for each in alarms}
    assert found == {"Gateway": None, "StreamingGateway": "HasStreaming"}


def test_the_dashboard_counts_what_metrics_and_alarms_cost() -> None:
    metrics = sum(len(sets) for sets in names().values()) + len(OUTCOMES) - 1
    watching = sum(3 if "Metrics" in each else 1 for each in of_type("AWS::CloudWatch::Alarm").values())
    _, values = only("AWS::CloudWatch::Dashboard")["DashboardBody"]["Fn::Sub"]
    assert (metrics, watching) == (26, 19)
    assert float(values["WatchingHour"]) == pytest.approx((metrics * 0.30 + watching * 0.10) / 730, abs=0.0005)


@pytest.mark.parametrize("embedder", ["onnx", "fastembed"])
@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_each_choice_of_package_has_its_makefile(embedder: str, architecture: str) -> None:
    metadata = template()["Resources"]["Gateway"]["Metadata"]
    assert {name: value for name, value in metadata.items() if name != "cfn-lint"} == {
        "BuildMethod": "makefile",
        "ContextPath": {"Fn::Sub": "scripts/sam/${Embedder}-${Architecture}"},
        "WorkingDirectory": ".",
    }
    makefile = ROOT / "scripts" / "sam" / f"{embedder}-{architecture}" / "Makefile"
    assert makefile.read_text() == "include scripts/sam/package.mk\n"
    parameters = template()["Parameters"]
    assert embedder in parameters["Embedder"]["AllowedValues"]
    assert architecture in parameters["Architecture"]["AllowedValues"]


def referred(value: Any) -> set[str]:
    """Names of the parameters and conditions in a value."""
    if isinstance(value, list):
        return set().union(*map(referred, value))
    if not isinstance(value, dict):
        return set()
    if "Ref" in value:
        return {value["Ref"]}
    if "Fn::Sub" in value:
        text = value["Fn::Sub"] if isinstance(value["Fn::Sub"], str) else value["Fn::Sub"][0]
        return set(re.findall(r"\$\{([A-Za-z0-9]+)\}", text))
    named = {value["Fn::If"][0]} if "Fn::If" in value else set()
    return named | {value["Condition"]} if set(value) == {"Condition"} else named.union(*map(referred, value.values()))
