"""Runs long work outside the event loop, one piece after the other; the keys whose pieces wait take turns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sentinel_core.support.turns import Turns

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Piece(Generic[T]):
    """A piece of work, and its result."""

    work: Callable[[], T]
    result: Future[T] = field(default_factory=Future)

    def run(self) -> None:
        """Do the work, unless its caller has left."""
        if not self.result.set_running_or_notify_cancel():
            return
        try:
            result = self.work()
        except BaseException as error:  # noqa: BLE001  raised to the caller, who waits in another thread
            self.result.set_exception(error)
        else:
            self.result.set_result(result)


class FairThread:
    """
    One thread, started with its first work: several would compete with the event loop for the interpreter.

    A piece of one key waits for one piece of each other key at most, however many these have queued.
    """

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._waiting: Turns[_Piece[Any]] = Turns()

    async def run(self, piece: _Piece[T]) -> T:
        """Return the result of a piece; the hand-over costs about 0.1 ms."""
        self._waiting.put(piece)
        self._pool.submit(self._run_next)
        return await asyncio.wrap_future(piece.result)

    def _run_next(self) -> None:
        piece = self._waiting.take()
        if piece is not None:
            piece.run()


LARGE_VALUES = FairThread("large-values")
JUDGING = FairThread("judging")
"""A thread of its own: a verdict of 5 ms must not wait for a body of another caller that takes 100 ms."""


async def off_loop(work: Callable[[], T], *, is_large: bool, thread: FairThread = LARGE_VALUES) -> T:
    """Return the result of `work`, done in `thread` if `is_large`."""
    return await thread.run(_Piece(work)) if is_large else work()
