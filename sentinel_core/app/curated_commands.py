"""`sentinel import`, `export`, `copy` and `warm`: curated answers and prompts, over a server's routes."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from sentinel_core.app.curated_rows import Answer, read
from sentinel_core.app.estimate.rows import BadRow, rows
from sentinel_core.app.server_client import Server, checked, parser_of, reason, say

BATCH = 50
_GIVEN = (
    "id", "questions", "answer", "tags", "model", "system", "surface", "tools", "turns", "formats",
    "ttl", "valid_from", "valid_until", "approved_by",
)  # fmt: skip
_TOO_LARGE = 413


def import_answers(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Put the answers of a file; return 2 where rows were refused."""
    options = parser_of("import", "Put curated answers from a CSV, JSON Lines or YAML file.", file=True).parse_args(
        arguments
    )
    changed = same = refused = 0
    with Server(options, environ) as server:
        found = read(options.file)
        while batch := list(islice(found, BATCH)):
            answers = [each for each in batch if isinstance(each, Answer)]
            bad = [each for each in batch if isinstance(each, BadRow)]
            stored, more = _put(server, answers, options.tenant)
            changed, same = changed + stored, same + len(answers) - len(more) - stored
            refused += len(bad) + len(more)
            for row in sorted([*bad, *more], key=lambda row: row.row):
                say(f"{options.file}:{row.row}: {row.reason}", sys.stderr)
    say(f"{changed} answers are new or changed, {same} were there, {refused} rows are refused")
    return 2 if refused else 0


def export_answers(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Write all curated answers as JSON Lines, by their ids: equal answers give equal bytes."""
    options = parser_of("export", "Write curated answers as JSON Lines.", file=True).parse_args(arguments)
    with Server(options, environ) as server, options.file.open("w", encoding="utf-8") as file:
        count = 0
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
    parser.add_argument("--budget", type=float, default=1.0, metavar="USD", help="most dollars to spend (default 1)")
    parser.add_argument("--model", help="model to ask; the server's default if absent")
    options = parser.parse_args(arguments)
    spent, asked, refused = 0.0, 0, 0
    with Server(options, environ) as server, options.file.open("rb") as source:
        for row in rows(source):
            prompt = None if isinstance(row, BadRow) else _prompt(row[1])
            if prompt is None:
                refused += 1
                continue
            if spent >= options.budget:
                say(f"the budget is spent after {asked} prompts: run it again to go on")
                return 1
            body = {"prompt": prompt, **({"model": options.model} if options.model else {})}
            answer = checked(server.ask("POST", "/v1/query", json=body)).json()
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
    if response.status_code in (400, 422, _TOO_LARGE) and len(answers) > 1:
        halves = answers[: len(answers) // 2], answers[len(answers) // 2 :]
        parts = [_put(server, half, tenant) for half in halves]
        return sum(changed for changed, _ in parts), [row for _, bad in parts for row in bad]
    if response.status_code in (400, 422, _TOO_LARGE):
        return 0, [BadRow(answers[0].row, reason(response))]
    return checked(response).json()["changed"], []


def _prompt(row: Any) -> str | None:
    value = row.get("prompt", row.get("question")) if isinstance(row, dict) else row
    return value if isinstance(value, str) and value.strip() else None


def _given(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: entry[name] for name in _GIVEN if entry[name] not in (None, [], False)}
