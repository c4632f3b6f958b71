"""Parses and encodes large JSON in pieces: while a single call does all, no other thread of the process runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

MOST_VALUES = 1_000
"""Values of one piece; about 0.3 ms."""
_ITEMS = 32
"""Of a list, looked at together."""
_CONTAINERS = frozenset((dict, list))
DEEPEST = 200
"""Levels of a value, as pydantic's parser has it."""
_DIFFERENT = (b"\\ud", b"\\uD")
"""Escapes that may be half a surrogate pair, which pydantic's parser refuses."""


class Encoder(Protocol):
    """Encodes one value."""

    def encode(self, value: Any) -> str:
        """Return the value as JSON."""


def parse(raw: bytes) -> Any:
    """
    Parse JSON without NaN and Infinity to what pydantic's parser returns; other threads run between two objects.

    Raises ValueError for all that is no JSON or too deep, and for what the two parsers may take differently.
    """
    if any(escape in raw for escape in _DIFFERENT):
        raise ValueError("may hold half a surrogate pair")
    try:
        value = _PARSER.decode(raw.decode())
    except RecursionError:
        raise ValueError("too deep") from None
    if raw.count(b"[") + raw.count(b"{") > DEEPEST:
        _check_depth(value)
    return value


def _passed_through(value: dict[str, Any]) -> dict[str, Any]:
    """Return the object itself: before a function of Python runs, a thread that waits for the interpreter does."""
    return value


_PARSER = json.JSONDecoder(object_hook=_passed_through)


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = _inner(level)
        if not level:
            return
    raise ValueError("too deep")


def _inner(containers: Iterable[Any]) -> list[Any]:
    """Return the objects and arrays directly within objects and arrays."""
    return [
        inner
        for each in containers
        for inner in (each.values() if type(each) is dict else each)
        if type(inner) in _CONTAINERS
    ]


def encode(value: Any, encoder: Encoder, *, sort_keys: bool = False) -> str:
    """
    Return what `encoder.encode` returns for a value of dicts with text as keys, lists and scalars.

    The encoder must write no blanks; `sort_keys` says that it sorts the keys of objects.
    """
    return encoder.encode(value) if count(value) < MOST_VALUES else "".join(_written(value, encoder, sort_keys))


def count(value: Any, most: int = MOST_VALUES) -> int:
    """Return the number of values in a value, itself included; counting ends soon after `most`."""
    found, level = 1, [value] if type(value) in _CONTAINERS else []
    while level:
        found += sum(map(len, level))
        if found >= most:
            break
        level = _inner(level)
    return found


def _written(value: Any, encoder: Encoder, sort_keys: bool) -> Iterator[str]:
    if type(value) is dict:
        items: Iterable[tuple[str, Any]] = sorted(value.items()) if sort_keys else value.items()
        yield "{"
        yield from _joined((_piece(f"{json.dumps(name)}:", each, encoder, sort_keys) for name, each in items))
        yield "}"
    elif type(value) is list:
        yield "["
        yield from _joined(_runs(value, encoder, sort_keys))
        yield "]"
    else:
        yield encoder.encode(value)


def _piece(name: str, value: Any, encoder: Encoder, sort_keys: bool) -> str:
    return name + encode(value, encoder, sort_keys=sort_keys)


def _joined(pieces: Iterable[str]) -> Iterator[str]:
    comma = ""
    for piece in pieces:
        yield comma
        yield piece
        comma = ","


def _runs(values: list[Any], encoder: Encoder, sort_keys: bool) -> Iterator[str]:
    """Yield the items of a list, some at once."""
    for at in range(0, len(values), _ITEMS):
        run = values[at : at + _ITEMS]
        if count(run) < MOST_VALUES:
            yield encoder.encode(run)[1:-1]
        else:
            yield from (encode(each, encoder, sort_keys=sort_keys) for each in run)
