"""Rests between the long pieces of an owner's work, so that other owners' requests find an idle processor."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from sentinel_core.support.clock import SYSTEM_CLOCK, Clock
from sentinel_core.support.owners import Owners

LONGEST_REST = 0.5
"""Seconds."""


class Others(Protocol):
    """Knows who asks."""

    def are_others(self, key: str) -> bool:
        """Whether requests of other keys are under way, or were lately."""


class _NoOthers:
    def are_others(self, key: str) -> bool:
        """Return False: there is one key, or none."""
        return False


NO_OTHERS: Others = _NoOthers()
OTHERS: ContextVar[Others] = ContextVar("others", default=NO_OTHERS)
"""Who asks beside the key for which the current task works."""
_TICKET: ContextVar[int | None] = ContextVar("ticket", default=None)
"""The number of the current request among those that had a piece to run."""
_NUMBERS = itertools.count(1)


@dataclass(slots=True)
class Spent:
    """Seconds that a piece took, None for all those between its begin and its end."""

    seconds: float | None = None


class Line:
    """Lets one piece work at a time; of those that wait, one of the request that came first."""

    def __init__(self) -> None:
        self._is_held = False
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    async def enter(self) -> None:
        """Wait for this request's turn; `leave` has to follow."""
        if _TICKET.get() is None:
            _TICKET.set(next(_NUMBERS))
        if not self._is_held:
            self._is_held = True
            return
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (_TICKET.get() or 0, next(_NUMBERS), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        """Let the next piece work."""
        while self._waiting:
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                turn.set_result(None)
                return
        self._is_held = False


class Rests:
    """
    Runs an owner's pieces one after the other; while others ask, each is followed by a rest as long as it took.

    Pieces of its earlier requests come first: requests that advance together would all hold their parsed bodies.
    """

    def __init__(self, clock: Clock = SYSTEM_CLOCK) -> None:
        self._now = clock.monotonic
        self._lines = Owners(Line)
        self._until: dict[str, float] = {}
        """Ends of the rests of owners; those that are over are left out by the next piece."""

    def __len__(self) -> int:
        """Return the number of owners with pieces that run or wait."""
        return len(self._lines)

    def until(self, name: str) -> float:
        """Return when the owner's next piece may begin, 0.0 if at once."""
        return self._until.get(name, 0.0)

    @asynccontextmanager
    async def working(self, name: str, others: Others) -> AsyncIterator[Spent]:
        """Hold while a piece runs; waits for the owner's other pieces and their rests."""
        with self._lines.used(name) as line:
            await line.enter()
            try:
                await asyncio.sleep(max(0.0, self.until(name) - self._now()))
                begun, spent = self._now(), Spent()
                try:
                    yield spent
                finally:
                    took = self._now() - begun if spent.seconds is None else spent.seconds
                    self._rest(name, min(took, LONGEST_REST) if others.are_others(name) else 0.0)
            finally:
                line.leave()

    def _rest(self, name: str, seconds: float) -> None:
        now = self._now()
        self._until = {each: until for each, until in self._until.items() if until > now and each != name}
        if seconds:
            self._until[name] = now + seconds
