"""Pages of the entries that this process keeps: their size, and where each begins."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import TypeAlias

Place: TypeAlias = tuple[str, str]
"""Fingerprint and digest."""

PAGE_BYTES = 2_097_152
"""Of the entries from which on a page ends early; one entry may have 13 MiB."""

LOOK_BYTES = 1_048_576
"""Of the entries looked at between two rounds of the event loop."""


def place_of(cursor: str | None) -> tuple[str, str]:
    """Read a cursor; raise ValueError for a malformed one."""
    if cursor is None:
        return "", ""
    fingerprint, digest = cursor.split(":")
    return fingerprint, digest


def first_places(places: Sequence[Place], after: Place, most: int) -> list[Place]:
    return heapq.nsmallest(most, (place for place in places if place > after))


def first_scopes(places: Sequence[Place], after: str, most: int) -> list[str]:
    return heapq.nsmallest(most, {fingerprint for fingerprint, _ in places if fingerprint > after})
