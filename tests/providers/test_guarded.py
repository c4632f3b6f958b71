"""A provider with a breaker and a limit around it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace

import pytest

from sentinel_core.chat.messages import ChatRequest
from sentinel_core.errors import (
    ProviderError,
    ProviderRateLimitedError,
    ProviderRejectedError,
    ProviderTimeoutError,
    ProviderUnavailableError,
)
from sentinel_core.providers.guarded import FAIR_TIME, READER_SECONDS, Guarded
from sentinel_core.support.breaker import Breaker
from tests.providers.fakes import Asked, Scripted, texts
from tests.support.fakes import FakeClock, NotedEvents

pytestmark = pytest.mark.anyio

REQUEST = ChatRequest(provider="groq", model="m", messages=({"role": "user", "content": "Hi"},))
DOWN = ProviderUnavailableError("down", provider="groq")
LATE = ProviderTimeoutError("late", provider="groq")
LIMITED = ProviderRateLimitedError("slow down", provider="groq")
REJECTED = ProviderRejectedError("no such model", provider="groq", status=404)


def guarded(provider: Scripted, clock: FakeClock, *, limit: int = 10) -> Guarded:
    return Guarded(provider, limit=limit, breaker=Breaker(threshold=2, pause=10.0), clock=clock)


async def fail(guard: Guarded, kind: type[ProviderError], *, streamed: bool, timeout: float = 20.0) -> ProviderError:
    with pytest.raises(kind) as caught:
        await (anext(guard.stream(REQUEST, timeout=timeout)) if streamed else guard.complete(REQUEST, timeout=timeout))
    return caught.value


both = pytest.mark.parametrize("streamed", [False, True])


async def test_what_the_provider_answers_goes_through() -> None:
    provider = Scripted("groq")
    guard = guarded(provider, FakeClock())

    assert await guard.complete(REQUEST, timeout=20.0) == provider.answer(REQUEST)
    assert texts([chunk async for chunk in guard.stream(REQUEST, timeout=20.0, patience=5.0)]) == "groq says hello"
    assert provider.asked == [Asked("m", 20.0), Asked("m", 20.0, 5.0)]
    assert guard.name == "groq"


@both
@pytest.mark.parametrize("error", [DOWN, LATE, LIMITED])
async def test_repeated_failures_open_the_breaker(error: ProviderError, streamed: bool) -> None:
    clock = FakeClock()
    provider = Scripted("groq", error, error)
    guard = guarded(provider, clock)
    for _ in range(2):
        await fail(guard, type(error), streamed=streamed)
    clock.advance(4.0)
    refusal = await fail(guard, ProviderUnavailableError, streamed=streamed)

    assert guard.is_open(REQUEST)
    assert (len(provider.asked), refusal.retry_after) == (2, 6.0)


@both
async def test_a_trial_after_the_pause_brings_the_provider_back(streamed: bool) -> None:
    clock = FakeClock()
    guard = guarded(Scripted("groq", DOWN, DOWN), clock)
    for _ in range(2):
        await fail(guard, ProviderUnavailableError, streamed=streamed)
    clock.advance(10.0)
    await guard.complete(REQUEST, timeout=20.0)

    assert not guard.is_open(REQUEST)


@both
async def test_rejections_do_not_open_it(streamed: bool) -> None:
    guard = guarded(Scripted("groq", DOWN, REJECTED, DOWN, REJECTED), FakeClock())
    for kind in (ProviderUnavailableError, ProviderRejectedError) * 2:
        await fail(guard, kind, streamed=streamed)

    assert not guard.is_open(REQUEST)


@both
async def test_a_timeout_of_a_caller_in_a_hurry_does_not_count(streamed: bool) -> None:
    guard = guarded(Scripted("groq", LATE, LATE, LATE), FakeClock())
    for _ in range(3):
        await fail(guard, ProviderTimeoutError, streamed=streamed, timeout=FAIR_TIME - 0.1)

    assert not guard.is_open(REQUEST)


async def test_a_stream_that_breaks_midway_is_a_failure() -> None:
    guard = guarded(Scripted("groq", DOWN, DOWN, breaks=True), FakeClock())
    for _ in range(2):
        with pytest.raises(ProviderUnavailableError):
            _ = [chunk async for chunk in guard.stream(REQUEST, timeout=20.0)]

    assert guard.is_open(REQUEST)


async def test_leaving_a_stream_closes_it_and_frees_its_place() -> None:
    provider = Scripted("groq")
    guard = guarded(provider, FakeClock(), limit=1)
    for _ in range(3):
        async with aclosing(guard.stream(REQUEST, timeout=20.0)) as chunks:
            await anext(chunks)

    assert provider.closed == 3
    assert not guard.is_open(REQUEST)


async def test_no_more_ask_at_once_than_the_limit() -> None:
    provider = Scripted("groq")
    provider.hold.clear()
    guard = guarded(provider, FakeClock(), limit=3)
    all_at_once = asyncio.gather(*(guard.complete(REQUEST, timeout=20.0) for _ in range(20)))
    asyncio.get_running_loop().call_soon(provider.hold.set)
    answers = await all_at_once

    assert (len(answers), provider.most_running) == (20, 3)


async def test_a_call_without_a_place_in_time_says_when_to_retry() -> None:
    provider = Scripted("groq")
    provider.hold.clear()
    guard = guarded(provider, FakeClock(), limit=1)
    first = asyncio.create_task(guard.complete(REQUEST, timeout=20.0))
    await asyncio.sleep(0)
    error = await fail(guard, ProviderUnavailableError, streamed=False, timeout=0.01)
    provider.hold.set()
    await first

    assert (error.retry_after, len(provider.asked), guard.is_open(REQUEST)) == (1.0, 1, False)


async def test_a_caller_who_leaves_frees_the_place() -> None:
    provider = Scripted("groq")
    provider.hold.clear()
    guard = guarded(provider, FakeClock(), limit=1)
    leaver = asyncio.create_task(guard.complete(REQUEST, timeout=20.0))
    await asyncio.sleep(0)
    leaver.cancel()
    provider.hold.set()

    assert await guard.complete(REQUEST, timeout=20.0) == provider.answer(REQUEST)


async def test_closing_it_closes_the_provider() -> None:
    provider = Scripted("groq")
    await guarded(provider, FakeClock()).aclose()

    assert provider.closed == 1


async def test_the_breaker_alerts_once_per_outage() -> None:
    clock, events = FakeClock(), NotedEvents()
    provider = Scripted("groq", DOWN, DOWN, DOWN, None, DOWN, DOWN)
    guard = Guarded(provider, breaker=Breaker(threshold=2, pause=10.0), clock=clock, events=events)
    alerts = []
    for _ in range(3):
        await fail(guard, ProviderUnavailableError, streamed=False)
        alerts.append(list(events.opened))
        clock.advance(10)
    await guard.complete(REQUEST, timeout=20.0)
    for _ in range(2):
        await fail(guard, ProviderUnavailableError, streamed=False)

    assert alerts == [[], ["groq"], ["groq"]]
    assert events.opened == ["groq", "groq"]


async def read_slowly(guard: Guarded, clock: FakeClock, seconds: float) -> None:
    """Read a whole stream and take so long after each chunk."""
    async for _ in guard.stream(REQUEST, timeout=20.0):
        clock.advance(seconds)


def of(key: str, model: str = "m") -> ChatRequest:
    return replace(REQUEST, key=key, model=model)


@pytest.mark.parametrize("other", [of("b"), of("a", "other")], ids=["key", "model"])
async def test_one_key_and_model_open_no_breaker_of_others(other: ChatRequest) -> None:
    provider = Scripted("groq", DOWN, DOWN)
    guard = guarded(provider, FakeClock())
    for _ in range(2):
        with pytest.raises(ProviderUnavailableError):
            await guard.complete(of("a"), timeout=20.0)

    assert (guard.is_open(of("a")), guard.is_open(other)) == (True, False)
    assert await guard.complete(other, timeout=20.0) == provider.answer(other)


async def test_breakers_of_invented_models_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentinel_core.providers.guarded.MOST_BREAKERS", 10)
    guard = guarded(Scripted("groq", *[DOWN] * 30), FakeClock())
    for number in range(30):
        with pytest.raises(ProviderUnavailableError):
            await guard.complete(of("a", str(number)), timeout=20.0)

    assert len(guard._breakers) == 10


async def test_breakers_without_failures_are_not_kept() -> None:
    guard = guarded(Scripted("groq", DOWN), FakeClock())
    with pytest.raises(ProviderUnavailableError):
        await guard.complete(REQUEST, timeout=20.0)
    await guard.complete(REQUEST, timeout=20.0)

    assert len(guard._breakers) == 0


@pytest.mark.parametrize(("seconds", "is_open"), [(READER_SECONDS, True), (READER_SECONDS + 0.1, False)])
async def test_a_slow_reader_never_opens_the_breaker(seconds: float, is_open: bool) -> None:
    clock = FakeClock()
    guard = guarded(Scripted("groq", DOWN, DOWN, breaks=True), clock)
    for _ in range(2):
        with pytest.raises(ProviderUnavailableError):
            await read_slowly(guard, clock, seconds)

    assert guard.is_open(REQUEST) is is_open


async def test_a_stream_read_past_its_deadline_ends_and_frees_its_place() -> None:
    clock, provider = FakeClock(), Scripted("groq")
    guard = guarded(provider, clock, limit=1)
    with pytest.raises(ProviderTimeoutError):
        await read_slowly(guard, clock, 20.1)

    assert (provider.closed, guard.is_open(REQUEST)) == (1, False)
    assert await guard.complete(REQUEST, timeout=20.0) == provider.answer(REQUEST)


async def test_streams_of_one_key_leave_places_to_another() -> None:
    provider = Scripted("groq")
    guard = guarded(provider, FakeClock(), limit=4)
    held = [guard.stream(of("a"), timeout=20.0) for _ in range(3)]
    for stream in held:
        await anext(stream)
    with pytest.raises(ProviderUnavailableError, match="at once"):
        await guard.complete(of("a"), timeout=0.01)

    assert await guard.complete(of("b"), timeout=20.0) == provider.answer(REQUEST)
    for stream in held:
        await stream.aclose()
