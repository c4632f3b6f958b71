"""Single flight: the first of identical requests asks, the others share its result."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from sentinel_core.support.background import Background

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """
    At most one call per key at a time, in this process and on one event loop.

    A cancelled caller leaves; the call goes on for the others, and to its end if none is left, because it is
    paid for by then. An error is raised to every waiter.
    """

    def __init__(self, background: Background | None = None) -> None:
        """Have the calls drained at shutdown with `background`."""
        self._background = background
        self._calls: dict[Hashable, asyncio.Task[T]] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._calls

    async def join(self, key: Hashable, start: Callable[[], Coroutine[Any, Any, T]]) -> tuple[T, bool]:
        """Return the call's result, and whether it is shared: another caller had started it."""
        call = self._calls.get(key)
        is_shared = call is not None
        if call is None:
            call = asyncio.create_task(start())
            self._calls[key] = call
            if self._background is not None:
                self._background.watch(call)
            call.add_done_callback(lambda done: self._land(key, done))
        return await asyncio.shield(call), is_shared

    def _land(self, key: Hashable, call: asyncio.Task[T]) -> None:
        del self._calls[key]
        if not call.cancelled():
            call.exception()  # asyncio logs an error that no caller took, once every caller has left
