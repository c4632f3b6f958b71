"""The facts of one answered request, and the log line they become."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple, Protocol

from pydantic_core import to_json

from sentinel_core import outcome
from sentinel_core.answer import Answer

_log = logging.getLogger("sentinel")


class Answered(NamedTuple):
    """
    What is counted, logged and measured about one request; a tuple, because one is made for each.

    Never its words, unless the operator asked for them (`log_prompts`): then `prompt` and `response` are set.

    `outcome` is `outcome.name`, or a failure's word in `counters`; `detail` its reason, or the error's
    code. A None is a fact that is not known or does not apply. Tokens and dollars are those billed to
    this request; `saved_usd` and `avoided_tokens` those a hit did not have to buy.
    """

    route: str
    outcome: str
    status: int
    latency_ms: float
    detail: str | None = None
    provider: str | None = None
    model: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    avoided_tokens: int = 0
    cost_usd: float | None = None
    saved_usd: float | None = None
    similarity: float | None = None
    unstored: str | None = None
    collapsed: bool = False
    timings_ms: Mapping[str, float] = MappingProxyType({})
    request_id: str | None = None
    tenant: str | None = None
    prompt: str | None = None
    response: str | None = None


class Recorder(Protocol):
    """Takes note of an answer before it leaves; must not raise and must not wait."""

    def record(self, answered: Answered) -> None: ...


def describe(
    answer: Answer, *, route: str, latency_ms: float, request_id: str | None = None, tenant: str | None = None
) -> Answered:
    """Gather the facts of an answer that was given."""
    usage = answer.completion.usage
    return Answered(
        route=route,
        outcome=outcome.name(answer.outcome),
        status=200,
        latency_ms=latency_ms,
        detail=outcome.detail(answer.outcome),
        provider=answer.completion.provider,
        model=answer.completion.model,
        prompt_tokens=answer.billed.prompt_tokens,
        completion_tokens=answer.billed.completion_tokens,
        avoided_tokens=usage.total_tokens if usage is not None and (answer.reused or answer.collapsed) else 0,
        cost_usd=answer.cost_usd,
        saved_usd=answer.saved_usd,
        similarity=outcome.similarity(answer.outcome),
        unstored=None if answer.unstorable is None else answer.unstorable.value,
        collapsed=answer.collapsed,
        timings_ms=answer.timings,
        request_id=request_id,
        tenant=tenant,
    )


class LogRecorder:
    """
    Writes one JSON line per answer with `write`, which gets the line and its end.

    Not through `logging`: finding the caller and walking the handlers costs more than the line.
    """

    def __init__(self, write: Callable[[str], object], now: Callable[[], float]) -> None:
        self._write = write
        self._now = now

    def record(self, answered: Answered) -> None:
        self._write(_encode({**_head(self._now(), "info", "answer.sent"), **told(answered)}) + "\n")


class Gathered:
    """
    Writes what comes within `seconds` at once: a system call for each line costs more than the line.

    `write` needs a running event loop; `flush` writes what is left when it ends.
    """

    def __init__(self, write: Callable[[str], object], seconds: float = 0.05) -> None:
        self._write = write
        self._seconds = seconds
        self._lines: list[str] = []

    def write(self, line: str) -> None:
        if not self._lines:
            asyncio.get_running_loop().call_later(self._seconds, self.flush)
        self._lines.append(line)

    def flush(self) -> None:
        lines, self._lines = self._lines, []
        if lines:
            self._write("".join(lines))


def _encode(line: Mapping[str, object]) -> str:
    return to_json(line, fallback=str).decode()


def told(answered: Answered) -> dict[str, object]:
    """Return the facts that are known, as a log line has them."""
    known = zip(Answered._fields, answered, strict=True)
    return {name: value for name, value in known if value is not None and value is not False and value != {}}


def _head(moment: float, level: str, event: str) -> dict[str, object]:
    when = f"{_second(int(moment))}.{int(moment % 1 * 1000):03}+00:00"
    return {"time": when, "level": level, "event": event}


@lru_cache(maxsize=1)
def _second(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S")


class JsonFormatter(logging.Formatter):
    """A log record as one JSON object: time, level, event, then the event's fields."""

    def format(self, record: logging.LogRecord) -> str:
        line = _head(record.created, record.levelname.lower(), record.getMessage()) | getattr(record, "fields", {})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
        return _encode(line)


def log_as_json(level: str) -> None:
    """Send Sentinel's events, and warnings of libraries, to standard error as JSON lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    _log.setLevel(level.upper())
