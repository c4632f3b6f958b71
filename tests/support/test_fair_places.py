"""Places that owners share: who gets the next, who never gets all, and what cancelled waiters leave behind."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.support import fair_places
from sentinel_core.support.fair_places import FairPlaces

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def taken(places: FairPlaces, owner: str, count: int) -> list[asyncio.Task[bool]]:
    """Let `count` callers of an owner ask for places; return those that wait."""
    tasks = [asyncio.create_task(places.acquire(owner)) for _ in range(count)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return [task for task in tasks if not task.done()]


async def cancelled(*tasks: asyncio.Task[bool]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize(("limit", "most"), [(1, 1), (2, 1), (3, 2), (4, 3), (20, 15), (256, 192)])
async def test_one_key_never_takes_all_places(limit: int, most: int) -> None:
    places = FairPlaces(limit)
    waiting = await taken(places, "a", limit)
    assert (places.held("a"), len(waiting)) == (most, limit - most)
    if limit > 1:
        assert await taken(places, "b", 1) == []
    await cancelled(*waiting)


async def test_callers_without_a_key_may_take_all_places() -> None:
    places = FairPlaces(4)
    waiting = await taken(places, "", 5)
    assert (places.held(""), len(waiting)) == (4, 1)
    await cancelled(*waiting)


async def test_a_free_place_goes_to_the_owner_that_holds_the_fewest() -> None:
    places = FairPlaces(4)
    waiting = await taken(places, "a", 9) + await taken(places, "b", 9)
    assert (places.held("a"), places.held("b")) == (3, 1)
    order = []
    for _ in range(4):
        before = places.held("b")
        places.release("a")
        await asyncio.sleep(0)
        order.append("b" if places.held("b") > before else "a")
    assert order == ["b", "a", "a", "a"]
    assert (places.held("a"), places.held("b")) == (2, 2)
    await cancelled(*waiting)


async def test_too_many_waiters_of_one_owner_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fair_places, "MOST_WAITING", 2)
    places = FairPlaces(4)
    waiting = await taken(places, "a", 5)
    assert await places.acquire("a") is False
    assert await places.acquire("b") is True
    await cancelled(*waiting)


async def test_a_waiter_that_leaves_as_its_place_comes_gives_it_back() -> None:
    places = FairPlaces(1)
    assert await places.acquire("")
    (leaver,) = await taken(places, "", 1)
    places.release("")
    await cancelled(leaver)
    assert await places.acquire("b")


@given(st.integers(1, 6), st.integers(0, 2**32))
def test_places_are_never_lost_nor_made(limit: int, seed: int) -> None:
    asyncio.run(scramble(limit, random.Random(seed)))  # noqa: S311


async def scramble(limit: int, draw: random.Random) -> None:
    """Acquire, release and cancel at random; at the end all places are free again."""
    places, running = FairPlaces(limit), Counter[str]()

    async def hold(owner: str) -> None:
        await places.acquire(owner)
        running[owner] += 1
        assert running.total() <= limit
        try:
            for _ in range(draw.randrange(4)):
                await asyncio.sleep(0)
        finally:
            running[owner] -= 1
            places.release(owner)

    tasks = [asyncio.create_task(hold(draw.choice("abc"))) for _ in range(40)]
    for task in draw.sample(tasks, 15):
        await asyncio.sleep(0)
        task.cancel()
    await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 30)
    await taken(places, "", limit)
    assert (places.held(""), running.total()) == (limit, 0)
