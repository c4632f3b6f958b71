"""Prices an answer of a provider, charges its caller, and stores it if it may be kept."""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress
from functools import partial

from sentinel_core.cache import tool_calls
from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.billing import Bill, Billing
from sentinel_core.cache.events import Events
from sentinel_core.cache.fetching import Asking, Fetched, Settling
from sentinel_core.cache.outcome import MissDetail
from sentinel_core.cache.personal_data import find_aside
from sentinel_core.cache.plan import Extract
from sentinel_core.cache.storing import Unstorable
from sentinel_core.chat.messages import Completion
from sentinel_core.errors import CacheError
from sentinel_core.gateway.lookup import Lookup
from sentinel_core.support import work_places
from sentinel_core.support.background import Background
from sentinel_core.support.clock import Clock, Timer
from sentinel_core.support.off_loop import off_loop

_LONG_ANSWER = 16_384
"""Characters of an answer whose checks take 3 ms and more."""


class Settlement:
    """Charges and stores fetched answers; with a `background` no answer waits longer than its store budget."""

    def __init__(
        self, lookup: Lookup, *, billing: Billing, clock: Clock, events: Events, background: Background | None
    ) -> None:
        self._lookup = lookup
        self._billing = billing
        self._now = clock.now
        self._events = events
        self._background = background

    async def settle(self, state: Asking, completion: Completion, timer: Timer) -> Fetched:
        """Charge and store an answer; once the store budget is spent, the rest is done in the background."""
        plan, bill = state.forwarding.plan, self.charge(state.forwarding.plan.ask, completion)
        await work_places.turn()
        if self._lookup.learning is not None:
            self._lookup.learning.label(state.forwarding, completion)
        cost = self._billing.price(completion.provider, completion.model, completion.usage)
        has_personal_data = not plan.rules.store_personal_data and bool(await find_aside(completion.text))
        settling = await off_loop(
            partial(state.next, completion, cost, self._now(), has_personal_data=has_personal_data, bill=bill),
            is_large=tool_calls.answer_characters(completion) > _LONG_ANSWER,
        )
        finishing = self._finish(settling, timer)
        is_at_once = self._lookup.is_local and state.forwarding.trace.vector is not None  # a task would cost 0.1 ms
        if self._background is None or plan.store_budget == math.inf or is_at_once:
            return await finishing
        task = self._background.begin(finishing)
        if task is None:
            return settling.not_kept(Unstorable.STORE_SLOW)
        await asyncio.wait({task}, timeout=max(0.0, plan.store_budget - timer.seconds("store", "search")))
        return task.result() if task.done() else settling.not_kept(Unstorable.STORE_SLOW)

    def charge(self, ask: CacheRequest, completion: Completion) -> Bill:
        """Charge the caller for an answer, whole or broken off, by an estimate where its cost is not known."""
        bill = self._billing.bill(ask.request, completion)
        if ask.meter is not None:
            ask.meter.charge(bill.tokens, bill.charged_usd)
        self._events.cost(bill.charged_usd)
        if bill.estimated_usd:
            self._events.estimated(bill.estimated_usd, ask.tenant)
        return bill

    def charge_unanswered(self, ask: CacheRequest) -> None:
        """Charge the caller for a call that may be billed though no answer came."""
        self.charge(ask, Completion(ask.request.provider, ask.request.model, {}, ""))

    async def _finish(self, state: Settling, timer: Timer) -> Fetched:
        """Store the entry, which ends the lease, or end the lease without one; then wait for the charge."""
        plan, vector = state.forwarding.plan, state.forwarding.trace.vector
        query, is_stored = state.fetched.query, False
        with suppress(CacheError):
            if query is not None and state.entry is not None:
                if state.is_exact_only:
                    vector = None
                elif vector is None and plan.not_comparable is None:  # no-cache forbade a lookup
                    computed = await self._lookup.embed(query.prompt, timer)
                    found = computed.vector if isinstance(computed, Extract) else computed
                    vector = None if isinstance(found, MissDetail) else found
                await self._lookup.store.save(query, state.entry, vector)
                is_stored = True
        if plan.leased is not None and not (is_stored and query == plan.leased):
            with suppress(CacheError):
                await self._lookup.store.release(plan.leased)
        if plan.ask.meter is not None:
            await plan.ask.meter.settle()
        return state.next(is_stored=is_stored)
