"""`sentinel settings`: prints every setting with its value, and checks them."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

from pydantic import SecretStr

from sentinel_core.app.settings import MANY, Settings, variable
from sentinel_core.tenants.api_key import ApiKey

HIDDEN = "(set, not shown)"


def settings(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Print each variable, its value and its meaning; raises ConfigurationError for values that break a rule."""
    asked = _parser().parse_args(arguments)
    from sentinel_core.app import rules  # the gate and its numpy, which this module's other callers do not need

    checked = Settings.from_environ(environ)
    rules.check(checked)
    for name, value, meaning in rows(checked, environ, only_set=asked.set):
        print(f"{name}={value}\n    {meaning}")  # noqa: T201  a command speaks to its user
    return 0


def rows(checked: Settings, environ: Mapping[str, str], *, only_set: bool = False) -> list[tuple[str, str, str]]:
    """Return variable, value and meaning of each setting; of a secret only whether it is set."""
    return [
        (name, value, field.description or "")
        for field_name, field in Settings.model_fields.items()
        for name, value in _values(field_name, checked)
        if not only_set or environ.get(name)
    ]


def _values(field: str, checked: Settings) -> list[tuple[str, str]]:
    value = getattr(checked, field)
    if field in MANY:
        return [(name, _shown(value.get(key))) for key, name in MANY[field].items()]
    return [(variable(field), _shown(value))]


def _shown(value: object) -> str:
    if isinstance(value, SecretStr) or (isinstance(value, list) and value and isinstance(value[0], ApiKey)):
        return HIDDEN
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sentinel settings",
        description="Print every setting with its value, secrets hidden, and check all values.",
    )
    parser.add_argument("--set", action="store_true", help="only those that the environment or .env sets")
    return parser
