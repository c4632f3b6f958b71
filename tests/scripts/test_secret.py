from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest

from scripts.devtools.aws import secret
from scripts.devtools.aws.package import ROOT, name_of
from sentinel_core.app.secrets import merged
from sentinel_core.app.settings import Settings
from tests.support.aws import mocked

KEY, OLD = "gsk_canary_7f3a", "a namespace secret of old"
SOURCES = ["secretsmanager", "ssm"]


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with mocked(monkeypatch):
        yield


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "secret.env"


def stored(source: str) -> dict[str, Any]:
    if source == "ssm":
        value = boto3.client("ssm").get_parameter(Name="sentinel/dev", WithDecryption=True)["Parameter"]["Value"]
    else:
        value = boto3.client("secretsmanager").get_secret_value(SecretId="sentinel/dev")["SecretString"]
    found: dict[str, Any] = json.loads(value)
    return found


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("text", [f"# mine\nGROQ_API_KEY={KEY}\n", json.dumps({"GROQ_API_KEY": KEY})])
def test_the_function_starts_with_what_was_written(
    source: str, text: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(text)
    assert secret.main([str(file), "--source", source]) == 0
    assert stored(source).keys() == {"GROQ_API_KEY", "SENTINEL_NAMESPACE_SECRET"}
    environ = {"AWS_LAMBDA_FUNCTION_NAME": "f", "SENTINEL_SECRETS": f"{source}:sentinel/dev"}
    settings = Settings.from_environ(merged(environ, known=Settings.variables()))
    assert settings.keys["groq"].get_secret_value() == KEY
    said = capsys.readouterr().out
    assert said.startswith(f"wrote {source}:sentinel/dev: GROQ_API_KEY, SENTINEL_NAMESPACE_SECRET\n")
    assert KEY not in said
    assert stored(source)["SENTINEL_NAMESPACE_SECRET"] not in said


@pytest.mark.parametrize("source", SOURCES)
def test_a_second_write_keeps_the_namespace_secret(source: str, file: Path) -> None:
    for text in (f"SENTINEL_NAMESPACE_SECRET={OLD}", "GROQ_API_KEY=new"):
        file.write_text(text)
        assert secret.main([str(file), "--source", source]) == 0
    assert stored(source) == {"GROQ_API_KEY": "new", "SENTINEL_NAMESPACE_SECRET": OLD}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (f"GROQ_APIKEY={KEY}", "unknown setting: GROQ_APIKEY"),
        (f"UPSTASH_REDIS_REST_TOKEN={KEY}", "UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN go together"),
        ('{"GROQ_API_KEY": ["gsk_canary_7f3a"]}', "secret.env: must be text or a number: GROQ_API_KEY"),
        (f'{{"GROQ_API_KEY": "{KEY}"', "secret.env is not JSON"),
        ("AWS_LAMBDA_FUNCTION_NAME=x", "unknown setting: AWS_LAMBDA_FUNCTION_NAME"),
    ],
)
def test_settings_that_would_stop_the_start_are_not_written(
    text: str, complaint: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(text)
    assert secret.main([str(file)]) == 2
    said = capsys.readouterr().err
    assert said == f"secret: {complaint}\n"
    assert boto3.client("secretsmanager").list_secrets()["SecretList"] == []


def test_a_file_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    assert secret.main([str(file)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_an_open_gateway_gets_no_namespace_secret(file: Path) -> None:
    file.write_text("SENTINEL_OPEN=true")
    assert secret.main([str(file)]) == 0
    assert stored("secretsmanager") == {"SENTINEL_OPEN": "true"}


def test_the_settings_are_checked_without_the_libraries_left_out() -> None:
    absent = [name.replace("-", "_") for name in secret.NOT_NEEDED] + ["PIL"]
    hidden = f"import sys; sys.modules.update(dict.fromkeys({absent!r}))"
    command = [
        sys.executable,
        "-c",
        f"{hidden}; from scripts.devtools.aws import secret; secret.check({{'SENTINEL_OPEN': 'true'}})",
    ]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stderr == ""


def test_every_library_is_wanted_once() -> None:
    names = [name_of(pin) for pin in secret.wanted()]
    assert len(names) == len(set(names))
    assert {"boto3", "pydantic", "python-dotenv", "starlette"} <= set(names)
