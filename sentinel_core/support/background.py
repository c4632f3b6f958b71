"""One owner of the tasks that go on after the request that began them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_log = logging.getLogger("sentinel")

MOST_TASKS = 1_000
"""Tasks at once: each holds an answer, so that a store that hangs costs a bounded amount of memory."""


class Background:
    """Keeps at most `most` tasks that no request waits for, and waits for all at shutdown."""

    def __init__(self, *, most: int = MOST_TASKS) -> None:
        self._most = most
        self._begun: set[asyncio.Task[Any]] = set()
        self._watched: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._begun) + len(self._watched)

    @property
    def is_full(self) -> bool:
        return len(self._begun) >= self._most

    def begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T] | None:
        """Start `work` as a task; close it unstarted and return None while this is full."""
        if self.is_full:
            work.close()
            return None
        task = asyncio.create_task(work)
        self._begun.add(task)
        task.add_done_callback(self._end)
        return task

    def watch(self, task: asyncio.Task[Any]) -> None:
        """Have a task drained that requests wait for: they bound its kind, and take its error."""
        self._watched.add(task)
        task.add_done_callback(self._watched.discard)

    async def drain(self, *, within: float) -> int:
        """
        Wait at most `within` seconds for all tasks, also those begun meanwhile; cancel the rest and count them.

        Never raises. Call it before the stores and providers that the tasks use are closed.
        """
        time = asyncio.get_running_loop().time
        until = time() + within
        while (tasks := self._begun | self._watched) and (left := until - time()) > 0:
            await asyncio.wait(tasks, timeout=left)
        cut = self._begun | self._watched
        for task in cut:
            task.cancel()
        if cut:
            await asyncio.gather(*cut, return_exceptions=True)
            _log.warning("background.cancelled", extra={"fields": {"tasks": len(cut)}})
        return len(cut)

    def _end(self, task: asyncio.Task[Any]) -> None:
        self._begun.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("background.failed", extra={"fields": {"error": type(error).__name__}})
