"""Estimates the memory that objects take in this process, in bytes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping

from sentinel_core.cache.entry import Entry

_OBJECT = 112
"""Bytes of a small object with slots: an entry, a completion or a usage beside its values."""


def size_of(entry: Entry) -> int:
    """Return the bytes of an entry, about: its texts, as wide as their characters, and the objects around them."""
    completion = entry.completion
    texts = (entry.prompt, completion.provider, completion.model, completion.finish_reason, entry.author)
    return 3 * _OBJECT + _size((*texts, *entry.tags)) + _size(completion.message) + _size(completion.body)


def _size(value: object) -> int:
    """Walk through JSON without recursion, whose depth a provider could choose."""
    total, waiting = 0, [value]
    while waiting:
        each = waiting.pop()
        total += sys.getsizeof(each)
        waiting.extend(_parts(each))
    return total


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, Mapping):
        return (*value.keys(), *value.values())
    return value if isinstance(value, list | tuple) else ()
