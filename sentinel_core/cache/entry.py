"""One stored answer, and the bytes it is stored as."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from types import NoneType
from typing import Any, NoReturn, Protocol

from sentinel_core.chat.messages import Completion, Usage
from sentinel_core.errors import CorruptEntryError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """
    An answer with the prompt it was given to.

    `created` is Unix time; `ttl` seconds from then the entry is fresh. A hit moves neither.
    `cost_usd` is the answer's cost, hence a hit's saving; None if the price is not known.
    `author` is the pseudonym of the end user whose request it answered, None if none was named; an entry that
    `is_personal` answers its author only. `key` is the id of the API key of that request, "" without keys.
    """

    prompt: str
    completion: Completion
    created: float
    ttl: float
    cost_usd: float | None = None
    tags: tuple[str, ...] = ()
    author: str | None = None
    is_personal: bool = False
    key: str = ""

    def age(self, now: float) -> float:
        """Seconds since `created`; never negative, even if another machine's clock is ahead."""
        return max(0.0, now - self.created)

    def is_for(self, user: str) -> bool:
        """Whether a user of this pseudonym may have the answer."""
        return not self.is_personal or self.author == user

    def says(self, folded: str) -> bool:
        """Whether prompt or answer holds this text, which is case-folded."""
        return folded in self.prompt.casefold() or folded in self.completion.text.casefold()


class EntryFilter(Protocol):
    """Selects entries of a listing."""

    def accepts(self, entry: Entry) -> bool:
        """Whether this entry is listed."""


@dataclass(frozen=True, slots=True)
class Saying:
    """Accepts entries whose prompt or answer holds this text, which is case-folded."""

    folded: str

    def accepts(self, entry: Entry) -> bool:
        return entry.says(self.folded)


def encode(entry: Entry) -> str:
    """Write as JSON with a format version, ASCII only so that every wire carries it unchanged."""
    completion, usage = entry.completion, entry.completion.usage
    told = {**_fields(completion), "usage": None if usage is None else _fields(usage)}
    for name in ("fallback", "also_asked"):  # of one call, not of the answer
        del told[name]
    return json.dumps({"format": FORMAT, **_fields(entry), "completion": told}, separators=(",", ":"))


def _fields(whole: Entry | Completion | Usage) -> dict[str, Any]:
    """As `dataclasses.asdict`, without its copy of every value."""
    return {name: getattr(whole, name) for name in whole.__slots__}


def decode(text: str | bytes) -> Entry:
    """Decode an encoded entry; raises CorruptEntryError for anything else, other formats included."""
    try:
        fields: dict[str, Any] = json.loads(text, parse_constant=_refuse)
        if _of(fields.pop("format"), int) != FORMAT:
            raise CorruptEntryError("entry of another format")
        return _entry(fields)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise CorruptEntryError("not an entry") from error


def _entry(fields: dict[str, Any]) -> Entry:
    return Entry(
        prompt=_of(fields["prompt"], str),
        completion=_completion(_of(fields["completion"], dict)),
        created=_number(fields["created"]),
        ttl=_number(fields["ttl"]),
        cost_usd=None if fields["cost_usd"] is None else _number(fields["cost_usd"]),
        tags=tuple(_of(tag, str) for tag in _of(fields["tags"], list)),
        author=_of(fields.get("author"), str, NoneType),
        is_personal=_of(fields.get("is_personal", False), bool),
        key=_of(fields.get("key", ""), str),
    )


def _completion(fields: dict[str, Any]) -> Completion:
    usage = fields["usage"]
    return Completion(
        provider=_of(fields["provider"], str),
        model=_of(fields["model"], str),
        message=_of(fields["message"], dict),
        finish_reason=_of(fields["finish_reason"], str),
        usage=None if usage is None else Usage(**{name: _of(count, int) for name, count in usage.items()}),
    )


def _number(value: Any) -> float:
    number = float(_of(value, int, float))
    if not math.isfinite(number):
        raise CorruptEntryError("a number of an entry is not finite")
    return number


def _of(value: Any, *types: type) -> Any:
    """Return the value if it is of exactly one of these types: to Python, True is an int."""
    if type(value) not in types:
        raise CorruptEntryError("a field of an entry has another type")
    return value


def _refuse(constant: str) -> NoReturn:
    raise CorruptEntryError(f"{constant} is not JSON")
