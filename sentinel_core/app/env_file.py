"""Reads variables from a `.env` file; a variable of the environment wins."""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO
from pathlib import Path

from sentinel_core.errors import ConfigurationError

DEFAULT = ".env"
"""File of the working directory that is read if it is there."""

MAX_BYTES = 1_048_576


def merged(environ: Mapping[str, str], path: str | None = None) -> Mapping[str, str]:
    """
    Add the variables of `path`, by default `.env` if that exists, to those of the environment.

    A variable that is set wins, also if it is empty. Raises ConfigurationError for a named file that does not
    exist, and for one that is unreadable, larger than 1 MiB or not lines of `NAME=value`.
    """
    file = Path(path or DEFAULT)
    if path is None and not file.is_file():
        return environ
    return {**variables(_text(file), file.name), **environ}


def variables(text: str, name: str = DEFAULT) -> dict[str, str]:
    """Parse lines of `NAME=value`, with quotes, comments and `export` as shells have them; expand nothing."""
    from dotenv.parser import parse_stream  # only who has such a file pays for the import

    found: dict[str, str] = {}
    for binding in parse_stream(StringIO(text)):
        if binding.error or (binding.key and binding.value is None):
            raise ConfigurationError(f"{name}, line {binding.original.line}: must be NAME=value")
        if binding.key:
            found[binding.key] = binding.value or ""
    return found


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(f"cannot read {file}: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise ConfigurationError(f"{file} is larger than 1 MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file} is not UTF-8") from error
