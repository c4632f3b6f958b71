from __future__ import annotations

import asyncio

import pytest

from sentinel_core.support.loop_turns import LoopTurns

pytestmark = pytest.mark.anyio


async def test_streams_of_one_owner_share_the_rounds_of_the_loop() -> None:
    turns, done = LoopTurns(), {"busy": 0, "quiet": 0}

    async def work(owner: str) -> None:
        while True:
            done[owner] += 1
            await turns.take(owner)

    tasks = [asyncio.create_task(work(owner)) for owner in ["busy"] * 30 + ["quiet"]]
    for _ in range(300):
        await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert done["quiet"] > 90
    assert done["busy"] < 30 + 2 * done["quiet"]
    assert len(turns) == 0


async def test_an_owner_alone_waits_one_round() -> None:
    turns = LoopTurns()
    task = asyncio.create_task(turns.take("a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert task.done()
    assert len(turns) == 0


async def test_a_turn_may_last_longer_than_a_round() -> None:
    turns = LoopTurns()
    tasks = [asyncio.create_task(turns.take("a", seconds=seconds)) for seconds in (60.0, 0.0)]
    other = asyncio.create_task(turns.take("b"))
    for _ in range(5):
        await asyncio.sleep(0)

    assert [task.done() for task in (*tasks, other)] == [False, False, True]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert len(turns) == 0
