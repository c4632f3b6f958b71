from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from sentinel_core.support.owner_bounds import OwnerBounds

pytestmark = pytest.mark.anyio


class Groups:
    """Groups that run until they are ended."""

    def __init__(self, most: int) -> None:
        self.bounds = OwnerBounds(most)
        self.running: list[str] = []
        self._ends: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def begin(self, name: str, owner: str, items: int) -> None:
        self._ends[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._run(name, owner, items))
        await self.settle()

    async def end(self, name: str) -> None:
        self._ends[name].set()
        await self.settle()

    async def settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    async def _run(self, name: str, owner: str, items: int) -> None:
        await self.bounds.acquire(owner, items)
        self.running.append(name)
        await self._ends[name].wait()
        self.bounds.release(owner, items)
        self.running.remove(name)


async def test_groups_beyond_the_bound_wait_in_their_order() -> None:
    groups = Groups(4)
    for name, items in (("first", 3), ("second", 2), ("third", 1)):
        await groups.begin(name, "a", items)
    assert groups.running == ["first"]

    await groups.end("first")
    assert groups.running == ["second", "third"]


async def test_another_owner_does_not_wait() -> None:
    groups = Groups(4)
    await groups.begin("first", "a", 4)
    await groups.begin("second", "a", 1)
    await groups.begin("other", "b", 4)

    assert groups.running == ["first", "other"]


async def test_a_group_above_the_bound_runs_alone() -> None:
    groups = Groups(4)
    await groups.begin("large", "a", 9)
    await groups.begin("small", "a", 1)
    assert groups.running == ["large"]

    await groups.end("large")
    assert groups.running == ["small"]


async def test_a_waiter_that_leaves_holds_nothing() -> None:
    groups = Groups(4)
    for name in ("first", "left", "last"):
        await groups.begin(name, "a", 4)
    groups.tasks["left"].cancel()
    with suppress(asyncio.CancelledError):
        await groups.tasks["left"]
    await groups.end("first")
    assert groups.running == ["last"]

    await groups.end("last")
    assert (groups.running, len(groups.bounds)) == ([], 0)
