"""
The decision about one request as pure states: lookup, gate, stale, forward, store.

Each state holds the facts so far and needs one more. `next(fact, now)` returns the state after it, `without_store(now)`
the state after a CacheError. A driver gets the facts (gateway/drive.py); every driver takes the same decisions.

    state        needs                                  goes to
    Bypassed     admission                              a decision
    Arrived      the entry of this very prompt          Reusing, Comparing or a decision
    Comparing    vector and lease                       Searching or a decision
    Searching    candidates, nearest first              Judging or Unmatched
    Judging      the gate's verdict on one candidate    Reusing, Judging, Unmatched or a decision
    Unmatched    the nearest below the threshold        a decision
    decisions:   Reusing, Revalidating, NotCached, Forwarding (cache/fetching.py goes on from it)

Where a new state goes:
    a remembered rewording: `Arrived.next` returns it instead of Comparing; its fact is an entry or None, as Arrived's;
    a judge's verdict: `Judging.next` returns it instead of Reusing; its fact is a second Verdict;
    curated entries: they come with Arrived's fact (one round trip) and are tried in `Arrived.next` before Comparing;
    shadow mode: no state; a second driver runs a second Plan up to its decision, and the two traces are compared.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from sentinel_core.cache import policy
from sentinel_core.cache.answer import NO_USAGE, Answer, CacheRequest
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.near_miss import NearMiss
from sentinel_core.cache.outcome import Bypass, BypassReason, Hit, HitKind, Miss, MissDetail, Outcome, Stale
from sentinel_core.cache.plan import CANDIDATES, JUDGE_SECONDS, NO_FACTS, Plan, Trace
from sentinel_core.cache.policy import Rules
from sentinel_core.cache.ports import Candidate, Vector
from sentinel_core.cache.scope import Query, digest, entry_id, split
from sentinel_core.cache.verdict import Verdict
from sentinel_core.cache.volatility import tempered

STORE_UNAVAILABLE = Bypass(BypassReason.STORE_UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class State:
    """One point of a decision."""

    plan: Plan
    trace: Trace


@dataclass(frozen=True, slots=True)
class Reusing(State):
    """Decided: `entry` answers; `entry_id` is its name in the namespace."""

    outcome: Hit | Stale
    entry: Entry
    entry_id: str

    def answer(self, timings: Mapping[str, float]) -> Answer:
        """Return the stored answer."""
        return Answer(
            completion=self.entry.completion,
            outcome=self.outcome,
            billed=NO_USAGE,
            cost_usd=0.0,
            saved_usd=self.entry.cost_usd,
            matched_prompt=self.entry.prompt,
            volatile=self.plan.ask.volatile,
            personal=self.plan.ask.personal,
            entry_id=self.entry_id,
            timings=dict(timings),
        )


@dataclass(frozen=True, slots=True)
class NotCached(State):
    """Decided: no entry answers, and the caller said `only-if-cached`."""

    outcome: Miss | Bypass


@dataclass(frozen=True, slots=True)
class Forwarding(State):
    """Decided: no entry answers, so a provider is asked."""

    outcome: Miss | Bypass


@dataclass(frozen=True, slots=True)
class Revalidating(State):
    """Decided: a stale entry answers at once (RFC 5861 section 3), and `forwarding` replaces it afterwards."""

    reusing: Reusing
    forwarding: Forwarding

    @property
    def outcome(self) -> Outcome:
        return self.reusing.outcome


Decided: TypeAlias = Reusing | Revalidating | NotCached | Forwarding


@dataclass(frozen=True, slots=True)
class Bypassed(State):
    """The cache is left out; needs admission only."""

    outcome: Bypass

    def next(self, now: float) -> Decided:
        return _without_entry(self.plan, self.trace, self.outcome, now)

    def without_store(self, now: float) -> Decided:
        return self.next(now)


@dataclass(frozen=True, slots=True)
class Arrived(State):
    """Needs the entry of this very prompt, or None, and the seconds the store took."""

    query: Query

    def next(self, entry: Entry | None, waited: float, now: float) -> Reusing | Comparing | Decided:
        plan, trace = self.plan, self.trace if entry is None else Trace(exact=entry)
        if entry is not None and policy.is_fresh(entry, plan.ask.controls.directives, now):
            return Reusing(plan, trace, Hit(HitKind.EXACT, 1.0, entry.age(now)), entry, self.query.entry_id)
        if not policy.is_comparable(plan.ask.request):
            return _not_compared(plan, trace, MissDetail.NOT_TEXT, now)
        if not policy.is_in_time(waited, 1, 2, plan.store_budget):
            return _not_compared(plan, trace, MissDetail.STORE_SLOW, now)
        return Comparing(plan, trace, self.query)

    def without_store(self, now: float) -> Bypassed:
        return Bypassed(self.plan, self.trace, STORE_UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class _Comparison(State):
    """A state between the exact lookup and the decision."""

    query: Query

    def without_store(self, now: float) -> Decided:
        return _without_entry(self.plan, replace(self.trace, is_leader=True), STORE_UNAVAILABLE, now)


@dataclass(frozen=True, slots=True)
class Comparing(_Comparison):
    """Needs the prompt's vector, or the reason why there is none, whether this instance leads, and store seconds."""

    def next(
        self, vector: Vector | MissDetail, waited: float, now: float, *, is_leader: bool = True
    ) -> Searching | Decided:
        plan, trace = self.plan, replace(self.trace, is_leader=is_leader)
        if isinstance(vector, MissDetail):
            return _not_compared(plan, trace, vector, now)
        trace = replace(trace, vector=vector)
        if not policy.is_in_time(waited, 2, 1, plan.store_budget):
            return _not_compared(plan, trace, MissDetail.STORE_SLOW, now)
        return Searching(plan, trace, self.query, vector)


@dataclass(frozen=True, slots=True)
class Searching(_Comparison):
    """Needs up to `CANDIDATES` entries with `similarity >= plan.threshold`, in any order."""

    vector: Vector

    def next(self, candidates: Sequence[Candidate], now: float) -> Judging | Unmatched | Decided:
        threshold = self.plan.threshold
        near = [candidate for candidate in candidates if candidate.similarity >= threshold]
        near.sort(key=lambda candidate: -candidate.similarity)
        return _judge(self, self.vector, near[:CANDIDATES], now)


@dataclass(frozen=True, slots=True)
class Judging(_Comparison):
    """Needs the gate's verdict on `candidate`, nearest first; `spent` are the seconds so far."""

    vector: Vector
    candidate: Candidate
    others: Sequence[Candidate]
    spent: float = 0.0

    def next(self, verdict: Verdict, took: float, now: float) -> Reusing | Judging | Unmatched | Decided:
        entry, similarity = self.candidate.entry, self.candidate.similarity
        trace = replace(self.trace, judgements=(*self.trace.judgements, (self.candidate, verdict)))
        if verdict.passed and policy.is_fresh(entry, self.plan.ask.controls.directives, now):
            hit = Hit(HitKind.SEMANTIC, similarity, entry.age(now))
            return Reusing(self.plan, trace, hit, entry, _id_of(self.plan, entry))
        spent = self.spent + took
        others = self.others if spent < JUDGE_SECONDS else ()
        return _judge(replace(self, trace=trace), self.vector, others, now, spent)


@dataclass(frozen=True, slots=True)
class Unmatched(_Comparison):
    """Needs digest and similarity of the nearest entry down to `plan.near_miss_floor`, or None."""

    vector: Vector

    def next(self, below: tuple[str, float] | None, now: float) -> Decided:
        plan, trace = self.plan, self.trace
        if below is not None:
            trace = replace(trace, nearest_miss=NearMiss(now, self.query, *below, plan.threshold, None))
        return _without_entry(plan, trace, _miss(trace), now)


Looking: TypeAlias = Bypassed | Arrived | Comparing | Searching | Judging | Unmatched


def arrive(
    ask: CacheRequest,
    *,
    rules: Rules,
    now: float,
    store_budget: float,
    takes_lease: bool = False,
    may_revalidate: bool = False,
) -> Arrived | Bypassed:
    """Return the first state of a request; a caller who wants a stored answer or none waits for a slow store."""
    ask = tempered(ask, rules, now)
    directives = ask.controls.directives
    reason = ask.bypass or policy.bypass_reason(ask.request, rules)
    query = None if reason is not None else split(ask.request, ask.namespace)
    budget = math.inf if directives.only_if_cached else store_budget
    leases = takes_lease and not (directives.only_if_cached or directives.no_store)
    plan = Plan(ask, rules, query, budget, leases, may_revalidate)
    if query is None or directives.no_cache:
        return Bypassed(plan, NO_FACTS, Bypass(reason or BypassReason.NO_CACHE))
    return Arrived(plan, NO_FACTS, query)


def reuse_stale(
    plan: Plan, trace: Trace, kind: HitKind, candidate: Candidate, now: float, *, revalidating: bool = False
) -> Reusing:
    """Return the decision that an entry answers which is too old to be a hit."""
    entry = candidate.entry
    outcome = Stale(kind, candidate.similarity, entry.age(now), revalidating)
    return Reusing(plan, trace, outcome, entry, _id_of(plan, entry))


def stale_entries(trace: Trace) -> Iterator[tuple[HitKind, Candidate]]:
    """Yield the entries that may answer once they are too old: the exact one first, then those the gate passed."""
    if trace.exact is not None:
        yield HitKind.EXACT, Candidate(trace.exact, 1.0)
    yield from ((HitKind.SEMANTIC, candidate) for candidate, verdict in trace.judgements if verdict.passed)


def _judge(
    state: _Comparison, vector: Vector, near: Sequence[Candidate], now: float, spent: float = 0.0
) -> Judging | Unmatched | Decided:
    """Go to the nearest candidate; after the last one to the decision."""
    plan, trace, query = state.plan, state.trace, state.query
    if near:
        return Judging(plan, trace, query, vector, near[0], near[1:], spent)
    if plan.ask.controls.directives.no_store or any(verdict.passed for _, verdict in trace.judgements):
        return _without_entry(plan, trace, _miss(trace), now)
    if not trace.judgements:
        return Unmatched(plan, trace, query, vector)
    candidate, verdict = trace.judgements[0]
    found = NearMiss(now, query, digest(candidate.prompt), candidate.similarity, plan.threshold, verdict)
    return _without_entry(plan, replace(trace, nearest_miss=found), _miss(trace), now)


def _miss(trace: Trace) -> Miss:
    """Choose the reason of a miss: expired, refused by the gate, or none."""
    if trace.judgements and not any(verdict.passed for _, verdict in trace.judgements):
        return Miss(MissDetail.GATE, trace.judgements[0][1].rule)
    return Miss(MissDetail.EXPIRED if trace.judgements or trace.exact is not None else None)


def _not_compared(plan: Plan, trace: Trace, detail: MissDetail, now: float) -> Decided:
    return _without_entry(plan, replace(trace, not_compared=detail), Miss(detail), now)


def _without_entry(plan: Plan, trace: Trace, outcome: Miss | Bypass, now: float) -> Decided:
    """Decide what follows where no fresh entry answers."""
    if plan.ask.controls.directives.only_if_cached:
        return NotCached(plan, trace, outcome)
    forwarding = Forwarding(plan, trace, outcome)
    if not plan.may_revalidate:
        return forwarding
    for kind, candidate in stale_entries(trace):
        if policy.may_revalidate(candidate.entry, plan.ask.controls.directives, plan.rules, now):
            reusing = reuse_stale(plan, trace, kind, candidate, now, revalidating=True)
            return Revalidating(plan, trace, reusing, forwarding)
    return forwarding


def _id_of(plan: Plan, entry: Entry) -> str:
    """Return the name of an entry in the scope of the request."""
    return entry_id("" if plan.query is None else plan.query.fingerprint, digest(entry.prompt))
