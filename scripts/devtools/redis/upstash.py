"""Upstash's REST protocol as pure functions: what a request asks for, and what is answered."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import hiredis

from scripts.devtools.redis.resp import Reply

WELCOME = b"Welcome to Serverless Redis HTTP!"
UNAUTHORIZED = "WRONGPASS invalid or missing auth token"
# A connection shared by all callers may not change state, block, or answer twice.
STATEFUL = {"AUTH", "HELLO", "SELECT", "QUIT", "RESET", "CLIENT", "MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH"}
ANSWERING_TWICE = {"SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "SSUBSCRIBE", "SUNSUBSCRIBE", "MONITOR"}
BLOCKING = {"BLPOP", "BRPOP", "BLMOVE", "BRPOPLPUSH", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP", "WAIT", "WAITAOF"}
REFUSED = STATEFUL | ANSWERING_TWICE | BLOCKING | {"SYNC", "PSYNC"}


class RequestRefused(Exception):  # noqa: N818  a reply, not a fault of ours
    """The request is answered without asking Redis."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Batch:
    """Commands of one request; `kind` is "single", "pipeline" or "multi-exec"."""

    kind: str
    commands: list[list[str]]


def read(method: str, target: str, authorization: str, body: bytes, token: str) -> Batch | None:
    """Return what is asked for, None for the welcome page; raises RequestRefused."""
    url = urlsplit(target)
    path = url.path.strip("/")
    if method == "GET" and not path:
        return None
    if method not in {"GET", "POST", "PUT", "HEAD"}:
        raise RequestRefused(405, "ERR method not allowed")
    query = parse_qsl(url.query, keep_blank_values=True)
    given = next((value for name, value in query if name == "_token"), authorization.removeprefix("Bearer "))
    if not compare_digest(given.encode(), token.encode()):
        raise RequestRefused(401, UNAUTHORIZED)
    return _batch(path, [(name, value) for name, value in query if name != "_token"], body)


def _batch(path: str, query: list[tuple[str, str]], body: bytes) -> Batch:
    if path in {"pipeline", "multi-exec"}:
        return Batch(path, [_command(item) for item in _array(body)])
    if not path:
        return Batch("single", [_command(_array(body))])
    command = [unquote(part) for part in path.split("/")]
    if body:
        command.append(body.decode("utf-8", "replace"))
    command += [text for pair in query for text in pair if text]
    return Batch("single", [_command(command)])


def _array(body: bytes) -> list[Any]:
    try:
        value = json.loads(body)
    except ValueError as error:
        raise RequestRefused(400, "ERR failed to parse command") from error
    if not isinstance(value, list) or not value:
        raise RequestRefused(400, "ERR empty or malformed command")
    return value


def _command(parts: Any) -> list[str]:
    if not isinstance(parts, list) or not parts or not all(isinstance(part, str | int | float) for part in parts):
        raise RequestRefused(400, "ERR empty or malformed command")
    command = [part if isinstance(part, str) else json.dumps(part) for part in parts]
    if command[0].upper() in REFUSED or (command[0].upper().startswith("XREAD") and "BLOCK" in map(str.upper, command)):
        raise RequestRefused(400, f"ERR Command is not available: '{command[0]}'")
    return command


def to_send(batch: Batch) -> list[list[str]]:
    return [["MULTI"], *batch.commands, ["EXEC"]] if batch.kind == "multi-exec" else batch.commands


def answer(batch: Batch, replies: list[Reply], *, base64: bool) -> tuple[int, Any]:
    """Return status and body: one object, or one a command for a pipeline and a transaction that ran."""
    if batch.kind == "single":
        item = _item(replies[0], base64)
        return (400 if "error" in item else 200), item
    if batch.kind == "multi-exec":
        ran = replies[-1]
        if not isinstance(ran, list):
            return 400, {"error": str(ran)}
        replies = ran
    return 200, [_item(reply, base64) for reply in replies]


def _item(reply: Reply, base64: bool) -> Mapping[str, Any]:
    if isinstance(reply, hiredis.HiredisError):
        return {"error": str(reply)}
    return {"result": _encoded(reply) if base64 else _plain(reply)}


def _encoded(reply: Reply) -> Any:
    if isinstance(reply, list):
        return [_encoded(item) for item in reply]
    if isinstance(reply, str) and reply != "OK":
        return b64encode(reply.encode()).decode()
    return _plain(reply)


def _plain(reply: Reply) -> Any:
    if isinstance(reply, list):
        return [_plain(item) for item in reply]
    return str(reply) if isinstance(reply, hiredis.HiredisError) else reply
