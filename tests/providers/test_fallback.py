"""A first choice of provider, and others when it fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import TypeAlias

import pytest

from scripts.devtools.http.replies import answer, failure
from scripts.devtools.http.upstream import Upstream
from sentinel_core.chat.messages import ChatRequest, Chunk, Completion
from sentinel_core.chat.reach import Reach
from sentinel_core.chat.streaming import Collector
from sentinel_core.errors import (
    ProviderError,
    ProviderKeyError,
    ProviderProtocolError,
    ProviderRateLimitedError,
    ProviderRejectedError,
    ProviderTimeoutError,
    ProviderUnavailableError,
)
from sentinel_core.providers.catalogue import KNOWN
from sentinel_core.providers.fallback import Chain, Link, share
from sentinel_core.providers.guarded import Guarded
from sentinel_core.providers.hedging import most_telling
from sentinel_core.providers.openai_compatible import OpenAICompatible
from sentinel_core.providers.retries import Retries
from sentinel_core.support.http import LeanTransport
from tests.providers.fakes import Asked, Scripted, texts
from tests.support.fakes import FakeClock

pytestmark = pytest.mark.anyio

REQUEST = ChatRequest(provider="groq", model="m", messages=({"role": "user", "content": "Hi"},))
DOWN = ProviderUnavailableError("down", provider="groq")
LATE = ProviderTimeoutError("late", provider="groq")
LIMITED = ProviderRateLimitedError("slow down", provider="groq")
KEY = ProviderKeyError("key", provider="groq")
LIMITED_UNTIL = ProviderRateLimitedError("slow down", provider="groq", retry_after=7.0)

CacheRequest: TypeAlias = Callable[[Chain], Awaitable[Completion | None]]


async def plain(chain: Chain) -> Completion | None:
    return await chain.complete(REQUEST, timeout=28.0)


async def streamed(chain: Chain) -> Completion | None:
    collector = Collector(provider=chain.name, model="m")
    async with aclosing(chain.stream(REQUEST, timeout=28.0)) as chunks:
        async for chunk in chunks:
            collector.add(chunk)
    return collector.completion()


both = pytest.mark.parametrize("ask", [plain, streamed])


@both
async def test_the_first_link_answers_if_it_can(ask: CacheRequest) -> None:
    groq, openai = Scripted("groq"), Scripted("openai")
    completion = await ask(Chain([Link(groq), Link(openai)], clock=FakeClock()))

    assert completion is not None
    assert (completion.provider, completion.model, completion.text) == ("groq", "m", "groq says hello")
    assert openai.asked == []


@both
@pytest.mark.parametrize("error", [DOWN, LATE, LIMITED])
async def test_the_next_link_answers_for_one_that_fails(ask: CacheRequest, error: ProviderError) -> None:
    openai = Scripted("openai")
    completion = await ask(Chain([Link(Scripted("groq", error)), Link(openai, "gpt-4.1-mini")], clock=FakeClock()))

    assert completion is not None
    assert (completion.provider, completion.model, completion.text) == (
        "openai",
        "gpt-4.1-mini",
        "openai says hello",
    )


@both
@pytest.mark.parametrize(
    "error",
    [
        KEY,
        ProviderProtocolError("rubbish", provider="groq"),
        ProviderRejectedError("no such model", provider="groq", status=404),
    ],
)
async def test_an_error_that_others_would_have_too_ends_the_chain(ask: CacheRequest, error: ProviderError) -> None:
    openai = Scripted("openai")
    with pytest.raises(type(error)) as caught:
        await ask(Chain([Link(Scripted("groq", error)), Link(openai)], clock=FakeClock()))

    assert caught.value is error
    assert openai.asked == []


@both
async def test_when_all_fail_the_most_telling_error_is_raised(ask: CacheRequest) -> None:
    links = [Link(Scripted(name, error)) for name, error in [("a", DOWN), ("b", LIMITED_UNTIL), ("c", LATE)]]
    with pytest.raises(ProviderRateLimitedError) as caught:
        await ask(Chain(links, clock=FakeClock()))

    assert caught.value.retry_after == 7.0


@pytest.mark.parametrize(
    ("errors", "told"),
    [
        ([DOWN], DOWN),
        ([DOWN, LATE], LATE),
        ([LATE, LIMITED], LIMITED),
        ([LIMITED, LIMITED_UNTIL], LIMITED_UNTIL),
        ([LIMITED_UNTIL, DOWN, LATE], LIMITED_UNTIL),
        ([LIMITED_UNTIL, KEY], KEY),
    ],
)
def test_a_rate_limit_that_says_when_tells_most(errors: list[ProviderError], told: ProviderError) -> None:
    assert most_telling(errors) is told


@pytest.mark.parametrize(
    ("left", "others", "own"), [(28.0, 0, 28.0), (28.0, 1, 18.0), (28.0, 2, 14.0), (120.0, 2, 100.0), (0.0, 1, 0.0)]
)
def test_a_link_leaves_time_for_the_others(left: float, others: int, own: float) -> None:
    assert share(left, others=others) == own


@both
async def test_the_last_link_has_all_the_time_that_is_left(ask: CacheRequest) -> None:
    clock = FakeClock()
    groq, openai = Scripted("groq", LATE, clock=clock, takes=18.0), Scripted("openai", clock=clock)
    await ask(Chain([Link(groq), Link(openai)], clock=clock))

    first, last = (groq.asked[0], openai.asked[0])
    assert (first.patience or first.timeout, last.timeout) == (18.0, 10.0)


@both
async def test_after_the_deadline_nobody_is_asked(ask: CacheRequest) -> None:
    clock = FakeClock()
    groq, openai = Scripted("groq", DOWN, clock=clock, takes=30.0), Scripted("openai")
    with pytest.raises(ProviderUnavailableError):
        await ask(Chain([Link(groq), Link(openai)], clock=clock))

    assert openai.asked == []


async def test_a_link_that_would_refuse_the_request_is_left_out() -> None:
    request = replace(REQUEST, params={"logprobs": True})
    openai, groq, mistral = Scripted("openai", DOWN), Scripted("groq"), Scripted("mistral")
    links = [Link(openai), Link(groq, "g", KNOWN["groq"]), Link(mistral, "small", KNOWN["mistral"])]
    completion = await Chain(links, clock=FakeClock()).complete(request, timeout=28.0)

    assert (completion.provider, groq.asked) == ("mistral", [])


async def test_a_stream_that_has_begun_stays_with_its_provider() -> None:
    openai = Scripted("openai")
    chain = Chain([Link(Scripted("groq", DOWN, breaks=True)), Link(openai)], clock=FakeClock())
    received: list[Chunk] = []
    with pytest.raises(ProviderUnavailableError):
        await collect(chain, received)

    assert (len(received), openai.asked) == (1, [])


async def collect(chain: Chain, received: list[Chunk]) -> None:
    async with aclosing(chain.stream(REQUEST, timeout=28.0)) as chunks:
        async for chunk in chunks:
            received.append(chunk)


async def test_a_stream_says_in_its_first_chunk_who_answers() -> None:
    received: list[Chunk] = []
    await collect(Chain([Link(Scripted("groq", DOWN)), Link(Scripted("openai"))], clock=FakeClock()), received)

    assert [chunk.get("x_sentinel") for chunk in received] == [
        {"provider": "openai", "model": "m"},
        None,
        None,
    ]
    assert texts(received) == "openai says hello"


async def test_a_caller_of_little_patience_keeps_it() -> None:
    groq = Scripted("groq")
    _ = [chunk async for chunk in Chain([Link(groq)], clock=FakeClock()).stream(REQUEST, timeout=28.0, patience=3.0)]

    assert groq.asked == [Asked("m", 28.0, 3.0)]


async def test_closing_a_chain_closes_its_links() -> None:
    groq, openai = Scripted("groq"), Scripted("openai")
    await Chain([Link(groq), Link(openai)]).aclose()

    assert (groq.closed, openai.closed) == (1, 1)


@both
async def test_over_real_sockets_a_provider_that_is_down_is_stood_in_for(ask: CacheRequest, upstream: Upstream) -> None:
    upstream.default = failure(503)
    with Upstream.running(answer("From the other.", model="gpt-4.1-mini-2025-04-14")) as other:
        quick = Retries(attempts=1)
        groq = OpenAICompatible(
            replace(KNOWN["groq"], base_url=upstream.url), key="k", transport=LeanTransport(), retries=quick
        )
        openai = OpenAICompatible(
            replace(KNOWN["openai"], base_url=other.url), key="k", transport=LeanTransport(), retries=quick
        )
        chain = Chain([Link(Guarded(groq)), Link(Guarded(openai), "gpt-4.1-mini")])
        answers = [await ask(chain) for _ in range(5)]
        await chain.aclose()

    assert {(each.provider, each.model, each.text) for each in answers if each} == {
        ("openai", "gpt-4.1-mini-2025-04-14", "From the other.")
    }
    assert len(other.calls) == 5
    assert len(upstream.calls) == 3, "the breaker opened after the third"


async def test_a_link_out_of_the_keys_reach_is_left_out() -> None:
    links = [Link(Scripted("groq", DOWN)), Link(Scripted("openai")), Link(Scripted("mistral"), "small")]
    reach = Reach(("groq", "mistral"), ("m", "mistral/small"))
    chain = Chain(links, clock=FakeClock())
    completion = await chain.complete(replace(REQUEST, reach=reach), timeout=28.0)

    assert (completion.provider, completion.fallback) == ("mistral", ("mistral", "small"))


@both
async def test_an_answer_says_whether_a_fallback_gave_it(ask: CacheRequest) -> None:
    first = await ask(Chain([Link(Scripted("groq")), Link(Scripted("openai"))], clock=FakeClock()))
    second = await ask(Chain([Link(Scripted("groq", DOWN)), Link(Scripted("openai"), "gpt")], clock=FakeClock()))

    assert first is not None
    assert second is not None
    assert (first.fallback, second.fallback) == (None, ("openai", "gpt"))
