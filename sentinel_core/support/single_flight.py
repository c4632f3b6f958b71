"""Joins identical requests in flight: the first one asks, the others wait for its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """
    At most one call per key at a time, in this process and on one event loop.

    A caller who is cancelled leaves; the call goes on for the others, and to its end if none is left,
    because it has been paid for by then. An error is every waiter's error.
    """

    def __init__(self) -> None:
        self._calls: dict[Hashable, asyncio.Task[T]] = {}

    def __len__(self) -> int:
        return len(self._calls)

    async def join(self, key: Hashable, start: Callable[[], Coroutine[Any, Any, T]]) -> tuple[T, bool]:
        """Return the call's result, and whether another caller had started it."""
        call = self._calls.get(key)
        joined = call is not None
        if call is None:
            call = asyncio.create_task(start())
            self._calls[key] = call
            call.add_done_callback(lambda done: self._land(key, done))
        return await asyncio.shield(call), joined

    def _land(self, key: Hashable, call: asyncio.Task[T]) -> None:
        del self._calls[key]
        if not call.cancelled():
            call.exception()  # taken here, or asyncio warns of it where every caller has left
