from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field

import pytest

from sentinel_core.errors import StoreError
from sentinel_core.support.batcher import MOST_AT_ONCE, PacedBatcher

pytestmark = pytest.mark.anyio


class Lengths:
    """Returns the lengths of words, when it is allowed to; fails for the empty one."""

    def __init__(self) -> None:
        self.asked: list[Sequence[str]] = []
        self.cancelled = 0
        self.allowed = asyncio.Event()

    async def __call__(self, words: Sequence[str]) -> Sequence[int | Exception]:
        self.asked.append(words)
        try:
            await self.allowed.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return [len(word) or StoreError("nothing") for word in words]


@dataclass
class Steps:
    """A pace of two pieces for each turn that a test allows."""

    at_once: int = 2
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def turn(self) -> None:
        await self.turns.acquire()

    def working(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def begun(together: PacedBatcher[str, int], *words: str) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(together.one(word)) for word in words]
    await settle()
    return tasks


async def test_keys_that_come_during_a_call_go_into_the_next_one() -> None:
    lengths = Lengths()
    together = PacedBatcher(lengths, Steps(at_once=9))
    tasks = await begun(together, "a", "bb", "a")
    tasks += await begun(together, "ccc", "a")
    lengths.allowed.set()

    assert await asyncio.gather(*tasks) == [1, 2, 1, 3, 1]
    assert lengths.asked == [["a", "bb"], ["ccc", "a"]]
    assert await together.one("dddd") == 4


async def test_waiters_wake_up_at_the_pace() -> None:
    lengths, steps = Lengths(), Steps()
    lengths.allowed.set()
    tasks = await begun(PacedBatcher(lengths, steps), "a", "bb", "ccc", "dddd", "eeeee")
    assert [task.done() for task in tasks] == [True, True, False, False, False]

    steps.turns.release()
    await settle()
    assert [task.done() for task in tasks] == [True, True, True, True, False]
    steps.turns.release()
    assert await tasks[-1] == 5


async def test_a_call_that_every_waiter_has_left_is_cancelled() -> None:
    lengths = Lengths()
    together = PacedBatcher(lengths, Steps())
    first, second = await begun(together, "a", "bb")
    [late] = await begun(together, "ccc")
    for task in (first, second):
        task.cancel()
    await settle()
    assert lengths.cancelled == 0

    late.cancel()
    await settle()
    assert (lengths.asked, lengths.cancelled) == ([["a", "bb"]], 1)

    lengths.allowed.set()
    assert await together.one("dddd") == 4
    assert lengths.asked == [["a", "bb"], ["dddd"]]


async def test_an_error_is_raised_to_the_waiters_of_its_key() -> None:
    lengths = Lengths()
    lengths.allowed.set()
    together = PacedBatcher(lengths, Steps(at_once=9))
    one, other = await asyncio.gather(together.one(""), together.one("a"), return_exceptions=True)

    assert (type(one), other) == (StoreError, 1)


async def test_a_call_has_a_bound_and_the_rest_goes_into_the_next() -> None:
    lengths = Lengths()
    lengths.allowed.set()
    together = PacedBatcher(lengths, Steps(at_once=1, turns=asyncio.Semaphore(99)))
    words = ["x" * length for length in range(1, 2 * MOST_AT_ONCE + 2)]

    assert await asyncio.gather(*map(together.one, words)) == [*range(1, 2 * MOST_AT_ONCE + 2)]
    assert list(map(len, lengths.asked)) == [MOST_AT_ONCE, MOST_AT_ONCE, 1]
