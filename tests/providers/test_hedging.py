"""A second provider is asked where the first takes long, and only then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from sentinel_core.errors import ProviderKeyError, ProviderUnavailableError
from sentinel_core.providers.fallback import Chain, Link
from tests.providers.fakes import Scripted
from tests.providers.test_fallback import CacheRequest, both, streamed
from tests.support.fakes import FakeClock

pytestmark = pytest.mark.anyio

AT_ONCE, NEVER = 0.0, 600.0
KEY = ProviderKeyError("key", provider="openai")
DOWN = ProviderUnavailableError("down", provider="openai")


def slow(name: str) -> Scripted:
    """It answers when `hold` is set."""
    provider = Scripted(name)
    provider.hold.clear()
    return provider


def chain(*providers: Scripted, hedge: float) -> Chain:
    return Chain([Link(provider) for provider in providers], hedge=hedge, clock=FakeClock())


@both
async def test_whoever_is_first_answers_and_the_other_is_left(ask: CacheRequest) -> None:
    groq, openai = slow("groq"), Scripted("openai")
    completion = await ask(chain(groq, openai, hedge=AT_ONCE))

    assert completion is not None
    assert (completion.provider, completion.text) == ("openai", "openai says hello")
    assert (len(groq.asked), groq.running) == (1, 0)


@both
async def test_nobody_else_is_asked_before_the_time_has_come(ask: CacheRequest) -> None:
    groq, openai = Scripted("groq"), Scripted("openai")
    completion = await ask(chain(groq, openai, hedge=NEVER))

    assert completion is not None
    assert (completion.provider, openai.asked) == ("groq", [])


@both
@pytest.mark.parametrize("error", [KEY, DOWN])
async def test_the_second_one_failing_takes_nothing_from_the_first(
    ask: CacheRequest, error: ProviderKeyError | ProviderUnavailableError
) -> None:
    groq, openai = slow("groq"), Scripted("openai", error)
    asking = asyncio.create_task(_of(ask, chain(groq, openai, hedge=AT_ONCE)))
    await seen(lambda: openai.asked and not openai.running)
    groq.hold.set()

    assert await asking == "groq says hello"


@both
async def test_what_others_would_refuse_too_is_asked_of_nobody_else(ask: CacheRequest) -> None:
    groq, openai, mistral = slow("groq"), Scripted("openai", KEY), Scripted("mistral")
    asking = asyncio.create_task(_of(ask, chain(groq, openai, mistral, hedge=AT_ONCE)))
    await seen(lambda: openai.asked and not openai.running)
    groq.hold.set()

    assert (await asking, mistral.asked) == ("groq says hello", [])


@both
async def test_two_are_asked_at_once_and_no_more(ask: CacheRequest) -> None:
    groq, openai, mistral = slow("groq"), slow("openai"), Scripted("mistral")
    asking = asyncio.create_task(_of(ask, chain(groq, openai, mistral, hedge=AT_ONCE)))
    await seen(lambda: openai.asked)
    await asyncio.sleep(0.01)
    assert mistral.asked == []
    groq.hold.set()

    assert await asking == "groq says hello"


@both
async def test_a_caller_who_leaves_frees_both(ask: CacheRequest) -> None:
    groq, openai = slow("groq"), slow("openai")
    asking = asyncio.create_task(_of(ask, chain(groq, openai, hedge=AT_ONCE)))
    await seen(lambda: openai.asked)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    assert (groq.running, openai.running) == (0, 0)


@both
async def test_two_that_answer_in_the_same_moment_are_one_answer(ask: CacheRequest) -> None:
    groq, openai = slow("groq"), slow("openai")
    asking = asyncio.create_task(_of(ask, chain(groq, openai, hedge=AT_ONCE)))
    await seen(lambda: openai.asked)
    groq.hold.set()
    openai.hold.set()

    assert await asking in {"groq says hello", "openai says hello"}
    assert groq.closed + openai.closed == (2 if ask is streamed else 0)


async def seen(condition: Callable[[], object]) -> None:
    for _ in range(1000):
        await asyncio.sleep(0)
        if condition():
            return
    raise AssertionError


async def _of(ask: CacheRequest, asked: Chain) -> str:
    completion = await ask(asked)
    assert completion is not None
    return completion.text


@both
async def test_an_overtaken_call_is_named_because_it_may_be_billed(ask: CacheRequest) -> None:
    overtaken = await ask(chain(slow("groq"), Scripted("openai"), hedge=AT_ONCE))
    failed = await ask(chain(Scripted("groq", DOWN), Scripted("openai"), hedge=AT_ONCE))

    assert overtaken is not None
    assert failed is not None
    assert (overtaken.also_asked, failed.also_asked) == ((("groq", "m"),), ())
