from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from sentinel_core.errors import ServiceUnavailableError
from sentinel_core.support.rests import OTHERS
from sentinel_core.support.turns import OWNER
from sentinel_core.support.work_places import NO_WORK, Work, WorkPlaces

pytestmark = pytest.mark.anyio


class Asking:
    def are_others(self, key: str) -> bool:
        return True


def beside_others(owner: str, working: Coroutine[Any, Any, Work]) -> asyncio.Task[Work]:
    """Run as a request of this key, while other keys ask."""

    async def run() -> Work:
        OWNER.set(owner)
        OTHERS.set(Asking())
        return await working

    return asyncio.create_task(run())


async def test_a_key_that_asks_alone_is_not_bounded() -> None:
    places = WorkPlaces(1)

    assert [await places.enter(0.0) for _ in range(9)] == [NO_WORK] * 9


async def test_the_single_request_of_a_key_works_though_hundreds_of_another_wait() -> None:
    places = WorkPlaces(4)
    flood = [beside_others("flood", places.enter(60)) for _ in range(200)]
    single = beside_others("single", places.enter(60))
    await asyncio.wait({single})
    assert sum(each.done() for each in flood) == 3

    second = beside_others("single", places.enter(60))
    await asyncio.sleep(0)
    assert not second.done()
    flood[0].result().leave()
    await asyncio.wait({second})
    assert sum(each.done() for each in flood) == 3
    for each in flood:
        each.cancel()
    await asyncio.gather(*flood, return_exceptions=True)


async def test_a_place_is_given_back_once_only() -> None:
    places = WorkPlaces(4)
    first = await beside_others("a", places.enter(60))
    first.leave()
    first.leave()

    assert places._places.held("a") == 0
    again = [await beside_others("a", places.enter(60)) for _ in range(3)]
    assert places._places.held("a") == len(again)


async def test_a_request_without_a_place_in_time_is_refused() -> None:
    places = WorkPlaces(1)
    await beside_others("a", places.enter(60))
    with pytest.raises(ServiceUnavailableError) as caught:
        await beside_others("a", places.enter(0.0))

    assert (caught.value.code, caught.value.retry_after) == ("processor_unavailable", 1.0)
