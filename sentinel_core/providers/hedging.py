"""Asks one after the other until one answers, or, if waiting costs more than money, two at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from typing import Any, TypeAlias, TypeVar

from sentinel_core.errors import ProviderError, ProviderRateLimitedError, ProviderTimeoutError

T = TypeVar("T")
Attempt: TypeAlias = Callable[[], Coroutine[Any, Any, T]]


async def first_of(
    attempts: Iterator[Attempt[T]], *, pause: float | None, discard: Callable[[T], Awaitable[None]]
) -> T:
    """
    Return the first result; the next attempt begins when one has failed in a way that another may not.

    With a `pause` it also begins when one has gone on for so many seconds, as long as no second is under way.
    A late call is cancelled, and its part given to `discard`. Raises the most informative error
    where all fail, and one that others would have too as soon as none is being asked.
    """
    tasks: set[asyncio.Task[T]] = set()
    running: set[asyncio.Task[T]] = set()
    failed: list[ProviderError] = []
    try:
        while True:
            attempt = next(attempts, None) if all(error.may_fall_back for error in failed) else None
            if attempt is not None:
                running.add(asyncio.create_task(attempt()))
                tasks |= running
            elif not running:
                raise most_telling(failed)
            waits = pause if attempt is not None and len(running) == 1 else None
            done, running = await asyncio.wait(running, timeout=waits, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                error = task.exception()
                if error is None:
                    tasks.discard(task)
                    return task.result()
                if not isinstance(error, ProviderError):
                    raise error
                failed.append(error)
    finally:
        await _abandon(tasks, discard)


async def _abandon(tasks: Iterable[asyncio.Task[T]], discard: Callable[[T], Awaitable[None]]) -> None:
    for task in tasks:
        task.cancel()
    for late in await asyncio.gather(*tasks, return_exceptions=True):
        if not isinstance(late, BaseException):
            await discard(late)


def most_telling(errors: Sequence[ProviderError]) -> ProviderError:
    """
    Return the error a caller can do most with.

    First one that asking again cannot mend, then a rate limit that says when, then a timeout, then the first.
    """
    return min(errors, key=_rank)


def _rank(error: ProviderError) -> int:
    if not error.may_fall_back:
        return -1
    if isinstance(error, ProviderRateLimitedError):
        return 0 if error.retry_after is not None else 1
    return 2 if isinstance(error, ProviderTimeoutError) else 3
