"""The use case: look up, else ask the provider, else serve stale; the only room that knows this order."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import TypeVar

from sentinel_core.cache import policy
from sentinel_core.cache.answer import Answer, CacheRequest, Streaming
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.events import NO_EVENTS, Events
from sentinel_core.cache.policy import Rules, Unstorable
from sentinel_core.cache.ports import Provider, Store
from sentinel_core.cache.volatility import tempered
from sentinel_core.chat.messages import Chunk
from sentinel_core.chat.streaming import Collector
from sentinel_core.errors import CacheError, NotCachedError, ProviderError, ProviderTimeoutError, RequestError
from sentinel_core.gateway.batching import BatchStore, ThrottledProvider
from sentinel_core.gateway.explanation import Explanation
from sentinel_core.gateway.lookup import Forward, Lookup, Reuse
from sentinel_core.gateway.provider_call import Call, fetched, flight, reused
from sentinel_core.gateway.settlement import Price, Settlement
from sentinel_core.support.background import Background
from sentinel_core.support.clock import Clock, Timer
from sentinel_core.support.single_flight import SingleFlight

T = TypeVar("T")

WAIT_SHARE = 0.5
"""Of the time left, how much may go by waiting for another instance."""


class Gateway:
    """Answers requests from the cache where that is right, and from a provider where it is not."""

    def __init__(
        self,
        *,
        lookup: Lookup,
        store: Store,
        provider: Callable[[str], Provider],
        price: Price,
        rules: Rules,
        clock: Clock,
        events: Events = NO_EVENTS,
        background: Background | None = None,
        patience: float = math.inf,
    ) -> None:
        """
        Without `background` nothing runs between requests, as on Lambda: then a caller's
        `stale-while-revalidate` is not obeyed, and an answer waits until it is stored.

        `patience` is for how many seconds in all a request may wait for the store.
        """
        self._lookup = lookup
        self._store = store
        self._provider = provider
        self._price = price
        self._rules = rules
        self._clock = clock
        self._events = events
        self._background = background
        self._patience = patience
        self._keeper = Settlement(
            lookup=lookup, store=store, price=price, rules=rules, clock=clock, events=events, background=background
        )
        self._flights: SingleFlight[Call] = SingleFlight(background)

    async def answer(self, ask: CacheRequest) -> Answer:
        """
        Answer one request before its deadline.

        Raises NotCachedError where the caller wanted a stored answer or none, ProviderError where the
        provider failed and no stale entry may stand in, and what the meter raises.
        """
        wants_lease = not (ask.controls.directives.only_if_cached or ask.controls.directives.no_store)
        return await self._serve(ask, self._forward, self._left(ask) if wants_lease else None)

    async def stream(self, ask: CacheRequest) -> Answer | Streaming:
        """
        Answer one request as it arrives; what the cache has is there at once, as an Answer.

        Returns when the provider's first chunk is there, and raises as `answer` does until then. Streams
        do not wait for identical requests in flight: each reader has its own pace.
        """
        return await self._serve(ask, self._open)

    async def explain(self, ask: CacheRequest) -> Explanation:
        """Say what would become of this request, without asking a provider."""
        ask = tempered(ask, self._rules, self._clock.now())
        return await self._lookup.explain(ask, Timer(self._clock))

    def together(self, *, concurrency: int) -> Gateway:
        """
        Return one like this for a single batch: it embeds and looks up together, and asks providers in turn.

        It joins the calls in flight of this one, and the other way round.
        """
        store, places = BatchStore(self._store), asyncio.Semaphore(concurrency)
        batch = Gateway(
            lookup=self._lookup.together(store),
            store=store,
            provider=lambda name: ThrottledProvider(self._provider(name), places, self._clock),
            price=self._price,
            rules=self._rules,
            clock=self._clock,
            events=self._events,
            background=self._background,
        )
        batch._flights = self._flights
        return batch

    async def _serve(
        self,
        ask: CacheRequest,
        forward: Callable[[CacheRequest, Forward, Timer], Awaitable[T]],
        lease_seconds: float | None = None,
    ) -> Answer | T:
        timer = Timer(self._clock)
        ask = tempered(ask, self._rules, self._clock.now())
        patience = math.inf if ask.controls.directives.only_if_cached else self._patience
        found = await self._lookup.find(ask, timer, lease_seconds=lease_seconds, patience=patience)
        if isinstance(found, Reuse):
            return reused(ask, found, timer)
        if found.near is not None:
            self._events.near_miss(found.near)
        if ask.controls.directives.only_if_cached:
            raise NotCachedError("no stored answer, and only-if-cached was asked", code="not_cached")
        if self._background is not None and found.revalidate is not None:
            self._background.begin(self._revalidate(ask, found))
            return reused(ask, found.revalidate, timer)
        if ask.meter is not None:
            ask.meter.forward()
        try:
            return await forward(ask, found, timer)
        except ProviderError:
            stale = await self._lookup.stand_in(ask, found)
            if stale is None:
                raise
            return reused(ask, stale, timer)

    async def _revalidate(self, ask: CacheRequest, forward: Forward) -> None:
        """Replace the entry that was served stale; a failing provider or a spent budget leaves it as it is."""
        timer = Timer(self._clock)
        with suppress(ProviderError, RequestError):
            if ask.meter is not None:
                ask.meter.forward()
            answer = await self._forward(ask, forward, timer)
            if not answer.collapsed:
                self._events.revalidated(answer)

    async def _forward(self, ask: CacheRequest, forward: Forward, timer: Timer) -> Answer:
        with timer.stage("provider"):
            call, joined = await self._call(ask, forward, timer)
        return fetched(ask, call, forward, timer, joined=joined or call.elsewhere)

    async def _open(self, ask: CacheRequest, forward: Forward, timer: Timer) -> Streaming:
        arriving = self._provider(ask.request.provider).stream(ask.request, timeout=self._left(ask))
        with timer.stage("provider"):
            first = await anext(arriving)
        streaming = Streaming(forward.outcome, arriving, arriving)
        streaming.chunks = self._pass_on(ask, forward, timer, streaming, _chain(first, arriving))
        return streaming

    async def _pass_on(
        self,
        ask: CacheRequest,
        forward: Forward,
        timer: Timer,
        streaming: Streaming,
        arriving: AsyncGenerator[Chunk, None],
    ) -> AsyncGenerator[Chunk, None]:
        """Hand on each chunk while collecting it; where the reader leaves, this is closed and nothing is stored."""
        collector = Collector(provider=ask.request.provider, model=ask.request.model)
        async with aclosing(arriving):
            async for chunk in arriving:
                collector.add(chunk)
                yield chunk
        completion = collector.completion()
        call = await self._keeper.settle(ask, forward, completion, patience=self._patience_left(timer))
        streaming.answer = fetched(ask, call, forward, timer, joined=False)

    async def _call(self, ask: CacheRequest, forward: Forward, timer: Timer) -> tuple[Call, bool]:
        """Ask the provider, or wait for an identical request that is asking; each waiter has its own deadline."""
        if self._left(ask) == 0:
            raise _late(ask, may_bill=False)
        if forward.query is None:
            return await self._ask_provider(ask, forward, timer), False
        try:
            async with asyncio.timeout(self._left(ask)):
                return await self._flights.join(
                    flight(ask, forward.query), lambda: self._ask_provider(ask, forward, timer)
                )
        except TimeoutError as error:
            raise _late(ask, may_bill=True) from error

    def _left(self, ask: CacheRequest) -> float:
        return max(0.0, ask.deadline - self._clock.monotonic())

    async def _ask_provider(self, ask: CacheRequest, forward: Forward, timer: Timer) -> Call:
        entry = await self._from_elsewhere(ask, forward)
        if entry is not None:
            return Call(entry.completion, entry.cost_usd, None, elsewhere=True)
        stored = False
        try:
            completion = await self._provider(ask.request.provider).complete(ask.request, timeout=self._left(ask))
            call = await self._keeper.settle(ask, forward, completion, patience=self._patience_left(timer))
            stored = call.unstorable in (None, Unstorable.STORE_SLOW)
            return call
        finally:
            if not stored:
                await self._release(forward)

    async def _from_elsewhere(self, ask: CacheRequest, forward: Forward) -> Entry | None:
        """Wait for the instance that is asking the same, and leave time to ask where it dies."""
        if forward.leads or forward.query is None:
            return None
        try:
            entry = await self._store.wait(forward.query, timeout=self._left(ask) * WAIT_SHARE, seen=forward.seen)
        except CacheError:
            return None
        if entry is None or not policy.is_fresh(entry, ask.controls.directives, self._clock.now()):
            return None
        return entry

    async def _release(self, forward: Forward) -> None:
        if forward.query is not None:
            with suppress(CacheError):
                await self._store.release(forward.query)

    def _patience_left(self, timer: Timer) -> float:
        """Seconds an answer may still wait for the store; without end where nothing would be done once it has left."""
        return math.inf if self._background is None else self._patience - timer.seconds("store", "search")


def _late(ask: CacheRequest, *, may_bill: bool) -> ProviderTimeoutError:
    return ProviderTimeoutError("no answer before the deadline", provider=ask.request.provider, may_bill=may_bill)


async def _chain(first: Chunk, rest: AsyncGenerator[Chunk, None]) -> AsyncGenerator[Chunk, None]:
    async with aclosing(rest):
        yield first
        async for chunk in rest:
            yield chunk
