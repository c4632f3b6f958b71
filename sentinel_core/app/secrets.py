"""Settings kept in a JSON parameter, Secrets Manager or the Parameter Store, merged into the environment."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from sentinel_core.errors import ConfigurationError

VARIABLE = "SENTINEL_SECRETS"
"""`secretsmanager:NAME` or `ssm:NAME`; its value is a JSON object of environment variables."""

PARAMETER = "SENTINEL_SETTINGS"
"""A JSON object of environment variables that are no secrets: the template's parameter `Settings`."""

_SECONDS = 3


def merged(environ: Mapping[str, str], *, known: Collection[str]) -> dict[str, str]:
    """
    Return the environment with the settings of the secret and of `SENTINEL_SETTINGS`, without those two variables.

    A variable that is set wins over `SENTINEL_SETTINGS`, which wins over the secret; an empty variable wins over
    nothing. Asks each time: rotation is seen by calling again. Raises ConfigurationError for an unreadable secret, for
    anything but a JSON object of texts and numbers, and for a name that is not `known`, saying where; never a value.
    """
    own = {name: value for name, value in environ.items() if name not in (VARIABLE, PARAMETER)}
    given: dict[str, str] = {}
    if address := environ.get(VARIABLE):
        given |= _known(address, _settings(address, _read(address)), known)
    if text := environ.get(PARAMETER):
        given |= _known(PARAMETER, _settings(PARAMETER, text), known)
    return {**given, **{name: value for name, value in own.items() if value or name not in given}}


def _known(where: str, given: dict[str, str], known: Collection[str]) -> dict[str, str]:
    if unknown := sorted(given.keys() - set(known)):
        raise ConfigurationError(f"{where}: unknown setting: {', '.join(unknown)}")
    return given


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
