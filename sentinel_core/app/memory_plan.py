"""Shares the memory that a process may hold for callers among its holders: a part of the composition root."""

from __future__ import annotations

from dataclasses import dataclass

from sentinel_core.app.settings import Settings

ENTRIES_SHARE = 0.75
"""Of `SENTINEL_MAX_MEMORY_MB`, for entries with their vectors."""

OTHERS_SHARE = 0.45
"""
Of it, for all other holders if every one is full of the largest values: then a process holds 1.2 times the setting.
Most values are small, and few holders are ever full: with a quarter for the others that memory would lie idle.
"""

FULL_MB = {
    "rankings": 15.0,
    "rewordings": 20.0,
    "turns of chats": 2.0,
    "near misses": 10.0,
    "recent answers": 7.0,
    "judged pairs": 23.0,
    "counters by tenant": 11.0,
    "time series by tenant": 20.0,
    "samples of scopes": 9.0,
    "latest requests": 10.0,
    "repeated requests": 12.0,
}
"""Megabytes of each holder that is filled to its constant bound; tests/app/test_held_memory.py measures them."""

JUDGED_FULL_MB = {"odds": 54.0, "rates of audits": 6.0, "sums by namespace": 54.0}
"""Those of a process with a judge."""

FIXED_MB = {"readings of prompts": 10.0, "answers of scopes": 6.0, "names of models, keys and addresses": 8.0}
"""Those that have their constant bounds whatever the setting."""


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """`entries` are bytes; every other holder may fill the `fraction` of its constant bound."""

    entries: int
    fraction: float

    def most(self, full: int) -> int:
        """Return a holder's bound, where `full` is its constant one; 1 at least."""
        return max(1, int(full * self.fraction))


def plan_of(settings: Settings) -> MemoryPlan:
    """Return the shares of `SENTINEL_MAX_MEMORY_MB`."""
    full = sum(FULL_MB.values()) + (sum(JUDGED_FULL_MB.values()) if settings.judge else 0.0)
    left = max(0.0, settings.max_memory_mb * OTHERS_SHARE - sum(FIXED_MB.values()))
    return MemoryPlan(int(settings.max_memory_mb * 1_048_576 * ENTRIES_SHARE), min(1.0, left / full))
