"""Collects requests of one event-loop turn into one call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

from sentinel_core.support.background import Background

K = TypeVar("K", bound=Hashable)

V = TypeVar("V")


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
        try:
            values = await self._many(list(waiting))
        except Exception as error:  # noqa: BLE001  it is raised to every waiter
            values = [error] * len(waiting)
        for future, value in zip(waiting.values(), values, strict=True):
            if isinstance(value, Exception):
                future.set_exception(value)
                future.exception()  # asyncio logs an error that no caller took, once every caller has left
            else:
                future.set_result(value)
