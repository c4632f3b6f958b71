"""Runs long work outside the event loop, one piece after the other; the keys whose pieces wait take turns."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sentinel_core.support.rests import OTHERS, Rests, Spent
from sentinel_core.support.turns import OWNER, Turns

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Piece(Generic[T]):
    """A piece of work, and its result."""

    work: Callable[[], T]
    result: Future[T] = field(default_factory=Future)
    spent: Spent = field(default_factory=Spent)

    def run(self) -> None:
        """Do the work, unless its caller has left."""
        if not self.result.set_running_or_notify_cancel():
            return
        begun = time.perf_counter()
        try:
            result = self.work()
        except BaseException as error:  # noqa: BLE001  raised to the caller, who waits in another thread
            self.spent.seconds = time.perf_counter() - begun
            self.result.set_exception(error)
        else:
            self.spent.seconds = time.perf_counter() - begun
            self.result.set_result(result)


class FairThread:
    """
    One thread, started with its first work: several would compete with the event loop for the interpreter.

    A piece of one key waits for one piece of each other key at most, however many these have queued. While other keys
    ask, a key's thread rests after each of its pieces for as long as that took: they find an idle interpreter.
    """

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._waiting: Turns[_Piece[Any]] = Turns()
        self._rests = Rests()

    async def run(self, work: Callable[[], T]) -> T:
        """Return the result of a piece; the hand-over costs about 0.1 ms."""
        owner, others, piece = OWNER.get(), OTHERS.get(), _Piece(work)
        if not others.are_others(owner):
            return await self._result(piece)
        async with self._rests.working(owner, others) as spent:
            try:
                return await self._result(piece)
            finally:
                spent.seconds = piece.spent.seconds or 0.0

    async def _result(self, piece: _Piece[T]) -> T:
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
    return await thread.run(work) if is_large else work()
