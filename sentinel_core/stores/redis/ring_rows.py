"""Texts of requests and served hits that instances share: rows under the names of their columns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sentinel_core.errors import CorruptEntryError
from sentinel_core.telemetry.records import Answered
from sentinel_core.telemetry.shared_rings import SeenHit, Texts
from sentinel_core.telemetry.sums import SeenRequest

_FACTS = Answered._fields
_REQUEST = ("at", "key", "prompt", "entry_id", "namespace")


def encode(rows: Sequence[tuple[int, SeenRequest | SeenHit]]) -> str:
    """Return the text of rows with their numbers; names come once, so that versions with other columns read it."""
    return json.dumps(
        {"facts": _FACTS, "request": _REQUEST, "texts": Texts._fields, "rows": [[n, *_row(each)] for n, each in rows]},
        separators=(",", ":"),
        default=dict,  # stages are a read-only mapping
    )


def _row(each: SeenRequest | SeenHit) -> tuple[Any, ...]:
    if isinstance(each, SeenHit):
        return each.at, each.answered, each.texts
    return (each.answered, (each.at, each.key, each.prompt, each.entry_id, each.namespace))


def decode_requests(text: str) -> list[tuple[int, SeenRequest]]:
    """Read requests; raise CorruptEntryError for any other text."""
    try:
        read = json.loads(text)
        return [
            (int(number), SeenRequest(answered=_answered(read, facts), **_named(read["request"], rest, _REQUEST)))
            for number, facts, rest in read["rows"]
        ]
    except (ValueError, TypeError, KeyError) as error:
        raise CorruptEntryError("not a text of requests") from error


def decode_hits(text: str) -> list[tuple[int, SeenHit]]:
    """Read served hits; raise CorruptEntryError for any other text."""
    try:
        read = json.loads(text)
        return [
            (
                int(number),
                SeenHit(float(at), _answered(read, facts), Texts(**_named(read["texts"], texts, Texts._fields))),
            )
            for number, at, facts, texts in read["rows"]
        ]
    except (ValueError, TypeError, KeyError) as error:
        raise CorruptEntryError("not a text of served hits") from error


def _answered(read: Mapping[str, Any], facts: Sequence[Any]) -> Answered:
    return Answered(**_named(read["facts"], facts, _FACTS))


def _named(names: Sequence[str], values: Sequence[Any], known: Sequence[str]) -> dict[str, Any]:
    """Pair names with values; columns that this version does not know are left out."""
    return {name: value for name, value in zip(names, values, strict=True) if name in known}
