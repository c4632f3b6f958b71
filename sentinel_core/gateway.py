"""The use case: look up, else ask the provider, else serve stale; the only room that knows this order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

from sentinel_core import policy, volatility
from sentinel_core.answer import NO_USAGE, Answer, Ask, Streaming
from sentinel_core.chat import Chunk, Completion, Usage
from sentinel_core.entry import Entry
from sentinel_core.errors import CacheError, NotCachedError, ProviderError, ProviderTimeoutError
from sentinel_core.flights import Flights
from sentinel_core.lookup import Forward, Lookup, Reuse
from sentinel_core.outcome import Bypass, BypassReason, MissDetail
from sentinel_core.policy import Rules, Unstorable
from sentinel_core.ports import Provider, Store
from sentinel_core.scope import Query, prompt_of
from sentinel_core.streaming import Collector
from sentinel_core.timing import Timer

T = TypeVar("T")

Price: TypeAlias = Callable[[str, str, Usage | None], float | None]
"""Provider, model and usage to dollars; None where the price is not known."""


WAIT_SHARE = 0.5
"""Of the time left, how much may go by waiting for another instance."""


@dataclass(frozen=True, slots=True)
class Clock:
    """`now` is Unix time, for ages; `monotonic` is for deadlines and durations. Both in seconds."""

    now: Callable[[], float]
    monotonic: Callable[[], float]


@dataclass(frozen=True, slots=True)
class _Call:
    """What one call to a provider gave, shared by all who waited for it, also in other instances."""

    completion: Completion
    cost_usd: float | None
    unstorable: Unstorable | None
    elsewhere: bool = False


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
    ) -> None:
        self._lookup = lookup
        self._store = store
        self._provider = provider
        self._price = price
        self._rules = rules
        self._clock = clock
        self._flights: Flights[_Call] = Flights()

    async def answer(self, ask: Ask) -> Answer:
        """
        Answer one request before its deadline.

        Raises NotCachedError where the caller wanted a stored answer or none, ProviderError where the
        provider failed and no stale entry may stand in, and what the meter raises.
        """
        wants_lease = not (ask.controls.directives.only_if_cached or ask.controls.directives.no_store)
        return await self._serve(ask, self._forward, self._left(ask) if wants_lease else None)

    async def stream(self, ask: Ask) -> Answer | Streaming:
        """
        Answer one request as it arrives; what the cache has is there at once, as an Answer.

        Returns when the provider's first chunk is there, and raises as `answer` does until then. Streams
        do not wait for identical requests in flight: each reader has its own pace.
        """
        return await self._serve(ask, self._open)

    async def _serve(
        self, ask: Ask, forward: Callable[[Ask, Forward, Timer], Awaitable[T]], lease_seconds: float | None = None
    ) -> Answer | T:
        timer = Timer(self._clock.monotonic)
        ask = self._tempered(ask)
        found = await self._lookup.find(ask, timer, lease_seconds=lease_seconds)
        if isinstance(found, Reuse):
            return _reuse(ask, found, timer)
        if ask.controls.directives.only_if_cached:
            raise NotCachedError("no stored answer, and only-if-cached was asked", code="not_cached")
        if ask.meter is not None:
            ask.meter.forward()
        try:
            return await forward(ask, found, timer)
        except ProviderError:
            stale = await self._lookup.stand_in(ask, found)
            if stale is None:
                raise
            return _reuse(ask, stale, timer)

    def _tempered(self, ask: Ask) -> Ask:
        """See whether the prompt's answer lasts; one that does not is asked for, and kept, as a short-lived one."""
        lifetime = self._rules.volatile_ttl
        if lifetime is None:
            return ask
        reason = volatility.reason(prompt_of(ask.request), self._clock.now())
        return ask if reason is None else replace(ask, volatile=reason, controls=ask.controls.within(lifetime))

    async def _forward(self, ask: Ask, forward: Forward, timer: Timer) -> Answer:
        with timer.stage("provider"):
            call, joined = await self._call(ask, forward)
        return _fetched(ask, call, forward, timer, joined=joined or call.elsewhere)

    async def _open(self, ask: Ask, forward: Forward, timer: Timer) -> Streaming:
        arriving = self._provider(ask.request.provider).stream(ask.request, timeout=self._left(ask))
        with timer.stage("provider"):
            first = await anext(arriving)
        streaming = Streaming(forward.outcome, arriving, arriving)
        streaming.chunks = self._pass_on(ask, forward, timer, streaming, _chain(first, arriving))
        return streaming

    async def _pass_on(
        self, ask: Ask, forward: Forward, timer: Timer, streaming: Streaming, arriving: AsyncGenerator[Chunk, None]
    ) -> AsyncGenerator[Chunk, None]:
        """Hand on each chunk while collecting it; where the reader leaves, this is closed and nothing is stored."""
        collector = Collector(provider=ask.request.provider, model=ask.request.model)
        async with aclosing(arriving):
            async for chunk in arriving:
                collector.add(chunk)
                yield chunk
        call = await self._settle(ask, forward, collector.completion())
        streaming.answer = _fetched(ask, call, forward, timer, joined=False)

    async def _call(self, ask: Ask, forward: Forward) -> tuple[_Call, bool]:
        """Ask the provider, or wait for an identical request that is asking; each waiter has its own deadline."""
        if self._left(ask) == 0:
            raise _late(ask)
        if forward.query is None:
            return await self._ask_provider(ask, forward), False
        try:
            async with asyncio.timeout(self._left(ask)):
                return await self._flights.join(_flight(ask, forward.query), lambda: self._ask_provider(ask, forward))
        except TimeoutError as error:
            raise _late(ask) from error

    def _left(self, ask: Ask) -> float:
        return max(0.0, ask.deadline - self._clock.monotonic())

    async def _ask_provider(self, ask: Ask, forward: Forward) -> _Call:
        entry = await self._from_elsewhere(ask, forward)
        if entry is not None:
            return _Call(entry.completion, entry.cost_usd, None, elsewhere=True)
        stored = False
        try:
            completion = await self._provider(ask.request.provider).complete(ask.request, timeout=self._left(ask))
            call = await self._settle(ask, forward, completion)
            stored = call.unstorable is None
            return call
        finally:
            if not stored:
                await self._release(forward)

    async def _from_elsewhere(self, ask: Ask, forward: Forward) -> Entry | None:
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

    async def _settle(self, ask: Ask, forward: Forward, completion: Completion) -> _Call:
        """Price an answer, and keep it if it may be kept."""
        cost = self._price(completion.provider, completion.model, completion.usage)
        if ask.meter is not None:
            ask.meter.charge((completion.usage or NO_USAGE).total_tokens, cost)
        unstorable = await self._keep(ask, forward, completion, cost)
        if ask.meter is not None:
            await ask.meter.settle()
        return _Call(completion, cost, unstorable)

    async def _keep(self, ask: Ask, forward: Forward, completion: Completion, cost: float | None) -> Unstorable | None:
        """Store the answer, or say why it was not."""
        if forward.query is None:
            return Unstorable.BYPASSED
        reason = policy.unstorable(completion, ask.controls.directives, self._rules)
        if reason is None and ask.volatile is not None and self._rules.volatile_ttl == 0:
            reason = Unstorable.VOLATILE
        if reason is not None:
            return reason
        if forward.outcome == Bypass(BypassReason.STORE_UNAVAILABLE):
            return Unstorable.STORE_UNAVAILABLE
        entry = Entry(
            prompt=forward.query.prompt,
            completion=replace(completion, body=None),
            created=self._clock.now(),
            ttl=policy.time_to_live(ask.controls, self._rules),
            cost_usd=cost,
            tags=ask.controls.tags,
        )
        return await self._save(ask, forward, forward.query, entry)

    async def _save(self, ask: Ask, forward: Forward, query: Query, entry: Entry) -> Unstorable | None:
        vector = forward.vector
        if vector is None and policy.is_comparable(ask.request):
            computed = await self._lookup.embed(entry.prompt)
            vector = None if isinstance(computed, MissDetail) else computed
        try:
            await self._store.save(query, entry, vector)
        except CacheError:
            return Unstorable.STORE_UNAVAILABLE
        return None


def _late(ask: Ask) -> ProviderTimeoutError:
    return ProviderTimeoutError("no answer before the deadline", provider=ask.request.provider)


async def _chain(first: Chunk, rest: AsyncGenerator[Chunk, None]) -> AsyncGenerator[Chunk, None]:
    async with aclosing(rest):
        yield first
        async for chunk in rest:
            yield chunk


def _flight(ask: Ask, query: Query) -> Hashable:
    """Requests that differ in what is to be stored do not wait for each other."""
    controls = ask.controls
    return query.scope, query.digest, controls.directives.no_store, controls.ttl, controls.tags


def _fetched(ask: Ask, call: _Call, forward: Forward, timer: Timer, *, joined: bool) -> Answer:
    return Answer(
        completion=call.completion,
        outcome=forward.outcome,
        billed=NO_USAGE if joined else call.completion.usage or NO_USAGE,
        cost_usd=0.0 if joined else call.cost_usd,
        saved_usd=call.cost_usd if joined else 0.0,
        unstorable=call.unstorable,
        collapsed=joined,
        volatile=ask.volatile,
        timings=timer.stages,
    )


def _reuse(ask: Ask, reuse: Reuse, timer: Timer) -> Answer:
    return Answer(
        completion=reuse.entry.completion,
        outcome=reuse.outcome,
        billed=NO_USAGE,
        cost_usd=0.0,
        saved_usd=reuse.entry.cost_usd,
        matched_prompt=reuse.entry.prompt,
        volatile=ask.volatile,
        timings=timer.stages,
    )
