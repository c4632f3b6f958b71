"""Collects requests of one event-loop turn into one call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

V = TypeVar("V")


class Batcher(Generic[K, V]):
    """Collects what is asked for in one turn of the event loop, and asks `many` for all of it, each key once."""

    def __init__(self, many: Callable[[Sequence[K]], Awaitable[Sequence[V | Exception]]]) -> None:
        self._many = many
        self._waiting: dict[K, asyncio.Future[V]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def one(self, key: K) -> V:
        """Raises what came in place of this key's value, or what `many` raised."""
        if not self._waiting:
            task = asyncio.create_task(self._flush())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if key not in self._waiting:
            self._waiting[key] = asyncio.get_running_loop().create_future()
        return await asyncio.shield(self._waiting[key])

    async def _flush(self) -> None:
        waiting, self._waiting = self._waiting, {}
        try:
            values = await self._many(list(waiting))
        except Exception as error:  # noqa: BLE001  it belongs to those who wait
            values = [error] * len(waiting)
        for future, value in zip(waiting.values(), values, strict=True):
            if isinstance(value, Exception):
                future.set_exception(value)
                future.exception()  # taken here, or asyncio warns of it where everyone has left
            else:
                future.set_result(value)
