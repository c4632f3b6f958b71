"""What is charged where no whole answer comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace

import pytest

from sentinel_core.cache.answer import Streaming
from sentinel_core.chat.messages import ChatRequest, Chunk, Completion
from sentinel_core.chat.token_estimate import estimated
from sentinel_core.errors import ProviderTimeoutError, ProviderUnavailableError
from tests.support.fakes import PRICE, CountingProvider, World, chat

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
