"""The use case: a request becomes a decision, and the decision an answer."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Container
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial
from typing import TypeAlias, TypeVar, assert_never

from sentinel_core.cache.answer import Answer, CacheRequest, Streaming
from sentinel_core.cache.billing import Billing
from sentinel_core.cache.decided import Forwarding, NotCached, Reusing, Revalidating, in_place_of, unserved
from sentinel_core.cache.decision import arrive
from sentinel_core.cache.events import NO_EVENTS, Events
from sentinel_core.cache.fetching import Asking, Fetched, fail, fetch, late
from sentinel_core.cache.operator_rules import Rules
from sentinel_core.cache.ports import Meter
from sentinel_core.chat.messages import Chunk
from sentinel_core.chat.streaming import Collector, continued
from sentinel_core.errors import CacheError, NotCachedError, ProviderError, RequestError
from sentinel_core.gateway import histories
from sentinel_core.gateway.batch_ports import Providers, ThrottledProviders
from sentinel_core.gateway.comparison import Compared, compare
from sentinel_core.gateway.drive import Driver
from sentinel_core.gateway.eager import EagerCalls
from sentinel_core.gateway.explanation import ExaminingGate, Explanation, WideStore, explanation
from sentinel_core.gateway.lookup import Lookup
from sentinel_core.gateway.repeated import Repeated
from sentinel_core.gateway.settlement import Settlement
from sentinel_core.gateway.straight import Again, State, StraightLine
from sentinel_core.learning.learning import Learning
from sentinel_core.support.background import Background
from sentinel_core.support.clock import Clock, Timer
from sentinel_core.support.loop_turns import NO_PACE, Pace
from sentinel_core.support.off_loop import off_loop
from sentinel_core.support.single_flight import SingleFlight
from sentinel_core.telemetry.scope_varieties import ScopeVarieties

T = TypeVar("T")
Forward: TypeAlias = Callable[[Forwarding, Timer], Awaitable[T]]


class Gateway:
    """Answers requests from the cache where that is right, and from a provider where it is not."""

    def __init__(
        self,
        *,
        lookup: Lookup,
        providers: Providers,
        billing: Billing,
        rules: Rules,
        clock: Clock,
        events: Events = NO_EVENTS,
        background: Background | None = None,
        store_budget: float = math.inf,
        flights: SingleFlight[Fetched] | None = None,
        is_eager: bool = False,
        varieties: ScopeVarieties | None = None,
    ) -> None:
        """
        Build the gateway of a process, or of one batch of it, which shares the `flights`.

        Without `background` no work is done between requests, as on Lambda: a caller's `stale-while-revalidate` is
        not obeyed, and an answer waits until it is stored. `store_budget` limits the seconds one request waits for
        the store. With a background and `is_eager`, a provider is asked while the prompt is embedded; with a judge in
        mode race, while that is asked.
        """
        self._lookup = lookup
        self._providers = providers
        self._billing = billing
        self._arrive = partial(arrive, rules=rules, store_budget=store_budget, may_revalidate=background is not None)
        self._counted = partial(histories.counted, lookup, rules)
        self._turns: Container[str] = () if lookup.conversations is None else lookup.conversations.turns
        self._rules = rules
        self._clock = clock
        self._events = events
        self._background = background
        self._settlement = Settlement(lookup, billing=billing, clock=clock, events=events, background=background)
        self._flights = SingleFlight(background) if flights is None else flights
        self._eager = None
        if (is_eager or lookup.is_racing) and background is not None:
            self._eager = EagerCalls(
                self._settlement, background, clock, self._flights, events.revalidated, is_at_once=is_eager
            )
        self._driver = Driver(lookup, providers, self._settlement, clock, self._eager)
        is_free = lookup.learning is None and self._eager is None
        self._line = StraightLine(self._driver, clock, is_free=is_free)
        self.varieties = ScopeVarieties() if varieties is None else varieties

    @property
    def rules(self) -> Rules:
        """Return the operator's rules, those without a policy."""
        return self._rules

    @property
    def learning(self) -> Learning | None:
        """The learning, None without a judge."""
        return self._lookup.learning

    async def answer(self, ask: CacheRequest) -> Answer:
        """
        Answer one request before its deadline.

        Raises NotCachedError for `only-if-cached` without a stored answer, ProviderError if the provider failed and
        no stale entry may stand in, and the errors of the meter.
        """
        return await self._serve(ask, self._forward, Timer(self._clock))

    async def answer_again(self, repeated: Repeated, deadline: float, meter: Meter | None) -> Answer | Again:
        """Answer a request that comes again with the same bytes, as `answer` does; an exact hit in short."""
        known, timer = repeated.known(self._clock.now()), Timer(self._clock)
        if known is None:
            return await self._serve(repeated.asked(deadline, meter), self._forward, timer, repeated)
        self.varieties.note(known.query.namespace, repeated.sample)
        found = await self._line.answer(known, deadline, meter, timer)
        return found if isinstance(found, Again) else await self._serve(found, self._forward, timer)

    async def stream(self, ask: CacheRequest) -> Answer | Streaming:
        """
        Answer one request as it arrives; a stored answer comes whole.

        Returns when the provider's first chunk is there, and raises as `answer` does until then. Streams
        do not wait for identical requests in flight: each reader has its own pace.
        """
        return await self._serve(ask, self._open, Timer(self._clock))

    async def explain(self, ask: CacheRequest) -> Explanation:
        """Return the decision that `answer` would take now, and its reasons; no provider is asked."""
        wide, timer = WideStore(self._lookup.store), Timer(self._clock)
        gate = self._lookup.gate
        learning = None if self._lookup.learning is None else self._lookup.learning.quiet()
        examining = ExaminingGate(gate.rules, gate.max_wrong)
        lookup = self._lookup.without_memory()
        lookup = replace(lookup, store=wide, gate=examining, judged_on_loop=0, learning=learning)
        driver = Driver(lookup, self._providers, self._settlement, self._clock)
        now = self._clock.now()
        arrived = await off_loop(lambda: self._arrive(self._counted(ask, now), now=now), is_large=ask.request.is_large)
        decided = await driver.drive(arrived, timer)
        return await explanation(decided, lookup, wide, self._clock.now(), timer)

    async def compare(self, asked: str, stored: str) -> Compared:
        """Return what similarity and gate say of two prompts; nothing is looked up or stored."""
        gate, threshold = self._lookup.gate, self._rules.threshold
        examining = ExaminingGate(gate.rules, gate.max_wrong)
        return await compare(self._lookup, examining, asked, stored, threshold=threshold, timer=Timer(self._clock))

    def for_batch(self, *, concurrency: int, pace: Pace = NO_PACE) -> Gateway:
        """
        Return the gateway of a single batch: it embeds and looks up together, and limits its calls to providers.

        What it gets for all is passed on at a `pace`. It joins this gateway's calls in flight, and the other way round.
        """
        return Gateway(
            lookup=self._lookup.for_batch(pace),
            providers=ThrottledProviders(self._providers, concurrency, self._clock),
            billing=self._billing,
            rules=self._rules,
            clock=self._clock,
            events=self._events,
            background=self._background,
            flights=self._flights,
            varieties=self.varieties,
        )

    async def _serve(  # noqa: C901  one case a decision
        self, asked: CacheRequest | State, forward: Forward[T], timer: Timer, again: Repeated | None = None
    ) -> Answer | T:
        if isinstance(asked, CacheRequest):  # a large one is hashed outside the event loop
            now, has_turns = self._clock.now(), asked.namespace in self._turns
            is_stream = forward != self._forward  # it takes no lease: each reader has its own pace
            arrive = partial(self._arrive, now=now, takes_lease=not is_stream)
            arrived, sampled = await off_loop(
                lambda: self.varieties.sampled(arrive(self._counted(asked, now) if has_turns else asked)),
                is_large=asked.request.is_large,
            )
            if again is not None:
                again.keep(arrived, sampled, now)
            self.varieties.note(asked.namespace, sampled)
            state: State = arrived
        else:
            state = asked
        decided = unserved(await self._driver.drive(state, timer), self._clock.now())
        if decided.trace.nearest_miss is not None:
            self._events.near_miss(decided.trace.nearest_miss)
        audited = None
        if self._lookup.learning is not None:
            self._lookup.learning.study(decided)
            audited = self._lookup.learning.audited(decided)
        match decided if audited is None else in_place_of(audited):
            case Reusing() as reusing:
                await self._give_back_lease(reusing)
                return self._reused(reusing, timer)
            case Revalidating(reusing=reusing, forwarding=forwarding):
                self._begin_revalidation(forwarding)
                return self._reused(reusing, timer)
            case NotCached():
                raise NotCachedError("no stored answer, and only-if-cached was asked", code="not_cached")
            case Forwarding() as forwarding:
                try:
                    forwarding.plan.ask.enter_budget()
                    return await forward(forwarding, timer)
                except ProviderError:
                    if audited is not None:
                        return audited.answer(timer.stages)
                    if (stale := await self._stand_in(forwarding, timer)) is None:
                        raise
                    return stale
                finally:
                    if self._eager is not None:
                        self._eager.leave(forwarding.plan, forwarding.trace)
            case never:
                assert_never(never)

    def _reused(self, reusing: Reusing, timer: Timer) -> Answer:
        histories.note(self._lookup, reusing)
        return reusing.answer(timer.stages)

    async def _give_back_lease(self, reusing: Reusing) -> None:
        """End the lease that a semantic hit needs no more, with the next round trip."""
        if reusing.plan.leased is not None and reusing.trace.vector is not None:
            with suppress(CacheError):
                await self._lookup.store.release(reusing.plan.leased, soon=True)

    async def _stand_in(self, forwarding: Forwarding, timer: Timer) -> Answer | None:
        """Return the stale answer that stands in for a failed provider, if there is one."""
        ended = await self._driver.drive(fail(forwarding, self._clock.now()), timer)
        return self._reused(ended, timer) if isinstance(ended, Reusing) else None

    def _begin_revalidation(self, forwarding: Forwarding) -> None:
        if self._background is not None:
            self._background.begin(self._revalidate(forwarding))

    async def _revalidate(self, forwarding: Forwarding) -> None:
        """Replace the entry that was served stale; a failing provider or a spent budget leaves it as it is."""
        with suppress(ProviderError, RequestError):
            forwarding.plan.ask.enter_budget()
            answer = await self._forward(forwarding, Timer(self._clock))
            if not answer.collapsed:
                self._events.revalidated(answer)

    async def _forward(self, forwarding: Forwarding, timer: Timer) -> Answer:
        """Ask the provider, or share the call of an identical request; each caller has its own deadline."""
        plan, first = forwarding.plan, fetch(forwarding)
        left = plan.ask.seconds_left(self._clock.monotonic())
        if left == 0:
            raise late(plan, may_bill=False)
        with timer.stage("provider"):
            if plan.query is None:
                call, is_shared = await self._driver.drive(first, timer), False
            else:
                try:
                    async with asyncio.timeout(left):
                        call, is_shared = await self._flights.join(
                            plan.flight, lambda: self._driver.drive(first, timer)
                        )
                except TimeoutError as error:
                    raise late(plan, may_bill=True) from error
        if self._lookup.learning is not None:
            self._lookup.learning.pace.note_answer(timer.seconds("provider"))
        return call.answer(forwarding, timer.stages, is_shared=is_shared)

    async def _open(self, forwarding: Forwarding, timer: Timer) -> Streaming:
        ask = forwarding.plan.ask
        left = ask.seconds_left(self._clock.monotonic())
        arriving = self._providers[ask.request.provider].stream(ask.request, timeout=left)
        with timer.stage("provider"):
            try:
                first = await anext(arriving)
            except BaseException as error:
                has_left = not isinstance(error, ProviderError) and not ask.request.progress.is_waiting
                if has_left or (isinstance(error, ProviderError) and error.may_bill):
                    self._settlement.charge_unanswered(ask)
                raise
        streaming = Streaming(forwarding.outcome, arriving, arriving)
        streaming.chunks = self._pass_on(forwarding, timer, streaming, continued(first, arriving))
        return streaming

    async def _pass_on(
        self, forwarding: Forwarding, timer: Timer, streaming: Streaming, arriving: AsyncGenerator[Chunk, None]
    ) -> AsyncGenerator[Chunk, None]:
        """Yield each chunk and collect it; if the reader leaves, this is closed and no entry is stored."""
        request = forwarding.plan.ask.request
        collector = Collector(provider=request.provider, model=request.model, most=self._rules.max_answer_bytes)
        try:
            async with aclosing(arriving):
                async for chunk in arriving:
                    collector.add(chunk)
                    yield chunk
        except BaseException:
            self._settlement.charge(forwarding.plan.ask, collector.completion())
            raise
        call = await self._settlement.settle(Asking(forwarding), collector.completion(), timer)
        streaming.answer = call.answer(forwarding, timer.stages)
