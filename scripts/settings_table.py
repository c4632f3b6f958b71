"""Writes the guide's table of settings, from the settings themselves."""

from __future__ import annotations

from pathlib import Path

from sentinel_core.app.settings import MANY, Settings, variable

PAGE = Path(__file__).parent.parent / "sentinel_core" / "web" / "guide" / "settings.md"
BEGIN, END = "<!-- settings -->\n", "\n<!-- /settings -->"


def table() -> str:
    """Return the table as Markdown."""
    rows = [
        f"| {_variables(name)} | {_default(field.default)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


def _variables(field: str) -> str:
    if field not in MANY:
        return f"`{variable(field)}`"
    first, second, *_ = MANY[field].values()
    return f"`{first}`, `{second}`, …"


def _default(value: object) -> str:
    if value in (None, {}, "", ()):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def write(page: Path) -> None:
    """Put the table between the page's two marks."""
    before, rest = page.read_text().split(BEGIN)
    _, after = rest.split(END)
    page.write_text(f"{before}{BEGIN}{table()}{END}{after}")


if __name__ == "__main__":
    write(PAGE)
