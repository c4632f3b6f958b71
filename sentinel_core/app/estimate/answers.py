"""Reads the answer of a log's row: message, tokens, and the kinds of its fields."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from sentinel_core.app.estimate.rows import snake
from sentinel_core.chat import usage as usages
from sentinel_core.chat.messages import Json, Usage

Fields: TypeAlias = dict[str, Any]

_ANSWERS = "response_body response output completion answer"


def response(fields: Fields) -> Any:
    """Return the answer of a row, None where it holds none."""
    for name in _ANSWERS.split():
        value = decoded(fields.get(name))
        while isinstance(value, dict) and isinstance(inner := decoded(value.get("body")), dict):
            value = inner
        if value not in (None, "", {}, []):
            return value
    return None


def message(response: Any) -> Mapping[str, Json] | None:
    """Return the assistant's message, None where there is none."""
    if isinstance(response, str):
        return {"role": "assistant", "content": response}
    choice = _choice(response)
    if isinstance(message := choice.get("message"), dict):
        return message
    if isinstance(response, dict) and ("content" in response or "tool_calls" in response):
        return {"role": "assistant", **response}
    if isinstance(response, dict) and isinstance(text := choice.get("text"), str):
        return {"role": "assistant", "content": text}
    return None


def _choice(response: Any) -> Fields:
    choices = response.get("choices") if isinstance(response, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else {}


def finish_reason(response: Any) -> str:
    """Return why the model stopped; `stop` where the log does not say."""
    reason = _choice(response).get("finish_reason")
    return reason if isinstance(reason, str) and reason else "stop"


def usage(fields: Fields, response: Any) -> Usage | None:
    """Return the tokens, by the answer or by the row; None where neither says."""
    said = usages.read(response.get("usage")) if isinstance(response, dict) else None
    if said is not None:
        return said
    given = {snake(str(key)): value for each in _usage_objects(fields) for key, value in each.items()}
    asked, written = (
        number(given, "prompt_tokens input_tokens input"),
        number(given, "completion_tokens output_tokens output"),
    )
    if asked is None or not 0 <= asked <= usages.MAX_COUNT or not 0 <= (written or 0) <= usages.MAX_COUNT:
        return None
    return Usage(int(asked), int(written or 0)) if asked or written else None


def _usage_objects(fields: Fields) -> Iterable[Fields]:
    tokens = {name: value for name, value in fields.items() if name.endswith("_tokens")}
    return [each for name in ("usage", "usage_details") if isinstance(each := fields.get(name), dict)] + [tokens]


def first(fields: Fields, names: str) -> Any:
    """Return the first of these fields that is given."""
    return next((fields[name] for name in names.split() if fields.get(name) not in (None, "")), None)


def number(fields: Fields, names: str) -> float | None:
    """Return the first of these fields that is given, as a finite number; None for any other value."""
    value = first(fields, names)
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def text(value: Any) -> str | None:
    """Return a name of text or digits."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def time(value: Any) -> float | None:
    """Read seconds or milliseconds of Unix time, or ISO 8601, which is UTC unless it says otherwise."""
    seconds = number({"time": value}, "time")
    if seconds is not None:
        return seconds / 1000 if seconds > 1e11 else seconds if seconds > 0 else None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def decoded(value: Any) -> Any:
    """Return the value that a cell of JSON holds, and any other value as it is."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value
