"""Judges a JSON text without parsing it: how many values it holds, and whether all its numbers are finite."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType

from sentinel_core.errors import RequestTooLargeError
from sentinel_core.web.body_room import BodyRoom


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """The largest body of a request in bytes, the most JSON values in it, and the room for all bodies at once."""

    bytes: int = 5_242_880
    values: int = 50_000
    room: BodyRoom = field(default_factory=lambda: BodyRoom(67_108_864))


_NEVER_LARGE = 4_096
_ALWAYS_LARGE = 65_536
_MANY_VALUES = 2_000
"""Parsing, checking and hashing them takes about 6 ms."""

FINITE = MappingProxyType({"finite": True})
"""Context of the validation of a body that `is_finite`."""
_PIECE = 65_536
_LARGE_EXPONENT = re.compile(rb"[0-9][eE]\+?[0-9]{3}")
_DIGITS, _STEP = 72, 128
"""A number is finite with an exponent below 100 and fewer than 200 digits; so many hold 72 after a multiple of 128."""


def is_large(raw: bytes) -> bool:
    """Return whether to parse and fold these bytes outside the event loop."""
    return len(raw) > _NEVER_LARGE and (len(raw) > _ALWAYS_LARGE or has_many_values(raw))


def has_many_values(raw: bytes) -> bool:
    """Return whether parsing these bytes in one call would hold up other threads for milliseconds."""
    return len(raw) > _NEVER_LARGE and _most_values(raw) > _MANY_VALUES


def check_values(raw: bytes, most: int) -> None:
    """
    Raise RequestTooLargeError for JSON of more than `most` values: scalars, arrays and objects, keys aside.

    Text that is not JSON may pass. Takes a few passes over the bytes and memory for at most 4 × `most` strings.
    """
    if len(raw) <= most or _most_values(raw) <= most:
        return
    bare = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    # Each string is a value or the key of one.
    if bare.count(b'"') > 4 * most or _most_values(b"".join(bare.split(b'"')[::2])) > most:
        raise RequestTooLargeError(f"the body holds more than {most} JSON values", code="too_many_values")


def _most_values(raw: bytes) -> int:
    """Return the number of values if no comma or bracket stands in a string, else more."""
    return 1 + raw.count(b",") + raw.count(b"[") + raw.count(b"{")


def is_finite(raw: bytes) -> bool:
    """
    Whether no number of a JSON text can be NaN or infinite as a float.

    It may well be where this is False: such a text holds a word or many digits that look like one.
    """
    if b"NaN" in raw or b"Infinity" in raw:
        return False
    if any(raw[at : at + _DIGITS].isdigit() for at in range(0, len(raw), _STEP)):
        return False
    # In pieces, for no other thread runs during a search; a match may stand across an end of one.
    return not any(_LARGE_EXPONENT.search(raw, at, at + _PIECE + 6) for at in range(0, len(raw), _PIECE))
