from __future__ import annotations

import json
import traceback
from collections.abc import Iterator

import boto3  # type: ignore[import-untyped]
import pytest
from moto.core import set_initial_no_auth_action_count

from sentinel_core.app.secrets import merged
from sentinel_core.errors import ConfigurationError
from tests.support.aws import mocked

KNOWN = {"GROQ_API_KEY", "SENTINEL_TTL_SECONDS"}
CANARY = "gsk_canary"
SECRET = {"GROQ_API_KEY": CANARY, "SENTINEL_TTL_SECONDS": 60}
SOURCES = ["secretsmanager:sentinel/dev", "ssm:/sentinel/dev"]


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with mocked(monkeypatch):
        yield


def put(address: str, value: str) -> None:
    source, _, name = address.partition(":")
    if source == "ssm":
        boto3.client("ssm").put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)
        return
    client = boto3.client("secretsmanager")
    known = {item["Name"] for item in client.list_secrets()["SecretList"]}
    if name in known:
        client.put_secret_value(SecretId=name, SecretString=value)
    else:
        client.create_secret(Name=name, SecretString=value)


def complaint(address: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        merged({"SENTINEL_SECRETS": address}, known=KNOWN)
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


def test_without_a_secret_the_environment_is_what_it_is() -> None:
    assert merged({"A": "1", "SENTINEL_SECRETS": ""}, known=KNOWN) == {"A": "1"}


@pytest.mark.parametrize("address", SOURCES)
def test_a_secret_becomes_variables(address: str) -> None:
    put(address, json.dumps(SECRET))
    environ = {"SENTINEL_SECRETS": address, "HOME": "/"}
    assert merged(environ, known=KNOWN) == {"HOME": "/", "GROQ_API_KEY": CANARY, "SENTINEL_TTL_SECONDS": "60"}


@pytest.mark.parametrize("address", SOURCES)
def test_a_variable_that_is_set_wins_and_an_empty_one_does_not(address: str) -> None:
    put(address, json.dumps(SECRET))
    environ = {"SENTINEL_SECRETS": address, "GROQ_API_KEY": "", "SENTINEL_TTL_SECONDS": "5"}
    assert merged(environ, known=KNOWN) == {"GROQ_API_KEY": CANARY, "SENTINEL_TTL_SECONDS": "5"}


@pytest.mark.parametrize("address", SOURCES)
def test_a_rotated_secret_is_seen_at_the_next_reading(address: str) -> None:
    put(address, json.dumps({"GROQ_API_KEY": "old"}))
    before = merged({"SENTINEL_SECRETS": address}, known=KNOWN)
    put(address, json.dumps({"GROQ_API_KEY": "new"}))
    assert (before, merged({"SENTINEL_SECRETS": address}, known=KNOWN)) == (
        {"GROQ_API_KEY": "old"},
        {"GROQ_API_KEY": "new"},
    )


@pytest.mark.parametrize(
    ("address", "reason"), [(SOURCES[0], "ResourceNotFoundException"), (SOURCES[1], "ParameterNotFound")]
)
def test_a_missing_secret_is_named_with_the_service_s_reason(address: str, reason: str) -> None:
    assert complaint(address) == f"{address} cannot be read: {reason}"


@pytest.mark.parametrize("address", SOURCES)
def test_a_denied_secret_is_named_with_the_service_s_reason(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put(address, json.dumps(SECRET))
    iam = boto3.client("iam")
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    # AWS says AccessDeniedException; moto's refusal carries no more than its status.
    assert set_initial_no_auth_action_count(0)(complaint)(address) == f"{address} cannot be read: 403"


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("{not json", "is not JSON"),
        (CANARY, "is not JSON"),
        (f'["{CANARY}"]', "must hold a JSON object of settings"),
        (f'{{"GROQ_API_KEY": ["{CANARY}"]}}', ": must be text or a number: GROQ_API_KEY"),
        (f'{{"GROQ_APIKEY": "{CANARY}"}}', ": unknown setting: GROQ_APIKEY"),
    ],
)
def test_a_malformed_secret_is_named_with_the_rule_and_never_shown(value: str, rule: str) -> None:
    put(SOURCES[0], value)
    separator = "" if rule.startswith(":") else " "
    assert complaint(SOURCES[0]) == f"{SOURCES[0]}{separator}{rule}"


def test_a_secret_of_bytes_is_refused() -> None:
    boto3.client("secretsmanager").create_secret(Name="sentinel/dev", SecretBinary=b"\x00")
    assert complaint(SOURCES[0]) == f"{SOURCES[0]} must hold text, not bytes"


@pytest.mark.parametrize("address", ["vault:x", "secretsmanager:", "sentinel/dev"])
def test_an_address_of_no_known_source_is_refused_unseen(address: str) -> None:
    assert complaint(address) == "SENTINEL_SECRETS must be secretsmanager:NAME or ssm:NAME"


def test_the_json_parameter_gives_variables_that_win_over_the_secret() -> None:
    put(SOURCES[0], json.dumps(SECRET))
    environ = {
        "SENTINEL_SECRETS": SOURCES[0],
        "SENTINEL_SETTINGS": '{"SENTINEL_TTL_SECONDS": 7}',
        "SENTINEL_TTL_SECONDS": "",
        "GROQ_API_KEY": "own",
    }
    assert merged(environ, known=KNOWN) == {"SENTINEL_TTL_SECONDS": "7", "GROQ_API_KEY": "own"}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("{", "SENTINEL_SETTINGS is not JSON"),
        ("[]", "SENTINEL_SETTINGS must hold a JSON object of settings"),
        ('{"SENTINEL_TTL": 1}', "SENTINEL_SETTINGS: unknown setting: SENTINEL_TTL"),
    ],
)
def test_a_malformed_json_parameter_is_named(text: str, rule: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        merged({"SENTINEL_SETTINGS": text}, known=KNOWN)
    assert str(caught.value) == rule
