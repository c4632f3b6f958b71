"""The text under an entry's key: a format version, the stamp of the last purge known, the expiry, and the entry."""

from __future__ import annotations

from dataclasses import dataclass

from sentinel_core import entry as entries
from sentinel_core.entry import Entry
from sentinel_core.errors import CorruptEntryError
from sentinel_core.stores.purges import Stamp, stamp, text_of

FORMAT = "1"


@dataclass(frozen=True, slots=True)
class Value:
    """`written` is the last purge its writer knew of; `expires` is when Redis drops it, in Unix time."""

    entry: Entry
    written: Stamp
    expires: int


def pack(value: Value) -> str:
    return f"{FORMAT} {text_of(value.written)} {value.expires} {entries.encode(value.entry)}"


def unpack(text: object) -> Value:
    """Raises CorruptEntryError for anything `pack` did not write."""
    if not isinstance(text, str) or not text.startswith(f"{FORMAT} "):
        raise CorruptEntryError("value of another format")
    try:
        _, written, expires, entry = text.split(" ", 3)
        return Value(entries.decode(entry), stamp(written), int(expires))
    except ValueError as error:
        raise CorruptEntryError("value without its head") from error
