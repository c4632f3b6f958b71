"""The values in Redis that Sentinel did not write: counted, and reported where they are forged."""

from __future__ import annotations

from collections.abc import Mapping

from sentinel_core.cache.events import Events
from sentinel_core.stores.redis.daily_counters import Tally
from sentinel_core.support.clock import Clock


class Faults:
    """Both counts since the start; they are added to the fleet's counters of today as well."""

    def __init__(self, tally: Tally, clock: Clock, events: Events) -> None:
        self.corrupt = self.forged = 0
        self._tally = tally
        self._clock = clock
        self._events = events

    def note_corrupt(self, values: int) -> None:
        """Count values that are no entries, pairs or items."""
        self.corrupt += values
        if values:
            self._add("corrupt", values)

    def note_forged(self, where: Mapping[str, str]) -> None:
        """Count a value whose seal is not ours, and report its place."""
        self.forged += 1
        self._add("forged", 1)
        self._events.forged(where)

    def note_forged_text(self, namespace: str) -> None:
        """Count and report a text of a namespace that is no entry."""
        self.note_forged({"namespace": namespace, "fingerprint": "", "digest": ""})

    def _add(self, name: str, values: int) -> None:
        self._tally.add({name: values}, self._clock.now(), self._clock.monotonic())
