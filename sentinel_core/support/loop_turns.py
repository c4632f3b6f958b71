"""Turns at the event loop, so that one owner's many streams do not hold up the single request of another."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Protocol

from sentinel_core.support.owners import Owners


class Pace(Protocol):
    """Paces work of which there is much: `at_once` pieces, then a turn, and so on."""

    @property
    def at_once(self) -> int: ...

    async def turn(self) -> None:
        """Return when the next pieces may begin."""

    def working(self) -> AbstractAsyncContextManager[object]:
        """Hold while a long piece of work runs."""


class _NoPace:
    at_once = 1_000_000

    async def turn(self) -> None:
        """Return at once."""

    def working(self) -> AbstractAsyncContextManager[object]:
        """Hold nothing."""
        return nullcontext()


NO_PACE: Pace = _NoPace()


class LoopTurns:
    """
    Lets one piece of work of each owner pass in one round of the event loop.

    Between two rounds the loop runs whatever else is ready: thirty streams of one owner cost it as much as one.
    """

    def __init__(self) -> None:
        self._turns = Owners(asyncio.Lock)

    def __len__(self) -> int:
        """Return the number of owners that wait."""
        return len(self._turns)

    async def take(self, owner: str, *, seconds: float = 0.0) -> None:
        """Return in the owner's next free round, at the earliest in the next one, or `seconds` later."""
        with self._turns.used(owner) as turn:
            async with turn:
                await asyncio.sleep(seconds)
