"""Adds up counters in this process until a round trip carries them to Redis."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from sentinel_core.stores import keys
from sentinel_core.stores.wires import Command

MAX_CALLS = 20
MAX_SECONDS = 10.0
KEEP_SECONDS = 400 * 86_400


class Tally:
    """
    Counters by UTC day.

    They are due after `MAX_CALLS` additions or `MAX_SECONDS`. What failed to arrive is added again, so a
    flush whose answer was lost counts twice: the fleet's numbers are never too small by an outage.
    """

    def __init__(self) -> None:
        self._pending: dict[tuple[str, str], int | float] = {}
        self._calls = 0
        self._since = 0.0
        self._expiring: set[str] = set()

    def add(self, counters: Mapping[str, int | float], now: float, monotonic: float) -> None:
        if not self._pending:
            self._since = monotonic
        self._calls += 1
        self._add({(day_of(now), name): amount for name, amount in counters.items() if amount})

    def is_due(self, monotonic: float) -> bool:
        if not self._pending:
            return False
        return self._calls >= MAX_CALLS or monotonic - self._since >= MAX_SECONDS

    def take(self) -> dict[tuple[str, str], int | float]:
        pending, self._pending, self._calls = self._pending, {}, 0
        return pending

    def put_back(self, taken: Mapping[tuple[str, str], int | float], monotonic: float) -> None:
        self._since = monotonic
        self._add(taken)

    def commands(self, taken: Mapping[tuple[str, str], int | float]) -> list[Command]:
        """One command a counter; the first of a day by this process also gives the day its expiry."""
        adding = [_increment(day, name, amount) for (day, name), amount in taken.items()]
        new = {day for day, _ in taken} - self._expiring
        self._expiring |= new
        return [*adding, *(("EXPIRE", keys.stats(day), str(KEEP_SECONDS)) for day in sorted(new))]

    def _add(self, counters: Mapping[tuple[str, str], int | float]) -> None:
        for key, amount in counters.items():
            self._pending[key] = self._pending.get(key, 0) + amount


def day_of(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).date().isoformat()


def _increment(day: str, name: str, amount: int | float) -> Command:
    if isinstance(amount, int):
        return "HINCRBY", keys.stats(day), name, str(amount)
    return "HINCRBYFLOAT", keys.stats(day), name, f"{amount:.9f}"
