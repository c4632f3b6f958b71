"""Prints the README's table of settings, from the settings themselves."""

from __future__ import annotations

from sentinel_core.settings import MANY, Settings, variable


def table() -> str:
    """Return the table as Markdown."""
    rows = [
        f"| {_variables(name)} | {_default(field.default)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| variable | default | what |", "|---|---|---|", *rows])


def _variables(field: str) -> str:
    if field not in MANY:
        return f"`{variable(field)}`"
    first, second, *_ = MANY[field].values()
    return f"`{first}`, `{second}`, …"


def _default(value: object) -> str:
    if value in (None, {}):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


if __name__ == "__main__":
    print(table())
