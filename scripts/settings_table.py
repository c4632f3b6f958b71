"""Writes the guide's tables of settings and bounds, from the settings themselves."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sentinel_core.app.settings import MANY, Settings, variable

GUIDE = Path(__file__).parent.parent / "sentinel_core" / "web" / "guide"
BOUNDS = (
    *("max_body_bytes", "max_json_values", "max_header_bytes", "max_connections", "keep_alive_seconds"),
    *("request_timeout_seconds", "stream_idle_seconds", "max_answer_bytes", "provider_concurrency"),
    *(
        "batch_concurrency",
        "store_timeout_ms",
        "max_entries",
        "remembered_prompts",
        "max_memory_mb",
        "shutdown_seconds",
    ),
)
PAGES = {"settings.md": tuple(Settings.model_fields), "security.md": BOUNDS}
"""The fields that a page's table lists, in order."""

BEGIN, END = "<!-- settings -->\n", "\n<!-- /settings -->"


def table(fields: Iterable[str]) -> str:
    """Return the table of these fields as Markdown."""
    described = [(name, Settings.model_fields[name]) for name in fields]
    rows = [f"| {_variables(name)} | {_default(field.default)} | {field.description} |" for name, field in described]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


def _variables(field: str) -> str:
    if field not in MANY:
        return f"`{variable(field)}`"
    first, second, *_ = MANY[field].values()
    return f"`{first}`, `{second}`, …"


def _default(value: object) -> str:
    if value in (None, {}, "", (), []):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def write(page: Path, fields: Iterable[str]) -> None:
    """Put the table between the page's two marks."""
    before, rest = page.read_text().split(BEGIN)
    _, after = rest.split(END)
    page.write_text(f"{before}{BEGIN}{table(fields)}{END}{after}")


if __name__ == "__main__":
    for page, fields in PAGES.items():
        write(GUIDE / page, fields)
