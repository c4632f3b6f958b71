"""Reads curated answers from CSV, JSON Lines or YAML files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sentinel_core.app.estimate.rows import delimiter_of, rows, snake
from sentinel_core.cache.scope import digest
from sentinel_core.errors import ConfigurationError
from sentinel_core.support.csv_records import csv_rows
from sentinel_core.support.moments import moment
from sentinel_core.support.rows import BadRow, lines, problem_of

_COLUMNS = frozenset({"question", "questions", "answer"})
_TEXTS = ("id", "answer", "model", "system", "surface", "approved_by")
_TIMES = ("valid_from", "valid_until")
_FLAGS = ("tools", "turns", "formats")
_SCOPE = ("model", "system", "surface", *_FLAGS)
_YES, _NO = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})
_KNOWN = _COLUMNS | {"tags", "ttl", *_TEXTS, *_TIMES, *_FLAGS}
_HEAD = 4_096
_QUESTIONS, _TAGS = re.compile(r"\|"), re.compile(r"[,;|]")
"""Separators of several texts in one cell."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A row's number, and the entry as the server takes it."""

    row: int
    entry: Mapping[str, Any]
    unread: frozenset[str] = field(default=frozenset(), compare=False)
    """Names of the row's columns that say nothing here."""


def read(path: Path) -> Iterator[Answer | BadRow]:
    """Yield each row as an entry, or the reason why it is none; of conflicting answers or equal ids the first stays."""
    names: dict[str, int] = {}
    known: dict[tuple[Any, ...], tuple[int, str]] = {}
    for row in _rows(path):
        if isinstance(row, BadRow):
            yield row
            continue
        try:
            entry = _entry(row[1])
        except ValueError as error:
            yield BadRow(row[0], str(error))
            continue
        name = entry.get("id")
        if name is not None and name in names:
            yield BadRow(row[0], f"has the id of row {names[name]}")
            continue
        places = [(digest(each), *map(entry.get, _SCOPE)) for each in entry["questions"]]
        other = next((found for place in places if (found := known.get(place)) is not None), None)
        if other is not None and other[1] != entry["answer"]:
            yield BadRow(row[0], f"answers a question of row {other[0]} otherwise")
        elif other is not None and all(place in known for place in places):
            continue
        else:
            known.update(dict.fromkeys(places, (row[0], entry["answer"])))
            names |= {} if name is None else {name: row[0]}
            yield Answer(row[0], entry, _unread(row[1]))


def _rows(path: Path) -> Iterable[tuple[int, Any] | BadRow]:
    try:
        if path.suffix in (".yaml", ".yml"):
            yield from _yaml_rows(path)
            return
        with path.open("rb") as source:
            head = source.peek(_HEAD)[:_HEAD].decode("utf-8", "replace").removeprefix("\ufeff")
            delimiter = None if head.lstrip()[:1] in ("{", "[") else delimiter_of(head.partition("\n")[0], _COLUMNS)
            yield from rows(source) if delimiter is None else csv_rows(lines(source), delimiter)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(problem_of(error, path)) from error


def _yaml_rows(path: Path) -> Iterable[tuple[int, Any] | BadRow]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        place = f"{path}:{mark.line + 1}" if mark is not None else str(path)
        raise ConfigurationError(f"{place}: not YAML{f': {problem}' if problem else ''}") from error
    return enumerate(found if isinstance(found, list) else [found], start=1)


def _entry(row: Any) -> dict[str, Any]:
    """Return the entry of a row; raises ValueError with the rule that it broke."""
    if not isinstance(row, Mapping):
        raise ValueError("a row needs question and answer")  # noqa: TRY004  the rule that a row broke
    fields = {snake(str(name)): value for name, value in row.items() if value not in (None, "", [], ())}
    questions = _list(fields.get("questions"), _QUESTIONS) or _list(fields.get("question"))
    entry: dict[str, Any] = {"questions": questions, **_texts(fields), **_times(fields), **_flags(fields)}
    if not questions or "answer" not in entry:
        raise ValueError("a row needs question and answer")
    if tags := _list(fields.get("tags"), _TAGS):
        entry["tags"] = tags
    return entry


def _texts(fields: Mapping[str, Any]) -> dict[str, str]:
    found = {name: fields[name] for name in _TEXTS if name in fields}
    for name, value in found.items():
        if not isinstance(value, str | int | float) or not str(value).strip():
            raise ValueError(f"{name} is a text that is not empty")
    return {name: str(value) for name, value in found.items()}


def _unread(row: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(name for name in map(str, row) if snake(name) not in _KNOWN)


def _times(fields: Mapping[str, Any]) -> dict[str, float]:
    found: dict[str, float] = {}
    if "ttl" in fields:
        try:
            found["ttl"] = float(fields["ttl"])
        except (TypeError, ValueError):
            raise ValueError("ttl is a number of seconds") from None
    for name in _TIMES:
        if name in fields:
            try:
                found[name] = moment(fields[name], is_end=name == "valid_until")
            except ValueError as error:
                raise ValueError(f"{name} {error}") from None
    return found


def _flags(fields: Mapping[str, Any]) -> dict[str, bool]:
    """Return those that are on."""
    found = {name: str(fields[name]).strip().lower() for name in _FLAGS if name in fields}
    if any(value not in _YES | _NO for value in found.values()):
        raise ValueError(f"{', '.join(_FLAGS)} are true or false")
    return {name: True for name, value in found.items() if value in _YES}


def _list(value: Any, separator: re.Pattern[str] | None = None) -> list[str]:
    if isinstance(value, list | tuple):
        return [str(each) for each in value if str(each).strip()]
    if not isinstance(value, str):
        return []
    parts = separator.split(value) if separator is not None else [value]
    return [part.strip() if separator else part for part in parts if part.strip()]
