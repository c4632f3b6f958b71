"""Rests between the long pieces of an owner's work, so that other owners' requests find an idle processor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from sentinel_core.support.clock import SYSTEM_CLOCK, Clock
from sentinel_core.support.owners import Owners

LONGEST_REST = 0.5
"""Seconds."""


class Others(Protocol):
    """Knows who asks."""

    def are_others(self, key: str) -> bool:
        """Whether requests of other keys are under way, or were lately."""


@dataclass(slots=True)
class _Owner:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    rests_until: float = 0.0


class Rests:
    """Runs an owner's pieces one after the other; while others ask, each is followed by a rest as long as it took."""

    def __init__(self, clock: Clock = SYSTEM_CLOCK) -> None:
        self._now = clock.monotonic
        self._owners = Owners(_Owner)

    def __len__(self) -> int:
        """Return the number of owners with pieces that run or wait."""
        return len(self._owners)

    @asynccontextmanager
    async def working(self, name: str, others: Others) -> AsyncIterator[None]:
        """Hold while a piece runs; waits for the owner's other pieces and their rests."""
        with self._owners.used(name) as owner:
            async with owner.lock:
                await asyncio.sleep(max(0.0, owner.rests_until - self._now()))
                begun = self._now()
                try:
                    yield
                finally:
                    ended = self._now()
                    rest = min(ended - begun, LONGEST_REST) if others.are_others(name) else 0.0
                    owner.rests_until = ended + rest
