from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scripts.devtools.aws.local_lambda import SWITCHES
from sentinel_core.app.secrets import VARIABLE
from sentinel_core.app.settings import Settings
from sentinel_core.telemetry.cloudwatch import NAMESPACE, SERVICE, names

pytest.importorskip("samtranslator", reason="aws-sam-translator is not installed")

from samtranslator.translator.transform import transform  # type: ignore[import-untyped]
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]
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
    document["Resources"]["Gateway"]["Properties"]["CodeUri"] = "s3://bucket/key"
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
    rule = only("AWS::Events::Rule")
    (version,) = of_type("AWS::Lambda::Version")
    assert integration["isDefaultRoute"] is True
    assert "${GatewayAliaslive}/invocations" in integration["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
    assert integration["x-amazon-apigateway-integration"]["payloadFormatVersion"] == "2.0"
    assert [target["Arn"] for target in rule["Targets"]] == [{"Ref": "GatewayAliaslive"}]
    assert only("AWS::Lambda::Alias") == {
        "Name": "live",
        "FunctionName": {"Ref": "Gateway"},
        "FunctionVersion": {"Fn::GetAtt": [version, "Version"]},
    }
    assert {each["FunctionName"]["Ref"] for each in of_type("AWS::Lambda::Permission").values()} == {"GatewayAliaslive"}


def test_a_version_left_behind_is_deleted() -> None:
    (version,) = (each for each in resources().values() if each["Type"] == "AWS::Lambda::Version")
    assert version.get("DeletionPolicy", "Delete") == "Delete"


def test_every_parameter_of_the_function_makes_a_new_version_but_for_plain_keys() -> None:
    parameters = template()["Parameters"]
    function = resources()["Gateway"]["Properties"]
    tests = {name: referred(condition) for name, condition in template()["Conditions"].items()}
    used = {name for each in referred(function) for name in tests.get(each, {each})} & set(parameters)
    described = referred(only("AWS::Lambda::Version")["Description"])
    hidden = {name for name, each in parameters.items() if each.get("NoEcho")}
    packaged = {"Architecture", "Embedder"}
    assert described == (used - hidden - packaged) | {"Revision"}


def test_the_version_s_description_always_fits() -> None:
    parameters = template()["Parameters"]
    described = referred(only("AWS::Lambda::Version")["Description"])
    longest = [
        parameters[name].get("MaxLength") or max(map(len, parameters[name]["AllowedValues"])) for name in described
    ]
    assert sum(longest) + len(described) - 1 <= 256


def test_the_schedule_sends_our_warm_up_once_and_is_off_unless_asked_for() -> None:
    rule = only("AWS::Events::Rule")
    (target,) = rule["Targets"]
    assert json.loads(target["Input"]) == {"source": "sentinel.warmup"}
    assert target["RetryPolicy"]["MaximumRetryAttempts"] == 0
    assert rule["State"] == {"Fn::If": ["HasWarmUp", "ENABLED", "DISABLED"]}
    assert template()["Parameters"]["WarmUp"]["Default"] == "false"


def test_the_function_answers_before_api_gateway_gives_up() -> None:
    function = resources()["Gateway"]["Properties"]
    assert (function["Runtime"], function["MemorySize"], function["Timeout"]) == ("python3.13", 1769, 29)
    assert function["Architectures"] == [{"Ref": "Architecture"}]
    assert function["SnapStart"] == {"ApplyOn": {"Fn::If": ["HasSnapStart", "PublishedVersions", "None"]}}


def test_the_environment_is_made_of_settings_and_switches_of_libraries() -> None:
    variables = set(resources()["Gateway"]["Properties"]["Environment"]["Variables"])
    settings = set(Settings.variables())
    assert variables - settings == SWITCHES.keys() | {VARIABLE}


def test_every_default_of_the_template_is_a_valid_setting() -> None:
    defaults = {name: str(each.get("Default", "")) for name, each in template()["Parameters"].items()}
    variables = resources()["Gateway"]["Properties"]["Environment"]["Variables"]
    environ = {
        name: defaults[value["Ref"]] for name, value in variables.items() if isinstance(value, dict) and "Ref" in value
    }
    assert Settings.from_environ(environ).stage == "dev"


def test_keys_are_never_shown() -> None:
    parameters = template()["Parameters"]
    assert {name for name, each in parameters.items() if each.get("NoEcho")} == {
        "AlertUrl",
        "GroqApiKey",
        "NamespaceSecret",
        "UpstashToken",
    }
    shown = json.dumps([only("AWS::Lambda::Version"), only("AWS::CloudWatch::Dashboard"), template()["Outputs"]])
    assert "AlertUrl" not in shown
    assert "GroqApiKey" not in shown
    assert "NamespaceSecret" not in shown
    assert "UpstashToken" not in shown


def test_the_role_may_write_its_log_and_read_the_one_secret() -> None:
    role = only("AWS::IAM::Role")
    assert "ManagedPolicyArns" not in role
    statements = [(statement["Action"], statement["Resource"]) for statement in _statements(role["Policies"])]
    base = "arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:"
    parameter = ["", [{"Fn::Sub": base % "ssm" + "parameter"}, {"Fn::Join": ["/", _split("//", "/${SecretName}")]}]]
    assert statements == [
        (["logs:CreateLogStream", "logs:PutLogEvents"], {"Fn::GetAtt": ["GatewayLogs", "Arn"]}),
        ("secretsmanager:GetSecretValue", {"Fn::Sub": base % "secretsmanager" + "secret:${SecretName}-??????"}),
        ("ssm:GetParameter", {"Fn::Join": parameter}),
        ("kms:Decrypt", {"Ref": "SecretKeyArn"}),
    ]


def _split(separator: str, text: str) -> dict[str, Any]:
    return {"Fn::Split": [separator, {"Fn::Sub": text}]}


def _statements(policies: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for policy in policies:
        yield from (policy["Fn::If"][1] if "Fn::If" in policy else policy)["PolicyDocument"]["Statement"]


def test_both_logs_are_kept_for_a_time_and_the_access_log_is_json() -> None:
    assert {json.dumps(each["RetentionInDays"]) for each in of_type("AWS::Logs::LogGroup").values()} == {
        '{"Ref": "LogRetentionDays"}'
    }
    stage = only("AWS::ApiGatewayV2::Stage")
    assert stage["StageName"] == "$default"
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == {"Ref": "ThrottlingRate"}
    line = json.loads(stage["AccessLogSettings"]["Format"])
    assert {"time", "request_id", "method", "path", "status", "latency_ms", "integration_error"} <= set(line)


def dashboard() -> dict[str, Any]:
    """The body with placeholders where CloudFormation puts names and prices."""
    text, values = only("AWS::CloudWatch::Dashboard")["DashboardBody"]["Fn::Sub"]
    known = {"AWS::Region", "Stage", "Gateway", "Api", "GatewayLogs", *values}
    assert set(re.findall(r"\$\{([^}]+)\}", text)) == known
    body: dict[str, Any] = json.loads(re.sub(r"\$\{([^}]+)\}", r"<\1>", text))
    return body


def charted() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Namespace, name and dimensions of each metric on the dashboard, with `.` and `...` not allowed."""
    for widget in dashboard()["widgets"]:
        for row in widget["properties"].get("metrics", []):
            if not isinstance(row[0], dict):
                namespace, name, *rest = (each for each in row if isinstance(each, str))
                yield namespace, name, dict(zip(rest[::2], rest[1::2], strict=True))


def watched() -> Iterator[tuple[str, str, dict[str, str]]]:
    for alarm in of_type("AWS::CloudWatch::Alarm").values():
        dimensions = {each["Name"]: _text(each["Value"]) for each in alarm["Dimensions"]}
        yield alarm["Namespace"], alarm["MetricName"], dimensions


def _text(value: Any) -> str:
    return f"<{value['Ref']}>" if isinstance(value, dict) else str(value)


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


def test_alarms_watch_failures_providers_store_forgers_latency_spend_and_alerts_and_may_stay_silent() -> None:
    alarms = of_type("AWS::CloudWatch::Alarm")
    assert {(each["Namespace"], each["MetricName"]) for each in alarms.values()} == {
        ("AWS/ApiGateway", "5xx"),
        (NAMESPACE, "ProviderErrors"),
        (NAMESPACE, "StoreErrors"),
        (NAMESPACE, "ForgedEntries"),
        (NAMESPACE, "Latency"),
        (NAMESPACE, "DollarsSpent"),
        (NAMESPACE, "Alerts"),
    }
    told = [{"Fn::If": ["HasAlarmTopic", {"Ref": "AlarmTopicArn"}, {"Ref": "AWS::NoValue"}]}]
    assert [each["AlarmActions"] for each in alarms.values()] == [told] * len(alarms)
    assert {each["TreatMissingData"] for each in alarms.values()} == {"notBreaching"}
    assert alarms["SpendAlarm"]["Period"] == 86_400


@pytest.mark.parametrize("embedder", ["onnx", "fastembed"])
@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_each_choice_of_package_has_its_makefile(embedder: str, architecture: str) -> None:
    metadata = template()["Resources"]["Gateway"]["Metadata"]
    assert metadata == {
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
