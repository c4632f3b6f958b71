"""Turns at the event loop, so that one owner's many streams do not hold up the single request of another."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Turn:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class LoopTurns:
    """
    Lets one piece of work of each owner pass in one round of the event loop.

    Between two rounds the loop runs whatever else is ready: thirty streams of one owner cost it as much as one.
    """

    def __init__(self) -> None:
        self._turns: dict[str, _Turn] = {}

    def __len__(self) -> int:
        """Return the number of owners that wait."""
        return len(self._turns)

    async def take(self, owner: str) -> None:
        """Return in the owner's next free round, at the earliest in the next one."""
        turn = self._turns.setdefault(owner, _Turn())
        turn.users += 1
        try:
            async with turn.lock:
                await asyncio.sleep(0)
        finally:
            turn.users -= 1
            if not turn.users:
                del self._turns[owner]
