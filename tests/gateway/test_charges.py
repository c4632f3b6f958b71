"""What is charged where no whole answer comes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace

import pytest

from sentinel_core.cache.answer import Streaming
from sentinel_core.chat.messages import ChatRequest, Chunk, Completion
from sentinel_core.chat.token_estimate import estimated
from sentinel_core.errors import BudgetSpentError, ProviderTimeoutError, ProviderUnavailableError
from sentinel_core.providers.guarded import Guarded
from sentinel_core.stores.memory_counts import MemoryCounts
from sentinel_core.tenants.limits import Limiter
from tests.support.fakes import PRICE, CountingProvider, World, chat
from tests.tenants.doors import key_of

pytestmark = pytest.mark.anyio

Build = Callable[..., World]


@dataclass
class NotedMeter:
    """A `Meter` that keeps what was charged."""

    charged: list[tuple[int, float | None]] = field(default_factory=list)

    async def admit(self) -> None: ...

    def forward(self) -> None: ...

    def charge(self, tokens: int, cost_usd: float | None) -> None:
        self.charged.append((tokens, cost_usd))

    async def settle(self) -> None: ...


class Breaking(CountingProvider):
    """Streams two words, and then nothing, or an error."""

    async def stream(
        self, request: ChatRequest, *, timeout: float, patience: float | None = None
    ) -> AsyncGenerator[Chunk, None]:
        for word in ("Hello", " there"):
            yield {"choices": [{"index": 0, "delta": {"content": word}}]}
        raise ProviderUnavailableError("broke off", provider="fake")


def tokens_of(text: str) -> int:
    message = {"role": "assistant", "content": text} if text else {}
    return estimated(chat("hi"), Completion("fake", "small", message, "")).total_tokens


async def streaming(it: World, meter: NotedMeter) -> Streaming:
    found = await it.gateway.stream(replace(it.ask("hi"), meter=meter))
    assert isinstance(found, Streaming)
    return found


async def test_a_stream_that_is_left_is_charged_for_what_came(world: Build) -> None:
    it, meter = world(provider=Breaking()), NotedMeter()
    arriving = await streaming(it, meter)
    async with aclosing(arriving):
        await anext(arriving.chunks)

    assert meter.charged == [(tokens_of("Hello"), PRICE)]
    assert it.events.estimates == [PRICE]


async def test_a_stream_that_breaks_off_is_charged_for_what_came(world: Build) -> None:
    it, meter = world(provider=Breaking()), NotedMeter()
    arriving = await streaming(it, meter)
    with pytest.raises(ProviderUnavailableError):
        async for _ in arriving.chunks:
            pass

    assert meter.charged == [(tokens_of("Hello there"), PRICE)]


@pytest.mark.parametrize("may_bill", [True, False])
async def test_a_timeout_is_charged_where_it_may_be_billed(world: Build, may_bill: bool) -> None:
    it, meter = world(), NotedMeter()
    for _ in range(2):
        it.provider.queue.append(ProviderTimeoutError("late", provider="fake", may_bill=may_bill))
    with pytest.raises(ProviderTimeoutError):
        await it.gateway.answer(replace(it.ask("hi"), meter=meter))
    with pytest.raises(ProviderTimeoutError):
        await it.gateway.stream(replace(it.ask("hi"), meter=meter))

    assert meter.charged == [(tokens_of(""), PRICE)] * (2 if may_bill else 0)


async def test_a_caller_who_leaves_before_the_first_chunk_is_charged_for_the_prompt(world: Build) -> None:
    it, meter = world(provider=CountingProvider(gate=asyncio.Event())), NotedMeter()
    opening = asyncio.create_task(it.gateway.stream(replace(it.ask("hi"), meter=meter)))
    await it.provider.started.wait()
    opening.cancel()
    await asyncio.gather(opening, return_exceptions=True)

    assert meter.charged == [(tokens_of(""), PRICE)]


async def test_a_stream_left_while_it_waits_for_a_place_is_not_charged(world: Build) -> None:
    holding = CountingProvider(gate=asyncio.Event())
    it, meter = world(provider=Guarded(holding, limit=1)), NotedMeter()
    first = asyncio.create_task(it.gateway.stream(it.ask("one")))
    await holding.started.wait()
    waiting = asyncio.create_task(it.gateway.stream(replace(it.ask("two"), meter=meter)))
    await asyncio.sleep(0.01)
    for task in (waiting, first):
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert (meter.charged, holding.calls) == ([], 1)


async def test_callers_who_hang_up_overshoot_a_budget_by_one_request_each(world: Build) -> None:
    it, chance = world(provider=Breaking()), random.Random(7)  # noqa: S311  not for secrets
    limiter = Limiter(MemoryCounts(it.clock), clock=it.clock)
    key = key_of("acme", limits={"usd_per_day": 4 * PRICE})

    async def caller(number: int) -> None:
        with suppress(BudgetSpentError):
            for count in range(20):
                ask = replace(it.ask(f"{number} asks for the {count}th time"), meter=limiter.meter(key))
                async with aclosing(await it.gateway.stream(ask)) as arriving:  # type: ignore[type-var]
                    for _ in range(chance.randrange(3)):
                        await asyncio.sleep(0)
                        await anext(arriving.chunks)  # type: ignore[union-attr]

    await asyncio.gather(*map(caller, range(32)))

    assert 4 * PRICE <= sum(it.events.costs) <= (4 + 32) * PRICE
