"""Collects requests of one event-loop turn, or those that come during a call, into one call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from itertools import islice
from typing import Generic, TypeVar

from sentinel_core.support.background import Background
from sentinel_core.support.loop_turns import Pace

K = TypeVar("K", bound=Hashable)

V = TypeVar("V")

MOST_AT_ONCE = 4
"""Paces of one call: its first values come early, and it is as good as a larger one."""


class Batcher(Generic[K, V]):
    """Collects the keys of one turn of the event loop, and calls `many` with all of them, each key once."""

    def __init__(
        self,
        many: Callable[[Sequence[K]], Awaitable[Sequence[V | Exception]]],
        background: Background | None = None,
    ) -> None:
        self._many = many
        self._background = background or Background()
        self._waiting: dict[K, asyncio.Future[V]] = {}

    async def one(self, key: K) -> V:
        """Return the key's value. Raise the error in its place, or the error `many` raised."""
        if not self._waiting:
            self._background.watch(asyncio.create_task(self._flush()))
        if key not in self._waiting:
            self._waiting[key] = asyncio.get_running_loop().create_future()
        return await asyncio.shield(self._waiting[key])

    async def _flush(self) -> None:
        waiting, self._waiting = self._waiting, {}
        values = await _values(self._many, list(waiting))
        for future, value in zip(waiting.values(), values, strict=True):
            _settle(future, value)


class PacedBatcher(Generic[K, V]):
    """
    Calls `many` with the keys that came while the call before ran, each key once, `MOST_AT_ONCE` paces at a time.

    The values of a call wake up their waiters at a pace: hundreds at once would hold the loop for as long as all of
    them work. A call of which all waiters have left is cancelled.
    """

    def __init__(self, many: Callable[[Sequence[K]], Awaitable[Sequence[V | Exception]]], pace: Pace) -> None:
        self._many = many
        self._pace = pace
        self._waiting: dict[K, asyncio.Future[V]] = {}
        self._waiters = 0
        self._calling: asyncio.Task[None] | None = None

    async def one(self, key: K) -> V:
        """Return the key's value. Raise the error in its place, or the error `many` raised."""
        if key not in self._waiting:
            self._waiting[key] = asyncio.get_running_loop().create_future()
        waiting = asyncio.shield(self._waiting[key])
        if self._calling is None:
            self._calling = asyncio.create_task(self._call_on())
        self._waiters += 1
        try:
            return await waiting
        finally:
            self._waiters -= 1
            if not self._waiters and self._calling is not None:
                self._waiting.clear()
                self._calling.cancel()
                self._calling = None

    async def _call_on(self) -> None:
        while self._waiting:
            most = MOST_AT_ONCE * self._pace.at_once
            waiting = {key: self._waiting.pop(key) for key in list(islice(self._waiting, most))}
            values = await _values(self._many, list(waiting))
            for number, (future, value) in enumerate(zip(waiting.values(), values, strict=True), 1):
                _settle(future, value)
                if number % self._pace.at_once == 0:
                    await self._pace.turn()
        self._calling = None


async def _values(
    many: Callable[[Sequence[K]], Awaitable[Sequence[V | Exception]]], keys: Sequence[K]
) -> Sequence[V | Exception]:
    try:
        return await many(keys)
    except Exception as error:  # noqa: BLE001  it is raised to every waiter
        return [error] * len(keys)


def _settle(future: asyncio.Future[V], value: V | Exception) -> None:
    if isinstance(value, Exception):
        future.set_exception(value)
        future.exception()  # asyncio logs an error that no caller took, once every caller has left
    else:
        future.set_result(value)
