"""One call to a provider, and the answers that are made of it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from sentinel_core.cache.answer import NO_USAGE, Answer, CacheRequest
from sentinel_core.cache.policy import Unstorable
from sentinel_core.cache.scope import Query
from sentinel_core.chat.messages import Completion
from sentinel_core.gateway.lookup import Forward, Reuse
from sentinel_core.support.clock import Timer


@dataclass(frozen=True, slots=True)
class Call:
    """What one call to a provider gave, shared by all who waited for it, also in other instances."""

    completion: Completion
    cost_usd: float | None
    unstorable: Unstorable | None
    elsewhere: bool = False


def flight(ask: CacheRequest, query: Query) -> Hashable:
    """Requests that differ in what is to be stored, or how fast they are to be answered, do not wait for each other."""
    controls, tier = ask.controls, ask.request.hints.get("service_tier")
    return query.scope, query.digest, controls.directives.no_store, controls.ttl, controls.tags, tier


def fetched(ask: CacheRequest, call: Call, forward: Forward, timer: Timer, *, joined: bool) -> Answer:
    return Answer(
        completion=call.completion,
        outcome=forward.outcome,
        billed=NO_USAGE if joined else call.completion.usage or NO_USAGE,
        cost_usd=0.0 if joined else call.cost_usd,
        saved_usd=call.cost_usd if joined else 0.0,
        unstorable=call.unstorable,
        collapsed=joined,
        volatile=ask.volatile,
        personal=ask.personal,
        entry_id=None if forward.query is None or call.unstorable is not None else forward.query.entry_id,
        timings=timer.stages,
    )


def reused(ask: CacheRequest, reuse: Reuse, timer: Timer) -> Answer:
    return Answer(
        completion=reuse.entry.completion,
        outcome=reuse.outcome,
        billed=NO_USAGE,
        cost_usd=0.0,
        saved_usd=reuse.entry.cost_usd,
        matched_prompt=reuse.entry.prompt,
        volatile=ask.volatile,
        personal=ask.personal,
        entry_id=reuse.entry_id,
        timings=timer.stages,
    )
