from __future__ import annotations

import asyncio
import gc

import pytest

from sentinel_core.support.single_flight import SingleFlight

pytestmark = pytest.mark.anyio


class Call:
    """A call that waits until it is let go, and counts how often it was started."""

    def __init__(self, error: Exception | None = None) -> None:
        self.started = 0
        self.ended = 0
        self.gate = asyncio.Event()
        self.error = error

    async def __call__(self) -> str:
        self.started += 1
        await self.gate.wait()
        self.ended += 1
        if self.error is not None:
            raise self.error
        return "answer"


async def _settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_many_share_one_call_and_know_who_started_it() -> None:
    flights: SingleFlight[str] = SingleFlight()
    call = Call()
    waiting = [asyncio.create_task(flights.join("key", call)) for _ in range(50)]
    await _settle()
    assert len(flights) == 1
    call.gate.set()

    assert await asyncio.gather(*waiting) == [("answer", False)] + [("answer", True)] * 49
    assert (call.started, len(flights)) == (1, 0)


async def test_other_keys_do_not_wait() -> None:
    flights: SingleFlight[str] = SingleFlight()
    slow, quick = Call(), Call()
    quick.gate.set()
    waiting = asyncio.create_task(flights.join("slow", slow))
    await _settle()

    assert await flights.join("quick", quick) == ("answer", False)
    slow.gate.set()
    assert await waiting == ("answer", False)


@pytest.mark.parametrize("leaver", [0, 1])
async def test_a_caller_who_leaves_cancels_nothing(leaver: int) -> None:
    flights: SingleFlight[str] = SingleFlight()
    call = Call()
    waiting = [asyncio.create_task(flights.join("key", call)) for _ in range(3)]
    await _settle()
    waiting.pop(leaver).cancel()
    await _settle()
    call.gate.set()

    assert [result for result, _ in await asyncio.gather(*waiting)] == ["answer", "answer"]
    assert (call.started, call.ended) == (1, 1)


async def test_a_call_that_everybody_left_goes_on_to_its_end() -> None:
    flights: SingleFlight[str] = SingleFlight()
    call = Call()
    waiting = asyncio.create_task(flights.join("key", call))
    await _settle()
    waiting.cancel()
    await _settle()
    call.gate.set()
    await _settle()

    assert (call.ended, len(flights)) == (1, 0)


async def test_an_error_reaches_all_and_frees_the_key() -> None:
    flights: SingleFlight[str] = SingleFlight()
    error = ValueError("broken")
    call = Call(error)
    waiting = [asyncio.create_task(flights.join("key", call)) for _ in range(3)]
    await _settle()
    call.gate.set()

    assert await asyncio.gather(*waiting, return_exceptions=True) == [error] * 3
    assert len(flights) == 0


async def test_after_an_error_the_next_caller_starts_anew() -> None:
    flights: SingleFlight[str] = SingleFlight()
    broken, whole = Call(ValueError("broken")), Call()
    broken.gate.set()
    whole.gate.set()
    with pytest.raises(ValueError, match="broken"):
        await flights.join("key", broken)

    assert await flights.join("key", whole) == ("answer", False)


async def test_an_error_that_nobody_waited_for_is_not_reported_as_forgotten() -> None:
    reported: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    flights: SingleFlight[str] = SingleFlight()
    call = Call(ValueError("broken"))
    waiting = asyncio.create_task(flights.join("key", call))
    await _settle()
    waiting.cancel()
    await _settle()
    call.gate.set()
    await _settle()
    del waiting
    gc.collect()

    assert reported == []
