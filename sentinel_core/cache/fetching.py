"""
The decision goes on where no entry answers: wait, ask, store, or let a stale entry stand in.

    state       needs                                    goes to
    Waiting     the entry of another instance            Fetched or Asking
    Asking      the provider's answer and its price      Settling
    Settling    that the answer is stored and charged    Fetched
    Failing     the entry of this very prompt            Reusing or Unanswered

Forwarding leads to `fetch`, a ProviderError to `fail`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from sentinel_core.cache import freshness, storing
from sentinel_core.cache.answer import NO_USAGE, Answer
from sentinel_core.cache.billing import Bill
from sentinel_core.cache.decided import STORE_UNAVAILABLE, Forwarding, Reusing, reuse_stale, stale_entries
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.outcome import name as name_of
from sentinel_core.cache.plan import Plan, Trace, is_cut, place
from sentinel_core.cache.scope import Query
from sentinel_core.cache.standalone import refers_back
from sentinel_core.cache.storing import Unstorable
from sentinel_core.cache.tool_calls import is_compared as is_call_compared
from sentinel_core.cache.tool_calls import used
from sentinel_core.chat.messages import Completion
from sentinel_core.errors import ProviderTimeoutError


@dataclass(frozen=True, slots=True)
class Fetched:
    """
    Decided: the answer of a provider, shared by all requests that waited for it, also in other instances.

    `unstorable` is why it was not kept; None if it was, in the place of `query`. `cost_usd` is what such an answer
    costs, `bill` what this one did.
    """

    completion: Completion
    cost_usd: float | None
    unstorable: Unstorable | None
    query: Query | None = None
    from_other_instance: bool = False
    bill: Bill | None = field(default=None, compare=False)

    def answer(self, forwarding: Forwarding, timings: Mapping[str, float], *, is_shared: bool = False) -> Answer:
        """Return the answer of one caller; a caller who shares another's call pays nothing."""
        cost_usd = self.cost_usd if self.bill is None else self.bill.cost_usd
        plan, shadow = forwarding.plan, forwarding.trace.shadow
        is_shared = is_shared or self.from_other_instance
        return Answer(
            completion=self.completion,
            outcome=forwarding.outcome,
            billed=NO_USAGE if is_shared else self.completion.usage or NO_USAGE,
            cost_usd=0.0 if is_shared else cost_usd,
            estimated_usd=None if is_shared or self.bill is None else self.bill.estimated_usd,
            saved_usd=self.cost_usd if is_shared else 0.0,
            unstorable=self.unstorable,
            collapsed=is_shared,
            volatile=plan.ask.volatile,
            personal=plan.ask.personal,
            shadow=None if shadow is None else name_of(shadow.outcome),
            is_shadow_equal=None if shadow is None else shadow.entry.completion.text == self.completion.text,
            entry_id=None if self.query is None or self.unstorable is not None else self.query.entry_id,
            timings=dict(timings),
            tenant=plan.ask.tenant,
            arm=plan.ask.arm,
        )


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Decided: the provider failed, and no stale entry may stand in."""


@dataclass(frozen=True, slots=True)
class Settling:
    """
    Needs that the charge is counted, and whether `entry` is stored if there is one.

    One that `is_exact_only` is stored without a vector.
    """

    forwarding: Forwarding
    fetched: Fetched
    entry: Entry | None
    is_exact_only: bool = False

    def next(self, *, is_stored: bool) -> Fetched:
        return self.fetched if is_stored or self.entry is None else self.not_kept(Unstorable.STORE_UNAVAILABLE)

    def not_kept(self, reason: Unstorable) -> Fetched:
        """Return the answer with another reason why it is not kept, unless it has one."""
        return self.fetched if self.entry is None else replace(self.fetched, unstorable=reason)


@dataclass(frozen=True, slots=True)
class Asking:
    """
    Needs the answer of the provider, its cost in dollars (None if unknown), and whether it holds personal data.

    Where personal data is allowed, answers are not searched for it.
    """

    forwarding: Forwarding

    def next(
        self,
        completion: Completion,
        cost_usd: float | None,
        now: float,
        *,
        has_personal_data: bool = False,
        bill: Bill | None = None,
    ) -> Settling:
        reason, plan, query = self._unstorable(completion), self.forwarding.plan, self._place(completion)
        if reason is None and has_personal_data:
            reason = Unstorable.PERSONAL_DATA
        fetched = Fetched(completion, cost_usd, reason, query, bill=bill)
        if reason is not None or query is None:
            return Settling(self.forwarding, fetched, None)
        entry = Entry(
            prompt=query.prompt,
            completion=replace(completion, body=None),
            created=now,
            ttl=freshness.time_to_live(plan.ask.controls, plan.rules, used(completion, plan.ask.request)),
            cost_usd=cost_usd,
            tags=plan.ask.controls.tags,
            author=plan.ask.author,
            is_personal=plan.ask.request.user is not None,
            key=plan.ask.request.key,
        )
        is_compared = is_call_compared(completion, plan.ask.controls.read_only_tools)
        return Settling(self.forwarding, fetched, entry, is_exact_only=not is_compared)

    def without_store(self, now: float) -> Asking:
        """No store takes part in asking."""
        return self

    def _place(self, completion: Completion) -> Query | None:
        """Return where the answer is kept: under the name of who answered, never under the first choice's."""
        plan = self.forwarding.plan
        if plan.query is None or completion.fallback is None:
            return plan.query
        provider, model = completion.fallback
        request = replace(plan.ask.request, provider=provider, model=model)
        return place(replace(plan.ask, request=request), plan.rules)

    def _unstorable(self, completion: Completion) -> Unstorable | None:
        """Say why the answer is not kept; the caller's and the operator's reasons come before a broken store."""
        plan, outcome = self.forwarding.plan, self.forwarding.outcome
        if plan.query is None:
            return Unstorable.BYPASSED
        if self.forwarding.trace.shadow is not None:
            return Unstorable.SHADOW
        controls = plan.ask.controls
        reason = storing.unstorable(
            completion, plan.ask.request, controls.directives, plan.rules, controls.read_only_tools
        )
        if reason is None and is_cut(plan) and refers_back(completion.text):
            reason = Unstorable.REFERS_BACK
        if reason is None and plan.ask.volatile is not None and plan.rules.volatile_ttl == 0:
            reason = Unstorable.VOLATILE
        return Unstorable.STORE_UNAVAILABLE if reason is None and outcome == STORE_UNAVAILABLE else reason


@dataclass(frozen=True, slots=True)
class Waiting:
    """Needs the entry that another instance stores, or None."""

    forwarding: Forwarding
    query: Query

    def next(self, entry: Entry | None, now: float) -> Fetched | Asking:
        plan = self.forwarding.plan
        if (
            entry is None
            or not plan.may_repeat(entry)
            or not freshness.is_fresh(entry, self.forwarding.plan.ask.controls.directives, now)
        ):
            return Asking(self.forwarding)
        return Fetched(entry.completion, entry.cost_usd, None, self.query, from_other_instance=True)

    def without_store(self, now: float) -> Asking:
        return Asking(self.forwarding)


@dataclass(frozen=True, slots=True)
class Failing:
    """Needs the entry of this very prompt, because the provider failed and the caller's `no-cache` forbade a lookup."""

    forwarding: Forwarding
    query: Query

    def next(self, entry: Entry | None, now: float) -> Reusing | Unanswered:
        return _stand_in(self.forwarding.plan, replace(self.forwarding.trace, exact=entry), now)

    def without_store(self, now: float) -> Unanswered:
        return Unanswered()


Fetching: TypeAlias = Waiting | Asking


def fetch(forwarding: Forwarding) -> Waiting | Asking:
    """Return the state after `forwarding`: wait if another instance is asking the same, else ask."""
    query = forwarding.plan.query
    return Asking(forwarding) if query is None or forwarding.trace.is_leader else Waiting(forwarding, query)


def fail(forwarding: Forwarding, now: float) -> Failing | Reusing | Unanswered:
    """Return the state after the provider's failure: a stale entry may stand in (RFC 5861 section 4)."""
    plan = forwarding.plan
    if plan.query is not None and plan.ask.controls.directives.no_cache:
        return Failing(forwarding, plan.query)
    return _stand_in(plan, forwarding.trace, now)


def _stand_in(plan: Plan, trace: Trace, now: float) -> Reusing | Unanswered:
    for kind, candidate in stale_entries(trace):
        if freshness.may_serve_stale(candidate.entry, plan.ask.controls.directives, plan.rules, now):
            return reuse_stale(plan, trace, kind, candidate, now)
    return Unanswered()


def late(plan: Plan, *, may_bill: bool) -> ProviderTimeoutError:
    """Return the error of a request whose deadline is over; `may_bill` says that the provider was asked."""
    provider = plan.ask.request.provider
    return ProviderTimeoutError("no answer before the deadline", provider=provider, may_bill=may_bill)
