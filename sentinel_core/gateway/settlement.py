"""Prices an answer that a provider gave, charges for it, and keeps it if it may be kept."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from sentinel_core.cache import policy
from sentinel_core.cache.answer import NO_USAGE, CacheRequest
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.events import Events
from sentinel_core.cache.outcome import Bypass, BypassReason, MissDetail
from sentinel_core.cache.policy import Rules, Unstorable
from sentinel_core.cache.ports import Store
from sentinel_core.cache.scope import Query
from sentinel_core.chat.messages import Completion, Usage
from sentinel_core.errors import CacheError
from sentinel_core.gateway.lookup import Forward, Lookup
from sentinel_core.gateway.provider_call import Call
from sentinel_core.support.background import Background
from sentinel_core.support.clock import Clock

Price: TypeAlias = Callable[[str, str, Usage | None], float | None]
"""Provider, model and usage to dollars; None where the price is not known."""


class Settlement:
    """Prices, charges and stores fetched answers; where there is a `background`, a slow store is left to it."""

    def __init__(
        self,
        *,
        lookup: Lookup,
        store: Store,
        price: Price,
        rules: Rules,
        clock: Clock,
        events: Events,
        background: Background | None,
    ) -> None:
        self._lookup = lookup
        self._store = store
        self._price = price
        self._rules = rules
        self._now = clock.now
        self._events = events
        self._background = background

    async def settle(self, ask: CacheRequest, forward: Forward, completion: Completion, *, patience: float) -> Call:
        """Wait at most `patience` seconds for the store; after them the rest is done in the background."""
        cost = self._price(completion.provider, completion.model, completion.usage)
        if ask.meter is not None:
            ask.meter.charge((completion.usage or NO_USAGE).total_tokens, cost)
        self._events.cost(cost or 0.0)
        keeping = self._keep_and_count(ask, forward, completion, cost)
        if self._background is None or patience == math.inf:
            return Call(completion, cost, await keeping)
        task = self._background.begin(keeping)
        if task is None:
            return Call(completion, cost, Unstorable.STORE_SLOW)
        await asyncio.wait({task}, timeout=max(0.0, patience))
        return Call(completion, cost, task.result() if task.done() else Unstorable.STORE_SLOW)

    async def _keep_and_count(
        self, ask: CacheRequest, forward: Forward, completion: Completion, cost: float | None
    ) -> Unstorable | None:
        unstorable = await self._keep(ask, forward, completion, cost)
        if ask.meter is not None:
            await ask.meter.settle()
        return unstorable

    async def _keep(
        self, ask: CacheRequest, forward: Forward, completion: Completion, cost: float | None
    ) -> Unstorable | None:
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
            created=self._now(),
            ttl=policy.time_to_live(ask.controls, self._rules),
            cost_usd=cost,
            tags=ask.controls.tags,
            author=ask.author,
            is_personal=ask.request.user is not None,
        )
        return await self._save(ask, forward, forward.query, entry)

    async def _save(self, ask: CacheRequest, forward: Forward, query: Query, entry: Entry) -> Unstorable | None:
        vector = forward.vector
        if vector is None and policy.is_comparable(ask.request):
            computed = await self._lookup.embed(entry.prompt)
            vector = None if isinstance(computed, MissDetail) else computed
        try:
            await self._store.save(query, entry, vector)
        except CacheError:
            return Unstorable.STORE_UNAVAILABLE
        return None
