"""Writes log lines for people: one short line per answer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from sentinel_core.support.clock import Clock
from sentinel_core.telemetry.logs import Output
from sentinel_core.telemetry.records import Answered

_RESET, _DIM, _RED, _GREEN, _YELLOW = (f"\x1b[{code}m" for code in (0, 2, 31, 32, 33))
_COLOURS: Mapping[str, str] = {"hit": _GREEN, "miss": _YELLOW, "bypass": _YELLOW, "stale": _YELLOW}


class TextRecorder:
    """Writes one line per answer to `out`."""

    def __init__(self, out: Output, clock: Clock, *, coloured: bool) -> None:
        self._out = out
        self._now = clock.now
        self._coloured = coloured

    def record(self, answered: Answered) -> None:
        self._out.write(_line(self._now(), answered, self._coloured) + "\n")


class TextFormatter(logging.Formatter):
    """A log record as time, level, event and fields on one line."""

    def __init__(self, *, coloured: bool) -> None:
        super().__init__()
        self._coloured = coloured

    def format(self, record: logging.LogRecord) -> str:
        fields = " ".join(f"{name}={value}" for name, value in getattr(record, "fields", {}).items())
        if record.exc_info and record.exc_info[0] is not None:
            fields = f"{fields} error={record.exc_info[0].__name__}".strip()
        colour = _RED if record.levelno >= logging.ERROR else _YELLOW if record.levelno >= logging.WARNING else ""
        level = _in(colour, record.levelname.lower(), self._coloured)
        event = _printable(f"{record.getMessage()} {fields}".rstrip())
        return f"{_time(record.created, self._coloured)}  {level}  {event}"


def _line(now: float, answered: Answered, coloured: bool) -> str:
    is_plain = answered.detail is None or answered.outcome.endswith(answered.detail)  # hit_exact, detail exact
    outcome = answered.outcome if is_plain else f"{answered.outcome}:{answered.detail}"
    colour = (
        _RED
        if answered.status >= 400
        else next((colour for start, colour in _COLOURS.items() if answered.outcome.startswith(start)), "")
    )
    facts = [
        _time(now, coloured),
        str(answered.status),
        _in(colour, f"{_printable(outcome):24}", coloured),
        f"{answered.latency_ms:8.1f} ms",
        answered.route,
        _printable("/".join(filter(None, (answered.provider, answered.model)))),
        "" if answered.similarity is None else f"similarity {answered.similarity:.2f}",
        _money("cost", answered.cost_usd),
        _money("saved", answered.saved_usd),
    ]
    return "  ".join(fact for fact in facts if fact)


def _money(label: str, usd: float | None) -> str:
    return f"{label} ${usd:.6f}" if usd else ""


def _time(moment: float, coloured: bool) -> str:
    return _in(_DIM, datetime.fromtimestamp(moment).astimezone().strftime("%H:%M:%S"), coloured)


def _in(colour: str, text: str, coloured: bool) -> str:
    return f"{colour}{text}{_RESET}" if coloured and colour else text


def _printable(text: str) -> str:
    """Replace control characters: a model's name comes from callers and could steer the terminal."""
    return "".join(char if char.isprintable() else "?" for char in text)
