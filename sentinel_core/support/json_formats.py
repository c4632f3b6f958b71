"""Writes JSON objects that differ in few values only: all else is encoded once."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic_core import to_json


def json_format(content: Mapping[str, object], holes: Mapping[str, bytes]) -> bytes:
    """
    Return an object as a format for `%`, with a conversion of `holes` in place of each value of that name.

    The values are given in the order of `content`. Names in objects below it count too, those in lists do not. Raises
    PydanticSerializationError for text that UTF-8 has no place for.
    """
    return b"{%b}" % b",".join([_escaped(name) + b":" + _value(name, each, holes) for name, each in content.items()])


def _value(name: str, value: object, holes: Mapping[str, bytes]) -> bytes:
    if name in holes:
        return holes[name]
    has_holes = isinstance(value, Mapping) and not holes.keys().isdisjoint(value)
    return json_format(value, holes) if has_holes and isinstance(value, Mapping) else _escaped(value)


def _escaped(value: object) -> bytes:
    return to_json(value).replace(b"%", b"%%")
