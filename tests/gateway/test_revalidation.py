"""`stale-while-revalidate`: a stale answer at once, and a new one behind the caller's back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from sentinel_core.cache.answer import Answer
from sentinel_core.cache.outcome import Hit, HitKind, Miss, MissDetail, Stale, cache_status, detail, name
from sentinel_core.errors import ProviderUnavailableError
from sentinel_core.support.background import Background
from tests.support.fakes import PRICE, World, completion

pytestmark = pytest.mark.anyio

Build = Callable[..., World]
SWR = "stale-while-revalidate=30"


async def _settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_stale_answer_comes_at_once_and_a_new_one_replaces_it(world: Build) -> None:
    it = world(background=Background())
    await it.gateway.answer(it.ask())
    it.clock.advance(120.0)
    it.provider.queue.append(completion("A newer answer."))
    stale = await it.gateway.answer(it.ask(cache_control=SWR))
    await _settle()
    fresh = await it.gateway.answer(it.ask(cache_control=SWR))

    assert stale.outcome == Stale(HitKind.EXACT, 1.0, 120.0, revalidating=True)
    assert (stale.completion.text, stale.cost_usd, stale.saved_usd) == ("An answer.", 0.0, PRICE)
    assert (fresh.outcome, fresh.completion.text) == (Hit(HitKind.EXACT, 1.0, 0.0), "A newer answer.")
    assert [(answer.completion.text, answer.cost_usd) for answer in it.events.answers] == [("A newer answer.", PRICE)]


async def test_a_stream_is_served_stale_too(world: Build) -> None:
    it = world(background=Background())
    await it.gateway.answer(it.ask())
    it.clock.advance(120.0)
    streaming = await it.gateway.stream(it.ask(cache_control=SWR))
    await _settle()

    assert isinstance(streaming, Answer)
    assert it.provider.calls == 2


async def test_many_who_come_meanwhile_make_one_call(world: Build) -> None:
    it = world(background=Background())
    await it.gateway.answer(it.ask())
    it.clock.advance(120.0)
    await asyncio.gather(*(it.gateway.answer(it.ask(cache_control=SWR)) for _ in range(10)))
    await _settle()

    assert (it.provider.calls, len(it.events.answers)) == (2, 1)


async def test_a_near_prompt_is_served_stale_as_well(world: Build) -> None:
    it = world(background=Background())
    await it.gateway.answer(it.ask("what is machine learning"))
    it.clock.advance(120.0)
    answer = await it.gateway.answer(it.ask("what is this machine learning", cache_control=SWR))

    assert isinstance(answer.outcome, Stale)
    assert (answer.outcome.kind, answer.outcome.revalidating) == (HitKind.SEMANTIC, True)


@pytest.mark.parametrize(
    ("cache_control", "age"),
    [("", 120.0), (SWR, 130.0), ("stale-while-revalidate=1000", 150.0), ("max-age=10, " + SWR, 40.0)],
)
async def test_without_the_callers_and_the_operators_leave_it_is_a_miss(
    world: Build, cache_control: str, age: float
) -> None:
    it = world(background=Background())
    await it.gateway.answer(it.ask())
    it.clock.advance(age)
    answer = await it.gateway.answer(it.ask(cache_control=cache_control))

    assert answer.outcome in (Miss(MissDetail.EXPIRED), Miss())


async def test_where_nothing_runs_between_requests_it_is_a_miss(world: Build) -> None:
    it = world()
    await it.gateway.answer(it.ask())
    it.clock.advance(120.0)

    assert (await it.gateway.answer(it.ask(cache_control=SWR))).outcome == Miss(MissDetail.EXPIRED)


async def test_a_provider_that_fails_then_has_failed_nobody(world: Build) -> None:
    it = world(background=Background())
    await it.gateway.answer(it.ask())
    it.clock.advance(120.0)
    it.provider.queue.append(ProviderUnavailableError("down", provider="fake"))
    answer = await it.gateway.answer(it.ask(cache_control=SWR))
    await _settle()

    assert isinstance(answer.outcome, Stale)
    assert it.events.answers == []


def test_it_is_a_stale_answer_and_a_hit_in_the_words_of_the_rfc() -> None:
    outcome = Stale(HitKind.EXACT, 1.0, 120.0, revalidating=True)

    assert (name(outcome), detail(outcome)) == ("stale", "stale-while-revalidate")
    assert cache_status(outcome, stored=False, collapsed=False) == "sentinel; hit; detail=stale-while-revalidate"
