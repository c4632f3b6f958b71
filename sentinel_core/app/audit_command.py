"""`sentinel audit …`: exports the log of admin and key actions, and checks it."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from sentinel_core.app.settings import Settings
from sentinel_core.app.signing import audit_trail, receipt_key
from sentinel_core.app.stores import audit_store, wire
from sentinel_core.errors import ConfigurationError, StoreError
from sentinel_core.stores.redis.connection import RedisConnection
from sentinel_core.support.clock import SYSTEM_CLOCK
from sentinel_core.telemetry.audit import RECORDED, Action, AuditStore, Facts
from sentinel_core.telemetry.audit_check import check, heads_in

PAGE = 1_000


def audit(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """
    Run `audit` with these arguments; return 1 if the check finds something.

    Raises ConfigurationError if it cannot run.
    """
    asked = _parser().parse_args(arguments)
    settings = Settings.from_environ({**environ, "AWS_LAMBDA_FUNCTION_NAME": ""})
    try:
        return asyncio.run(_run(asked, settings))
    except BrokenPipeError:
        raise
    except (StoreError, OSError) as error:
        raise ConfigurationError(str(error)) from error


async def recorded(
    settings: Settings,
    way: RedisConnection | None,
    command: str,
    *,
    before: Facts | None = None,
    after: Facts | None = None,
) -> None:
    """Record a command's action in a chain of its own, and print its hash, to be kept; never raises."""
    trail = audit_trail(settings, audit_store(settings, way), SYSTEM_CLOCK)
    record = await trail.record(Action(_user(), command, socket.gethostname(), before=before, after=after))
    line = f"{RECORDED} chain={record.chain} number={record.number} head={record.hash}"
    print(line, file=sys.stderr)  # noqa: T201  a command speaks to its user


async def _run(asked: argparse.Namespace, settings: Settings) -> int:
    if asked.what == "receipt":
        return _receipt(asked.file, settings)
    way = wire(settings)
    try:
        store = audit_store(settings, way)
        path = getattr(asked, "export", None)
        lines = await _all(store) if path is None else [line.rstrip("\n") for line in _text(path)]
        if asked.what == "export":
            sys.stdout.writelines(f"{line}\n" for line in lines)
            return 0
        key = audit_trail(settings, store, SYSTEM_CLOCK).key.read()
        heads = heads_in(line for path in asked.log for line in _text(path))
        found = list(check(lines, await store.checkpoints(), heads, key))
    finally:
        if way is not None:
            await way.aclose()
    summary = f"{len(lines)} records, {len(heads)} hashes in logs, {len(found)} problems"
    without = "" if asked.log else "; without --log the end of a chain can be cut unseen"
    _print([*found, summary + without])
    return 1 if found else 0


async def _all(store: AuditStore) -> list[str]:
    lines: list[str] = []
    cursor: str | None = None
    while page := await store.read(cursor, PAGE):
        lines += [line for _, line in page]
        cursor = page[-1][0]
    return lines


def _receipt(path: str, settings: Settings) -> int:
    from sentinel_core.web.admin.erasures import Receipt, signature

    try:
        receipt = Receipt.model_validate_json(Path(path).read_text())
    except ValidationError as error:
        raise ConfigurationError(f"{path} is not a receipt") from error
    key = receipt_key(settings).read()
    is_good = bool(receipt.signature and key) and receipt.signature == signature(receipt, key)
    _print(["the signature is right" if is_good else "the signature is wrong, or there is none"])
    return 0 if is_good else 1


def _text(path: str) -> Iterator[str]:
    with Path(path).open(encoding="utf-8", errors="replace") as file:
        yield from file


def _print(lines: Sequence[str]) -> None:
    for line in lines:
        print(line)  # noqa: T201  a command speaks to its user


def _user() -> str:
    try:
        return f"command:{getpass.getuser()}"
    except (OSError, KeyError):  # a user without a name, as in some containers
        return "command:unknown"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sentinel audit", description="Export the log of admin and key actions, and check it."
    )
    commands = parser.add_subparsers(required=True, dest="what", metavar="verify|export|receipt")
    verify = commands.add_parser("verify", help="find edited, missing and moved records")
    verify.add_argument(
        "export", nargs="?", metavar="EXPORT", help="check this file, written by export, not the stored records"
    )
    logs = "a log of the server, to find ends that were cut; may be repeated"
    verify.add_argument("--log", action="append", default=[], metavar="FILE", help=logs)
    commands.add_parser("export", help="print all records as JSON Lines, oldest first")
    receipt = commands.add_parser("receipt", help="check the signature of an erasure's receipt")
    receipt.add_argument("file")
    return parser
