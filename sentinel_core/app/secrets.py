"""Settings kept in Secrets Manager or the Parameter Store, merged into the environment before it is validated."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from sentinel_core.errors import ConfigurationError

VARIABLE = "SENTINEL_SECRETS"
"""`secretsmanager:NAME` or `ssm:NAME`; its value is a JSON object of environment variables."""

_SECONDS = 3


def merged(environ: Mapping[str, str], *, known: Collection[str]) -> dict[str, str]:
    """
    Return the environment with the secret's settings in it, and without `SENTINEL_SECRETS` itself.

    A variable that is set wins over the secret, an empty one does not. Asks each time: rotation is seen by
    calling again. Raises ConfigurationError for an unreadable secret, and for a name in the secret that is not
    `known`, saying which, where and why; never a value.
    """
    own = {name: value for name, value in environ.items() if name != VARIABLE}
    if not environ.get(VARIABLE):
        return own
    address = environ[VARIABLE]
    secret = _settings(address, _read(address))
    if unknown := sorted(secret.keys() - set(known)):
        raise ConfigurationError(f"{address}: unknown setting: {', '.join(unknown)}")
    return {**secret, **{name: value for name, value in own.items() if value or name not in secret}}


def _read(address: str) -> object:
    source, _, name = address.partition(":")
    fetch = {"secretsmanager": _secrets_manager, "ssm": _parameter_store}.get(source)
    if fetch is None or not name:
        raise ConfigurationError(f"{VARIABLE} must be secretsmanager:NAME or ssm:NAME")
    from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
    from botocore.exceptions import BotoCoreError  # type: ignore[import-untyped]

    try:
        return fetch(name)
    except (GetParameterError, BotoCoreError) as error:
        raise ConfigurationError(f"{address} cannot be read: {_reason(error)}") from None


# Imported where they are used: boto3 costs 0.3 s of start, and who keeps no secret there shall not pay it.


def _secrets_manager(name: str) -> object:
    from aws_lambda_powertools.utilities.parameters import SecretsProvider

    return SecretsProvider(boto_config=_boto_config()).get(name, force_fetch=True)


def _parameter_store(name: str) -> object:
    from aws_lambda_powertools.utilities.parameters import SSMProvider

    return SSMProvider(boto_config=_boto_config()).get(name, decrypt=True, force_fetch=True)


def _boto_config() -> Any:
    from botocore.config import Config  # type: ignore[import-untyped]

    return Config(connect_timeout=_SECONDS, read_timeout=_SECONDS, retries={"total_max_attempts": 2})


def _reason(error: Exception) -> str:
    """Return the service's own code, `AccessDeniedException` for one; its message names accounts and roles."""
    cause = error.__context__
    response = getattr(cause, "response", None)
    code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    return code or type(cause or error).__name__


def _settings(address: str, value: object) -> dict[str, str]:
    if not isinstance(value, str):
        raise ConfigurationError(f"{address} must hold text, not bytes")
    try:
        content = json.loads(value)
    except ValueError:
        raise ConfigurationError(f"{address} is not JSON") from None
    if not isinstance(content, dict):
        raise ConfigurationError(f"{address} must hold a JSON object of settings")
    wrong = sorted(name for name, item in content.items() if not isinstance(item, str | int | float))
    if wrong:
        raise ConfigurationError(f"{address}: must be text or a number: {', '.join(wrong)}")
    return {name: item if isinstance(item, str) else json.dumps(item) for name, item in content.items()}
