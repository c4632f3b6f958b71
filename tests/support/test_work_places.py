from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from sentinel_core.errors import ServiceUnavailableError
from sentinel_core.support import work_places
from sentinel_core.support.rests import OTHERS
from sentinel_core.support.turns import OWNER
from sentinel_core.support.work_places import Work, WorkPlaces, turn

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def long_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not end a place by time."""
    monkeypatch.setattr(work_places, "HELD_SECONDS", 600.0)


class Asking:
    are = True

    def are_others(self, key: str) -> bool:
        return self.are


def entering(owner: str, places: WorkPlaces, seconds: float = 60.0, others: Asking | None = None) -> asyncio.Task[Work]:
    """Enter as a request of this key, while other keys ask."""

    async def run() -> Work:
        OWNER.set(owner)
        OTHERS.set(others or Asking())
        return await places.enter(seconds)

    return asyncio.create_task(run())


def working(tasks: Sequence[asyncio.Task[Work]]) -> list[int]:
    return [number for number, task in enumerate(tasks) if task.done()]


async def round_of_the_loop() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_the_single_request_of_a_key_works_though_hundreds_of_another_wait() -> None:
    places = WorkPlaces(3)
    flood = [entering("flood", places) for _ in range(200)]
    await round_of_the_loop()
    assert working(flood) == [0, 1, 2]

    await entering("single", places)
    flood[1].result().leave()
    await round_of_the_loop()
    assert working(flood) == [0, 1, 2, 3]
    for each in flood:
        each.cancel()
    await asyncio.gather(*flood, return_exceptions=True)


async def test_a_key_that_asks_alone_has_more_places_also_for_those_that_wait() -> None:
    places, others = WorkPlaces(1, alone=4), Asking()
    tasks = [entering("a", places, others=others) for _ in range(6)]
    await round_of_the_loop()
    assert working(tasks) == [0]

    others.are = False
    tasks[0].result().leave()
    await round_of_the_loop()
    assert working(tasks) == [0, 1, 2, 3, 4]
    for each in tasks[1:]:
        (await each).leave()
    assert len(places) == 0


async def test_a_place_is_given_back_once_only() -> None:
    places = WorkPlaces(1)
    first = await entering("a", places)
    first.leave()
    first.leave()
    await entering("a", places)
    waiting = entering("a", places)
    await round_of_the_loop()

    assert not waiting.done()
    waiting.cancel()


async def test_a_lookup_that_waits_for_something_else_keeps_its_place_for_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(work_places, "HELD_SECONDS", 0.001)
    places = WorkPlaces(1)
    slow = await entering("a", places)
    (await entering("a", places)).leave()
    slow.leave()

    assert len(places) == 0


async def test_a_request_without_a_place_in_time_is_refused() -> None:
    places = WorkPlaces(1)
    first = await entering("a", places)
    with pytest.raises(ServiceUnavailableError) as caught:
        await entering("a", places, 0.0)
    first.leave()

    assert (caught.value.code, caught.value.retry_after) == ("processor_unavailable", 1.0)
    assert len(places) == 0


async def test_a_caller_that_leaves_the_line_gives_its_turn_to_the_next() -> None:
    places = WorkPlaces(1)
    first = await entering("a", places)
    tasks = [entering("a", places) for _ in range(3)]
    await round_of_the_loop()
    tasks[0].cancel()
    first.leave()  # the place goes to the second, which leaves in the same moment
    tasks[1].cancel()
    (await tasks[2]).leave()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert len(places) == 0


async def test_requests_of_one_key_begin_in_different_rounds_of_the_loop() -> None:
    rounds, begun = 0, list[int]()

    async def request() -> None:
        OWNER.set("a")
        OTHERS.set(Asking())
        await turn()
        begun.append(rounds)

    tasks = [asyncio.create_task(request()) for _ in range(5)]
    while not all(task.done() for task in tasks):
        rounds += 1
        await asyncio.sleep(0)

    assert len(set(begun)) == 5
