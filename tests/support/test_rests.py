from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from sentinel_core.support.rests import LONGEST_REST, Rests
from tests.support.fakes import FakeClock

pytestmark = pytest.mark.anyio


@dataclass
class Asking:
    """Others who ask, or do not."""

    are: bool = True

    def are_others(self, key: str) -> bool:
        return self.are


@pytest.mark.parametrize(
    ("others", "seconds", "rest"), [(False, 0.2, 0.0), (True, 0.2, 0.2), (True, 60.0, LONGEST_REST)]
)
async def test_a_rest_is_as_long_as_the_piece_while_others_ask(others: bool, seconds: float, rest: float) -> None:
    clock, asking = FakeClock(), Asking(others)
    rests = Rests(clock)

    async def wait() -> None:
        async with rests.working("a", asking):
            pass

    async with rests.working("a", asking):
        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0)
        clock.advance(seconds)
    assert max(0.0, rests.until("a") - clock.monotonic()) == pytest.approx(rest)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert len(rests) == 0


async def test_an_owners_pieces_run_one_after_the_other() -> None:
    rests, order = Rests(), list[str]()

    async def piece(owner: str, name: str) -> None:
        async with rests.working(owner, Asking(are=False)):
            order.append(f"{name} begins")
            await asyncio.sleep(0)
            order.append(f"{name} ends")

    await asyncio.gather(piece("a", "one"), piece("a", "two"), piece("b", "other"))

    assert [each for each in order if "other" not in each] == ["one begins", "one ends", "two begins", "two ends"]
    assert order.index("other begins") < order.index("one ends")
    assert len(rests) == 0


async def test_a_piece_that_fails_leaves_no_owner() -> None:
    rests = Rests()
    with pytest.raises(ZeroDivisionError):
        async with rests.working("a", Asking()):
            raise ZeroDivisionError

    assert len(rests) == 0


async def test_a_rest_lasts_though_no_piece_waits_and_is_forgotten_after_its_end() -> None:
    clock = FakeClock()
    rests = Rests(clock)
    async with rests.working("a", Asking()) as spent:
        clock.advance(0.3)
        spent.seconds = 0.2
    assert not len(rests)
    assert rests.until("a") - clock.monotonic() == pytest.approx(0.2)

    clock.advance(0.2)
    async with rests.working("b", Asking()):
        clock.advance(0.1)
    assert [*rests._until] == ["b"]


async def test_pieces_of_the_earliest_request_come_first() -> None:
    rests, order = Rests(), list[str]()

    async def request(name: str) -> None:
        for number in range(3):
            async with rests.working("a", Asking(are=False)):
                order.append(f"{name}{number}")
                await asyncio.sleep(0)

    await asyncio.gather(*(asyncio.create_task(request(name)) for name in "xyz"))

    # A request is back in the line a moment after its piece: meanwhile one other begins, and no third.
    assert order.index("z0") > order.index("x2")


async def test_a_request_that_leaves_the_line_holds_up_no_other() -> None:
    rests, order = Rests(), list[str]()

    async def piece(name: str) -> None:
        async with rests.working("a", Asking(are=False)):
            order.append(name)
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(piece(name)) for name in "abcd"]
    await asyncio.sleep(0)
    for left in tasks[1:3]:
        left.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert (order, len(rests)) == (["a", "d"], 0)
