"""`sentinel import`, `export`, `copy` and `warm`: curated answers and prompts, over a server's routes."""

from __future__ import annotations

import json
import math
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from httpx import codes

from sentinel_core.app.curated_rows import Answer, read
from sentinel_core.app.estimate.rows import rows
from sentinel_core.app.server_client import Server, checked, parser_of, reason, say
from sentinel_core.errors import ConfigurationError
from sentinel_core.support.rows import BadRow, problem_of

BATCH = 100
_GIVEN = (
    "id", "questions", "answer", "tags", "model", "system", "surface", "tools", "turns", "formats",
    "ttl", "valid_from", "valid_until", "approved_by",
)  # fmt: skip
MOST_FAILED = 3
"""Prompts that may fail at the provider one after the other; more are an outage."""

_LONGEST = 500
_REFUSED = frozenset({400, 413, 422})


class _FailedRow(BadRow):
    """A prompt for which the provider had no answer."""


def import_answers(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Put the answers of a file; return 2 where rows were refused."""
    options = parser_of("import", "Put curated answers from a CSV, JSON Lines or YAML file.", file=True).parse_args(
        arguments
    )
    changed = same = refused = 0
    unread: set[str] = set()
    with Server(options, environ) as server:
        found = read(options.file)
        while batch := list(islice(found, BATCH)):
            answers = [each for each in batch if isinstance(each, Answer)]
            bad = [each for each in batch if isinstance(each, BadRow)]
            unread.update(*(each.unread for each in answers))
            stored, more = _put(server, answers, options.tenant)
            changed, same = changed + stored, same + len(answers) - len(more) - stored
            refused += len(bad) + len(more)
            for row in sorted([*bad, *more], key=lambda row: row.row):
                say(f"{options.file}:{row.row}: {row.reason}", sys.stderr)
    if unread:
        say(f"{options.file}: columns that were not read: {', '.join(sorted(unread))[:_LONGEST]}", sys.stderr)
    say(f"{changed} answers are new or changed, {same} were there, {refused} rows are refused")
    return 2 if refused else 0


def export_answers(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Write all curated answers as JSON Lines, by their ids: equal answers give equal bytes."""
    options = parser_of("export", "Write curated answers as JSON Lines.", file=True).parse_args(arguments)
    count = 0
    with Server(options, environ) as server, _written(options.file) as file:
        for entry in server.entries(options.tenant):
            file.write(json.dumps(_given(entry), ensure_ascii=False) + "\n")
            count += 1
    say(f"{count} answers")
    return 0


def copy_answers(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Copy the curated answers of one tenant to another."""
    parser = parser_of("copy", "Copy curated answers from --tenant to another tenant.")
    parser.add_argument("--to", required=True, metavar="TENANT")
    options = parser.parse_args(arguments)
    count = 0
    with Server(options, environ) as server:
        found = server.entries(options.tenant)
        while batch := [_given(each) for each in islice(found, BATCH)]:
            count += checked(server.put(batch, options.to)).json()["changed"]
    say(f"{count} answers are new or changed")
    return 0


def warm(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Ask each prompt of a file once, within a budget; those that are stored cost nothing, so it may be repeated."""
    parser = parser_of("warm", "Ask the provider for a list of prompts, within a budget.", file=True)
    parser.add_argument("--budget", type=_dollars, default=1.0, metavar="USD", help="most dollars to spend (default 1)")
    parser.add_argument("--model", help="model to ask; the server's default if absent")
    options = parser.parse_args(arguments)
    spent, asked, refused, failed = 0.0, 0, 0, 0
    with Server(options, environ) as server, _opened(options.file) as source:
        for row in rows(source):
            if spent >= options.budget:
                say(f"the budget is spent after {asked} prompts: run it again to go on")
                return 1
            answer = row if isinstance(row, BadRow) else _warmed(server, row[0], row[1], options.model)
            if isinstance(answer, BadRow):
                refused += 1
                failed += isinstance(answer, _FailedRow)
                say(f"{options.file}:{answer.row}: {answer.reason}", sys.stderr)
                if failed == MOST_FAILED:
                    say(f"{failed} prompts failed one after the other, after {asked} answers: run it again to go on")
                    return 2
                continue
            failed = 0
            spent += (answer["cost_usd"] or 0.0) + (answer.get("estimated_usd") or 0.0)
            asked += 1
    say(f"{asked} prompts are answered from now on; ${spent:.4f} spent; {refused} rows are refused")
    return 2 if refused else 0


COMMANDS = {"import": import_answers, "export": export_answers, "copy": copy_answers, "warm": warm}


def _put(server: Server, answers: Sequence[Answer], tenant: str | None) -> tuple[int, list[BadRow]]:
    """Put answers together, one by one where the server refuses some; return how many changed, and refused rows."""
    if not answers:
        return 0, []
    response = server.put([each.entry for each in answers], tenant)
    if response.status_code in _REFUSED and len(answers) > 1:
        halves = answers[: len(answers) // 2], answers[len(answers) // 2 :]
        parts = [_put(server, half, tenant) for half in halves]
        return sum(changed for changed, _ in parts), [row for _, bad in parts for row in bad]
    if response.status_code in _REFUSED:
        return 0, [BadRow(answers[0].row, reason(response))]
    return checked(response).json()["changed"], []


def _warmed(server: Server, number: int, row: Any, model: str | None) -> dict[str, Any] | BadRow:
    """Ask one prompt; return the answer, or the reason why there is none."""
    prompt = _prompt(row)
    if prompt is None:
        return BadRow(number, "no prompt")
    response = server.ask("POST", "/v1/query", json={"prompt": prompt, **({"model": model} if model else {})})
    if response.status_code in _REFUSED:
        return BadRow(number, reason(response))
    if response.status_code == codes.TOO_MANY_REQUESTS or response.is_server_error:
        return _FailedRow(number, f"{response.status_code} {reason(response)}")
    answer: dict[str, Any] = checked(response).json()
    return answer


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open for reading; raises ConfigurationError where there is no such file."""
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise ConfigurationError(problem_of(error, path)) from error


@contextmanager
def _written(path: Path) -> Iterator[TextIO]:
    """Write a file that is there once it is whole; raises ConfigurationError where that fails."""
    whole = path.with_name(f"{path.name}.new")
    try:
        with whole.open("w", encoding="utf-8") as file:
            yield file
        whole.replace(path)
    except OSError as error:
        raise ConfigurationError(problem_of(error, path)) from error


def _dollars(text: str) -> float:
    """Read an amount; raises ArgumentTypeError for one that is no number, or below nothing."""
    try:
        amount = float(text)
    except ValueError:
        amount = math.nan
    if not 0 <= amount < math.inf:
        raise ArgumentTypeError("must be a number of dollars from 0")
    return amount


def _prompt(row: Any) -> str | None:
    value = row.get("prompt", row.get("question")) if isinstance(row, dict) else row
    return value if isinstance(value, str) and value.strip() else None


def _given(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: entry[name] for name in _GIVEN if entry[name] not in (None, [], False)}
