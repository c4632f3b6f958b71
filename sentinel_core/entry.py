"""One stored answer, and the bytes it is stored as."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from sentinel_core.chat import Completion, Usage
from sentinel_core.errors import CorruptEntryError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """
    An answer with the prompt it was given to.

    `created` is Unix time; `ttl` seconds from then the entry is fresh. A hit moves neither.
    `cost_usd` is what the answer cost, hence what a hit saves; None where the price is not known.
    """

    prompt: str
    completion: Completion
    created: float
    ttl: float
    cost_usd: float | None = None
    tags: tuple[str, ...] = ()

    def age(self, now: float) -> float:
        """Seconds since `created`; never negative, even if another machine's clock is ahead."""
        return max(0.0, now - self.created)


def encode(entry: Entry) -> str:
    """Write as JSON with a format version, ASCII only so that every wire carries it unchanged."""
    return json.dumps({"format": FORMAT, **asdict(entry)}, separators=(",", ":"))


def decode(text: str | bytes) -> Entry:
    """Read what `encode` wrote; raises CorruptEntryError for anything else, other formats included."""
    try:
        fields: dict[str, Any] = json.loads(text)
        if fields.pop("format") != FORMAT:
            raise CorruptEntryError("entry of another format")
        return _entry(fields)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CorruptEntryError("not an entry") from error


def _entry(fields: dict[str, Any]) -> Entry:
    completion = fields["completion"]
    usage = completion["usage"]
    entry = Entry(
        prompt=fields["prompt"],
        completion=Completion(**{**completion, "usage": None if usage is None else Usage(**usage)}),
        created=float(fields["created"]),
        ttl=float(fields["ttl"]),
        cost_usd=None if fields["cost_usd"] is None else float(fields["cost_usd"]),
        tags=tuple(fields["tags"]),
    )
    if not isinstance(entry.prompt, str) or not isinstance(entry.completion.message, dict):
        raise CorruptEntryError("entry with fields of another type")
    return entry
