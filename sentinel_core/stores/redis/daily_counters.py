"""Adds up counters in this process until a round trip carries them to Redis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TypeAlias

from sentinel_core.stores.days import day_of
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.cargo import CARRIED, Load, may_pass
from sentinel_core.stores.redis.connection import Command, Reply

MAX_CALLS = 20
MAX_SECONDS = 10.0
MAX_PENDING = 20_000
"""Counters that wait at once; past it an owner's new ones are dropped, not those of the fleet."""

KEEP_SECONDS = 400 * 86_400
_MAX_KNOWN = 10_000

Counter: TypeAlias = tuple[str, str]
"""The hash and the field."""


class Tally:
    """
    A `Queue` of counters by UTC day, each in the fleet's hash and in its owner's.

    They are due after `MAX_CALLS` additions or `MAX_SECONDS`. Amounts that failed to arrive are added again, so a
    round trip whose answer was lost counts twice: the fleet's numbers are never too small by an outage.
    """

    def __init__(self) -> None:
        self._pending: dict[Counter, int | float] = {}
        self._calls = 0
        self._since = 0.0
        self._expiring: set[str] = set()
        self._day = ""
        self.commands = 0
        """Commands sent since the last load; they are counted with the next one, and make none due."""

    def __len__(self) -> int:
        return len(self._pending)

    def add(self, counters: Mapping[str, int | float], now: float, monotonic: float, owner: str | None = None) -> None:
        if not self._pending:
            self._since = monotonic
        self._calls += 1
        self._day = day = day_of(now)
        self._add({(key_names.stats(day), name): amount for name, amount in counters.items() if amount})
        if owner is not None:
            whose = key_names.stats(day, owner)
            self._add(
                {
                    (whose, name): amount
                    for name, amount in counters.items()
                    if amount and (len(self._pending) < MAX_PENDING or (whose, name) in self._pending)
                }
            )

    def take(self, now: float, *, is_flush: bool = False) -> Load | None:
        if not self._pending or not (is_flush or self._is_due(now)):
            return None
        if self._day and self.commands:
            self._add({(key_names.stats(self._day), "store_commands"): self.commands})
            self.commands = 0
        taken = {counter: self._pending.pop(counter) for counter in list(islice(self._pending, CARRIED))}
        self._calls, self._since = (MAX_CALLS if self._pending else 0), now
        new = sorted({key for key, _ in taken} - self._expiring)
        commands = [_increment(key, name, amount) for (key, name), amount in taken.items()]
        expiring = [("EXPIRE", key, str(KEEP_SECONDS)) for key in new]
        return Load([*commands, *expiring], partial(self._unload, taken, new, now))

    def _is_due(self, monotonic: float) -> bool:
        return self._calls >= MAX_CALLS or monotonic - self._since >= MAX_SECONDS

    def _unload(
        self, taken: Mapping[Counter, int | float], new: Sequence[str], now: float, replies: Sequence[Reply] | None
    ) -> None:
        """Put back the amounts that did not arrive, due again after `MAX_SECONDS`; a hash gets its expiry once."""
        if replies is None:
            self._add(taken)
            self._calls, self._since = 0, now
            return
        if len(self._expiring) > _MAX_KNOWN:
            self._expiring.clear()
        self._expiring |= set(new)
        refused = {counter: taken[counter] for counter, reply in zip(taken, replies, strict=False) if may_pass(reply)}
        if refused:
            self._add(refused)
            self._calls, self._since = 0, now

    def _add(self, counters: Mapping[Counter, int | float]) -> None:
        for counter, amount in counters.items():
            self._pending[counter] = self._pending.get(counter, 0) + amount


def _increment(key: str, name: str, amount: int | float) -> Command:
    if isinstance(amount, int):
        return "HINCRBY", key, name, str(amount)
    return "HINCRBYFLOAT", key, name, f"{amount:.9f}"
