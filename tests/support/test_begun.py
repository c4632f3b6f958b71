from __future__ import annotations

import asyncio

import pytest

from sentinel_core.support.begun import Begun

pytestmark = pytest.mark.anyio


async def _answer(*waits: float) -> str:
    for seconds in waits:
        await asyncio.sleep(seconds)
    return "answer"


async def test_a_coroutine_that_never_waits_is_done_at_once() -> None:
    begun = Begun(_answer())

    assert begun.is_done
    assert await begun == "answer"


@pytest.mark.parametrize("waits", [(0.0,), (0.001,), (0.0, 0.001, 0.0)])
async def test_a_coroutine_that_waits_goes_on_when_awaited(waits: tuple[float, ...]) -> None:
    begun = Begun(_answer(*waits))

    assert not begun.is_done
    assert await begun == "answer"


async def test_an_error_before_the_first_wait_is_raised_at_once() -> None:
    async def failing() -> None:
        raise KeyError("early")

    with pytest.raises(KeyError, match="early"):
        Begun(failing())


async def test_an_error_after_a_wait_is_raised_where_awaited() -> None:
    async def failing() -> None:
        await asyncio.sleep(0)
        raise KeyError("late")

    begun = Begun(failing())
    with pytest.raises(KeyError, match="late"):
        await begun


async def test_the_error_of_an_awaited_future_reaches_the_coroutine() -> None:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def guarded() -> str:
        try:
            await future
        except OSError:
            return "caught"
        return "missed"

    begun = Begun(guarded())
    future.set_exception(OSError())

    assert await begun == "caught"


async def test_a_time_limit_cancels_the_coroutine_where_it_waits() -> None:
    seen: list[str] = []

    async def waiting() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    begun = Begun(waiting())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await begun

    assert seen == ["cancelled"]


async def test_a_time_limit_inside_the_coroutine_holds_across_its_first_wait() -> None:
    async def limited() -> str:
        try:
            async with asyncio.timeout(0.01):
                await asyncio.Event().wait()
        except TimeoutError:
            return "late"
        return "in time"

    assert await Begun(limited()) == "late"
