"""Writes log lines as JSON."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple, Protocol

from pydantic_core import PydanticSerializationError, to_json

from sentinel_core.support.clock import Clock
from sentinel_core.support.json_formats import json_format
from sentinel_core.telemetry.alike import AlikeHit
from sentinel_core.telemetry.records import Answered

_log = logging.getLogger("sentinel")
_FIELDS = Answered._fields


class Output(Protocol):
    """Takes text; an open file is one."""

    def write(self, text: str, /) -> object:
        """Write or keep a line and its end."""


class LogRecorder:
    """
    Writes one JSON line per answer to `out`.

    Not through `logging`: finding the caller and walking the handlers costs more than the line.
    """

    def __init__(self, out: Output, clock: Clock) -> None:
        self._out = out
        self._late = out if isinstance(out, BufferedLines) else None
        self._now = clock.now

    def record(self, answered: Answered) -> None:
        line = _AnswerLine(self._now(), answered)
        self._add(line)

    def record_hits(self, hits: Sequence[AlikeHit]) -> None:
        self._add(_HitLines(hits))

    def _add(self, line: object) -> None:
        if self._late is None:
            self._out.write(str(line))
        else:
            self._late.add(line)


class _HitLines:
    """The lines of hits; their text is made where it is written."""

    def __init__(self, hits: Sequence[AlikeHit]) -> None:
        self._hits = hits

    def __str__(self) -> str:
        return "".join(map(_hit_line, self._hits))


def _hit_line(hit: AlikeHit) -> str:
    """Return the line of one hit: what its kin have in common is encoded once."""
    alike, at, latency_ms, store_ms, request_id = hit
    alike.log_line = alike.log_line or _hit_format(hit.answered)
    return alike.log_line % (_time(at), latency_ms, store_ms, request_id)


def _hit_format(facts: Answered) -> str:
    line = {**_head(0.0, "info", "answer.sent"), **told(facts)}
    holes = {"time": b'"%s"', "latency_ms": b"%r", "timings_ms": b'{"store":%r}', "request_id": b'"%s"'}
    return json_format(line, holes).decode() + "\n"


class _AnswerLine(NamedTuple):
    """The line of an answer; its text is made where it is written: many in a row take half the time."""

    at: float
    answered: Answered

    def __str__(self) -> str:
        return _encode({**_head(self.at, "info", "answer.sent"), **told(self.answered)}) + "\n"


class BufferedLines:
    """
    Writes the lines of `seconds` at once: a system call for each line costs more than the line.

    `out` gets them; `write` needs a running event loop; `flush` writes what is left when it ends.
    """

    def __init__(self, out: Output, seconds: float = 0.05) -> None:
        self._out = out
        self._seconds = seconds
        self._lines: list[object] = []

    def write(self, line: str) -> None:
        self.add(line)

    def add(self, line: object) -> None:
        """Write the text of an object, which is made with the others'."""
        if not self._lines:
            asyncio.get_running_loop().call_later(self._seconds, self.flush)
        self._lines.append(line)

    def flush(self) -> None:
        lines, self._lines = self._lines, []
        if lines:
            self._out.write("".join(map(str, lines)))


def log_with(formatter: logging.Formatter, level: str) -> None:
    """Send Sentinel's events, and warnings of libraries, to standard error in this format."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    _log.setLevel(level.upper())


def _encode(line: Mapping[str, object]) -> str:
    try:
        return to_json(line, fallback=str).decode()
    except PydanticSerializationError:  # half a surrogate pair
        return json.dumps(line, default=str)


def told(answered: Answered) -> dict[str, object]:
    """Return the facts that are known, as a log line has them."""
    known = zip(_FIELDS, answered, strict=True)
    return {name: value for name, value in known if value or (value is not None and value is not False and value != {})}


def _head(moment: float, level: str, event: str) -> dict[str, object]:
    return {"time": _time(moment), "level": level, "event": event}


def _time(moment: float) -> str:
    return f"{_second(int(moment))}.{int(moment % 1 * 1000):03}+00:00"


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
