"""Adds up counters in this process until a round trip carries them to Redis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from sentinel_core.stores.days import day_of
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import Command

MAX_CALLS = 20
MAX_SECONDS = 10.0
KEEP_SECONDS = 400 * 86_400
_MOST_KNOWN = 10_000

Counter: TypeAlias = tuple[str, str]
"""The hash and the field."""


class Tally:
    """
    Counters by UTC day, each in everyone's hash and in its owner's.

    They are due after `MAX_CALLS` additions or `MAX_SECONDS`. What failed to arrive is added again, so a
    flush whose answer was lost counts twice: the fleet's numbers are never too small by an outage.
    """

    def __init__(self) -> None:
        self._pending: dict[Counter, int | float] = {}
        self._calls = 0
        self._since = 0.0
        self._expiring: set[str] = set()

    def add(self, counters: Mapping[str, int | float], now: float, monotonic: float, owner: str | None = None) -> None:
        if not self._pending:
            self._since = monotonic
        self._calls += 1
        day = day_of(now)
        for key in (key_names.stats(day), *([] if owner is None else [key_names.stats(day, owner)])):
            self._add({(key, name): amount for name, amount in counters.items() if amount})

    def is_due(self, monotonic: float) -> bool:
        if not self._pending:
            return False
        return self._calls >= MAX_CALLS or monotonic - self._since >= MAX_SECONDS

    def take(self) -> dict[Counter, int | float]:
        pending, self._pending, self._calls = self._pending, {}, 0
        return pending

    def put_back(self, taken: Mapping[Counter, int | float], monotonic: float) -> None:
        self._since = monotonic
        self._add(taken)

    def commands(self, taken: Mapping[Counter, int | float]) -> list[Command]:
        """One command a counter; the first of a hash by this process also gives it its expiry."""
        if len(self._expiring) > _MOST_KNOWN:
            self._expiring.clear()
        adding = [_increment(key, name, amount) for (key, name), amount in taken.items()]
        new = {key for key, _ in taken} - self._expiring
        self._expiring |= new
        return [*adding, *(("EXPIRE", key, str(KEEP_SECONDS)) for key in sorted(new))]

    def _add(self, counters: Mapping[Counter, int | float]) -> None:
        for counter, amount in counters.items():
            self._pending[counter] = self._pending.get(counter, 0) + amount


def _increment(key: str, name: str, amount: int | float) -> Command:
    if isinstance(amount, int):
        return "HINCRBY", key, name, str(amount)
    return "HINCRBYFLOAT", key, name, f"{amount:.9f}"
