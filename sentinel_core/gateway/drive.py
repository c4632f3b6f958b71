"""The driver: gets each state of a decision the fact it needs, until the decision is taken."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from typing import TypeAlias, assert_never, overload

from sentinel_core.cache.curated import CuratedEntry
from sentinel_core.cache.decided import Decided, Forwarding, NotCached, Reusing, Revalidating
from sentinel_core.cache.decision import (
    Arrived,
    Bypassed,
    Comparing,
    Consulting,
    Judging,
    Looking,
    Searching,
    Unmatched,
)
from sentinel_core.cache.fetching import Asking, Failing, Fetched, Fetching, Unanswered, Waiting
from sentinel_core.cache.plan import CANDIDATES, Plan
from sentinel_core.cache.ports import Candidate
from sentinel_core.chat.messages import Completion
from sentinel_core.errors import CacheError, ProviderError
from sentinel_core.gateway import recalling
from sentinel_core.gateway.batch_ports import Providers
from sentinel_core.gateway.eager import EagerCalls
from sentinel_core.gateway.lease import renewing
from sentinel_core.gateway.lookup import Lookup
from sentinel_core.gateway.rewordings import Rewording
from sentinel_core.gateway.settlement import Settlement
from sentinel_core.support.clock import Clock, Timer
from sentinel_core.support.work_places import NO_WORK

Pending: TypeAlias = Looking | Fetching | Failing
End: TypeAlias = Decided | Fetched | Unanswered
_ENDS = (Reusing, Revalidating, NotCached, Forwarding, Fetched, Unanswered)  # a union made at each step costs 1 µs

WAIT_SHARE = 0.5
"""Share of the remaining deadline spent waiting for another instance."""


class Driver:
    """Performs the I/O of a decision. Raises the errors of the meter and the provider, and no CacheError."""

    def __init__(
        self,
        lookup: Lookup,
        providers: Providers,
        settlement: Settlement,
        clock: Clock,
        eager: EagerCalls | None = None,
    ) -> None:
        self._lookup = lookup
        self._providers = providers
        self._settlement = settlement
        self._eager = eager
        self._now = clock.now
        self._monotonic = clock.monotonic

    @overload
    async def drive(self, state: Looking | Decided, timer: Timer) -> Decided: ...
    @overload
    async def drive(self, state: Fetching, timer: Timer) -> Fetched: ...
    @overload
    async def drive(self, state: Failing | Unanswered, timer: Timer) -> Reusing | Unanswered: ...
    async def drive(self, state: Pending | End, timer: Timer) -> End:
        """
        Return the decision that `state` leads to; a lease is renewed from its taking until then.

        A comparison takes a place at work; raises ServiceUnavailableError if none comes before the deadline.
        """
        at: Pending | End = state
        is_paid = False
        places, work = self._lookup.work, NO_WORK
        try:
            with ExitStack() as renewals:
                while not isinstance(at, _ENDS):
                    pending = at
                    if isinstance(pending, Comparing):
                        if places is not None:
                            work = await places.enter(pending.plan.ask.seconds_left(self._monotonic()))
                        renewals.enter_context(renewing(self._lookup.store, pending.plan.leased))
                    elif isinstance(pending, Consulting):  # a judge takes seconds, and no processor
                        work.leave()
                    try:
                        at = await self.step(pending, timer)
                    except CacheError:
                        at = pending.without_store(self._now())
        finally:
            work.leave()
            if self._eager is not None and isinstance(at, Looking | Reusing | Revalidating | NotCached):
                is_paid = self._eager.leave(at.plan, at.trace)
        return replace(at, trace=replace(at.trace, is_paid=True)) if is_paid and isinstance(at, Reusing) else at

    @overload
    async def step(self, state: Arrived, timer: Timer) -> Looking | Decided: ...
    @overload
    async def step(self, state: Pending, timer: Timer) -> Pending | End: ...
    async def step(self, state: Pending, timer: Timer) -> Pending | End:  # noqa: C901  one case a state
        """Get the facts that one state needs, and return the next; raises CacheError. A new state is one case more."""
        lookup, now = self._lookup, self._now
        match state:
            case Arrived(query=query):
                with timer.stage("store"):
                    has_curated = lookup.curated is not None and lookup.curated.begin(query.namespace)
                    known = None if lookup.rewordings is None or has_curated else lookup.rewordings.get(query)
                    if known is not None:
                        entry, recalled = await recalling.load(lookup, known, state, now())
                    else:
                        entry, recalled = await lookup.store.load(query), None
                    curated = None if lookup.curated is None else await lookup.curated.find(state.plan.ask, query)
                await state.admit()
                return state.next(entry, timer.seconds("store"), now(), recalled, curated)
            case Bypassed():
                await state.plan.ask.admit()
                return state.next(now())
            case Comparing(query=query):
                has_curated = lookup.curated is not None and lookup.curated.has(query.namespace)
                known = None if lookup.rewordings is None or has_curated else lookup.rewordings.get(query)
                if known is not None and (judging := await self._searched_again(known, state, timer)) is not None:
                    return judging
                is_early = self._eager is not None and self._eager.is_at_once and not state.plan.ask.controls.no_eager
                begin = partial(self._begin_early, state.plan) if is_early else None
                vector, is_leader = await lookup.compare(state, timer, begin)
                return state.next(vector, timer.seconds("store"), now(), is_leader=is_leader)
            case Searching(query=query, vector=vector, plan=plan):
                revision = None if lookup.recall is None else lookup.recall.revision(query)
                with timer.stage("search"):
                    near = await lookup.store.nearest(query, vector, floor=plan.threshold, limit=CANDIDATES)
                    known = None if lookup.rewordings is None else lookup.rewordings.get(query)
                    if known is not None or lookup.curated is not None:
                        near = self._ranked(state, known, near)
                return state.next(near, now(), revision)
            case Judging():
                return await self._judged(state, timer)
            case Consulting():
                return await self._consulted(state, timer)
            case Unmatched(query=query, vector=vector, plan=plan):
                return state.next(await lookup.store.glimpse(query, vector, floor=plan.near_miss_floor), now())
            case Waiting(query=query, forwarding=Forwarding(plan=plan, trace=trace)):
                seconds = plan.ask.seconds_left(self._monotonic()) * WAIT_SHARE
                return state.next(await lookup.store.wait(query, timeout=seconds, stale_entry=trace.exact), now())
            case Asking():
                return await self._asked(state, timer)
            case Failing():
                return state.next(await lookup.store.load(state.query), now())
            case _:
                assert_never(state)

    def _ranked(self, state: Searching, known: Rewording | None, near: Sequence[Candidate]) -> Sequence[Candidate]:
        """Return the candidates with curated ones first, or the one that is known to match."""
        lookup, plan = self._lookup, state.plan
        shelf, floor = lookup.curated, plan.threshold
        put = [] if shelf is None else shelf.nearest(plan.ask, state.query, state.vector, floor, lookup.leads)
        if put:
            return [*put, *near]
        sure = [] if known is None else recalling.known_hit(lookup, known, state, near, self._now())
        return sure or near

    async def _judged(self, state: Judging, timer: Timer) -> Pending | End:
        """Ask the gate about a candidate, and remember the rewording of a hit; other requests run between two."""
        if state.trace.judgements:
            await asyncio.sleep(0)  # four in one piece would hold the event loop for 30 ms
        with timer.stage("search"):
            judging = await recalling.compared(self._lookup, state)
            asked = self._monotonic()
            verdict = await recalling.verdict(self._lookup, judging, self._now())
        decided = judging.next(verdict, self._monotonic() - asked, self._now())
        if isinstance(decided, Reusing) and not isinstance(decided.entry, CuratedEntry):
            recalling.remember(self._lookup, decided, self._now())
        return decided

    async def _consulted(self, state: Consulting, timer: Timer) -> Pending | End:
        """Ask the judge: alone, or in a race with the provider, which this instance leads."""
        plan, given, judging = state.plan, state.verdict, state.judging
        asked = self._monotonic()
        with timer.stage("judge"):
            consulting = self._lookup.consult(
                state.query, judging.candidate.entry, given, plan.ask, spent=judging.consulted
            )
            may_race = self._lookup.is_racing and state.trace.is_leader and not plan.ask.controls.no_eager
            if self._eager is None or not may_race:
                verdict = await consulting
            else:
                self._begin_early(plan)
                verdict = await self._eager.race(plan, consulting, given)
        return state.next(verdict, self._now(), self._monotonic() - asked)

    async def _searched_again(self, known: Rewording, state: Comparing, timer: Timer) -> Judging | None:
        with timer.stage("search"):
            return await recalling.search_again(self._lookup, known, state, timer.seconds("store"), self._now())

    def _begin_early(self, plan: Plan) -> None:
        ask, left = plan.ask, plan.ask.seconds_left(self._monotonic())
        if self._eager is not None:
            self._eager.begin(plan, lambda: self._providers[ask.request.provider].complete(ask.request, timeout=left))

    async def _asked(self, state: Asking, timer: Timer) -> Fetched:
        """
        Ask the provider, charge and store its answer, renewing the lease meanwhile.

        A failure ends the lease, so that another instance may ask.
        """
        plan, ask = state.forwarding.plan, state.forwarding.plan.ask
        with renewing(self._lookup.store, plan.leased, spent=timer.seconds("store", "embed", "search", "judge")):
            try:
                call: Awaitable[Completion] | None = None if self._eager is None else self._eager.take(plan)
                if call is None:
                    provider, left = self._providers[ask.request.provider], ask.seconds_left(self._monotonic())
                    call = provider.complete(ask.request, timeout=left)
                completion = await call
            except BaseException as error:
                if isinstance(error, ProviderError) and error.may_bill:
                    self._settlement.charge_unanswered(ask)
                if plan.leased is not None:
                    with suppress(CacheError):
                        await self._lookup.store.release(plan.leased)
                raise
            return await self._settlement.settle(state, completion, timer)
