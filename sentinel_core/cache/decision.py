"""
The decision about one request as pure states: lookup, gate, stale, forward, store.

Each state holds the facts so far and needs one more. `next(fact, now)` returns the state after it, `without_store(now)`
the state after a CacheError. A driver gets the facts (gateway/drive.py); every driver takes the same decisions.

    state        needs                                  goes to
    Bypassed     admission                              a decision
    Arrived      the entry of this very prompt, and     Reusing, Comparing or a decision
                 that of a remembered rewording
    Comparing    vector and lease                       Searching or a decision
    Searching    candidates, nearest first              Judging or Unmatched
    Judging      the gate's verdict on one candidate    Reusing, Judging, Consulting, Unmatched or a decision
    Consulting   a judge's verdict on that candidate    Reusing, Judging or a decision
    Unmatched    the nearest below the threshold        a decision
    decisions:   Reusing, Revalidating, NotCached (cache/decided.py); Forwarding, from which cache/fetching.py goes on

Where a new state goes:
    curated answers: they come with the facts of Arrived and Searching, and are marked by their type, `CuratedEntry`;
    shadow mode: no state; `decided.unserved` turns the decision into one that serves nothing, and traces the hit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from sentinel_core.cache import bypass, freshness
from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.curated import LEADS, MARGIN, CuratedEntry
from sentinel_core.cache.decided import STORE_UNAVAILABLE, Decided, Reusing, State, id_of, without_entry
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.near_miss import NearMiss
from sentinel_core.cache.odds import LIKELY, OUTRUN
from sentinel_core.cache.operator_rules import Rules
from sentinel_core.cache.outcome import Bypass, BypassReason, Hit, HitKind, Miss, MissDetail
from sentinel_core.cache.plan import CANDIDATES, JUDGE_SECONDS, NO_FACTS, Extract, Plan, Trace, place
from sentinel_core.cache.ports import Candidate, Vector
from sentinel_core.cache.rewording import Recalled
from sentinel_core.cache.scope import Query, digest
from sentinel_core.cache.shared_answer import shared
from sentinel_core.cache.tempering import tempered
from sentinel_core.cache.verdict import Verdict, Zone


@dataclass(frozen=True, slots=True)
class Bypassed(State):
    """The cache is left out; needs admission only."""

    outcome: Bypass

    def next(self, now: float) -> Decided:
        return without_entry(self.plan, self.trace, self.outcome, now)

    def without_store(self, now: float) -> Decided:
        return self.next(now)


@dataclass(frozen=True, slots=True)
class Arrived(State):
    """
    Needs the entry of this very prompt, or None, and the seconds the store took.

    A `recalled` match of the prompt answers where there is no such entry, and spares the comparison.
    """

    query: Query

    async def admit(self) -> None:
        """Enforce the caller's rate limit, once the store was asked."""
        await self.plan.ask.admit()

    def next(
        self,
        entry: Entry | None,
        waited: float,
        now: float,
        recalled: Recalled | None = None,
        curated: CuratedEntry | None = None,
    ) -> Reusing | Comparing | Decided:
        plan = self.plan
        if curated is not None and freshness.is_fresh(curated, plan.ask.controls.directives, now):
            hit = Hit(HitKind.EXACT, 1.0, curated.age(now), is_curated=True)
            return Reusing(plan, self.trace, hit, curated, curated.id)
        entry = entry if entry is not None and plan.may_repeat(entry) else None
        trace = self.trace if entry is None else Trace(exact=entry)
        exact = None if entry is None else exact_hit(plan, entry, now)
        if entry is not None and exact is not None:
            return Reusing(plan, trace, exact, entry, self.query.entry_id)
        if plan.not_comparable is not None:
            return _not_compared(plan, trace, plan.not_comparable, now)
        if recalled is not None and entry is None and _may_reuse(recalled.candidate, plan, now):
            trace = Trace(judgements=((recalled.candidate, recalled.verdict),))
            return _matched(plan, trace, recalled.candidate, now)
        if not freshness.is_in_time(waited, 1, 2, plan.store_budget):
            return _not_compared(plan, trace, MissDetail.STORE_SLOW, now)
        return Comparing(plan, trace, self.query)

    def without_store(self, now: float) -> Bypassed:
        return Bypassed(self.plan, self.trace, STORE_UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class _Comparison(State):
    """A state between the exact lookup and the decision."""

    query: Query

    def without_store(self, now: float) -> Decided:
        return without_entry(self.plan, replace(self.trace, is_leader=True), STORE_UNAVAILABLE, now)


@dataclass(frozen=True, slots=True)
class Comparing(_Comparison):
    """Needs the prompt's vector, or the reason why there is none, whether this instance leads, and store seconds."""

    def next(
        self, found: Vector | Extract | MissDetail, waited: float, now: float, *, is_leader: bool = True
    ) -> Searching | Decided:
        plan, trace = self.plan, replace(self.trace, is_leader=is_leader)
        if isinstance(found, MissDetail):
            return _not_compared(plan, trace, found, now)
        vector = found.vector if isinstance(found, Extract) else found
        trace = replace(trace, vector=vector, is_extract=isinstance(found, Extract))
        if not freshness.is_in_time(waited, 2, 1, plan.store_budget):
            return _not_compared(plan, trace, MissDetail.STORE_SLOW, now)
        return Searching(plan, trace, self.query, vector)


@dataclass(frozen=True, slots=True)
class Searching(_Comparison):
    """Needs up to `CANDIDATES` entries with `similarity >= plan.threshold`, in any order, and the index's revision."""

    vector: Vector

    def next(
        self, candidates: Sequence[Candidate], now: float, revision: int | None = None
    ) -> Judging | Unmatched | Decided:
        plan, threshold = self.plan, self.plan.threshold
        near = [each for each in candidates if each.similarity >= threshold and plan.may_compare(each.entry)]
        near.sort(key=lambda near: -near.similarity - MARGIN * isinstance(near.entry, CuratedEntry))
        state = replace(self, trace=replace(self.trace, revision=revision))
        return _judge(state, self.vector, near[:CANDIDATES], now)


@dataclass(frozen=True, slots=True)
class Judging(_Comparison):
    """
    Needs the gate's verdict on `candidate`, nearest first.

    `spent` are its seconds so far, `consulted` those of a judge, which was asked about the entries `asked`.
    """

    vector: Vector
    candidate: Candidate
    others: Sequence[Candidate]
    spent: float = 0.0
    consulted: float = 0.0
    asked: tuple[Entry, ...] = ()

    def next(self, verdict: Verdict, took: float, now: float) -> Reusing | Judging | Consulting | Unmatched | Decided:
        is_fresh = freshness.is_fresh(self.candidate.entry, self.plan.ask.controls.directives, now)
        state = replace(self, spent=self.spent + took)
        if verdict.zone is Zone.GREY and is_fresh and _may_ask(self, verdict):
            return Consulting(self.plan, self.trace, self.query, state, verdict)
        return _judged(state, verdict, now, is_fresh=is_fresh)


@dataclass(frozen=True, slots=True)
class Consulting(_Comparison):
    """Needs a judge's verdict on the candidate of `judging`, or `verdict`, the gate's, where the judge has none."""

    judging: Judging
    verdict: Verdict

    def next(self, verdict: Verdict, now: float, took: float = 0.0) -> Reusing | Judging | Unmatched | Decided:
        is_fresh = freshness.is_fresh(self.judging.candidate.entry, self.plan.ask.controls.directives, now)
        judging = self.judging
        asked = *judging.asked, judging.candidate.entry
        judging = replace(judging, consulted=judging.consulted + took, asked=asked)
        return _judged(judging, verdict, now, is_fresh=is_fresh)


@dataclass(frozen=True, slots=True)
class Unmatched(_Comparison):
    """Needs digest and similarity of the nearest entry down to `plan.near_miss_floor`, or None."""

    vector: Vector

    def next(self, below: tuple[str, float] | None, now: float) -> Decided:
        plan, trace = self.plan, self.trace
        if below is not None:
            trace = replace(trace, nearest_miss=_near_miss(plan, self.query, *below, None, now))
        return without_entry(plan, trace, _miss(trace), now)


Looking: TypeAlias = Bypassed | Arrived | Comparing | Searching | Judging | Consulting | Unmatched


def exact_hit(plan: Plan, entry: Entry, now: float) -> Hit | None:
    """Return the hit that an entry of the very prompt makes if the plan may repeat it; None if it is not fresh."""
    if not freshness.is_fresh(entry, plan.ask.controls.directives, now):
        return None
    return Hit(HitKind.EXACT, 1.0, entry.age(now))


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
    rules = ask.rules or rules
    ask = tempered(ask, rules, now)
    directives = ask.controls.directives
    reason = BypassReason.MODE_OFF if rules.mode == "off" else ask.bypass or bypass.bypass_reason(ask.request, rules)
    query = None if reason is not None else place(ask, rules)
    budget = math.inf if directives.only_if_cached else store_budget
    leases = takes_lease and not (directives.only_if_cached or directives.no_store)
    plan = Plan(ask, rules, query, budget, leases, may_revalidate)
    if query is None or directives.no_cache:
        return Bypassed(plan, NO_FACTS, Bypass(reason or BypassReason.NO_CACHE))
    return Arrived(plan, NO_FACTS, query)


def _judged(state: Judging, verdict: Verdict, now: float, *, is_fresh: bool) -> Reusing | Judging | Unmatched | Decided:
    """Reuse the candidate's answer if the verdict permits, else go on to the next candidate."""
    candidate, plan = state.candidate, state.plan
    trace = replace(state.trace, judgements=(*state.trace.judgements, (candidate, verdict)))
    if verdict.passed and is_fresh:
        return _matched(plan, trace, candidate, now)
    if state.others and state.spent < JUDGE_SECONDS:
        return replace(state, trace=trace, candidate=state.others[0], others=state.others[1:])
    chosen = () if state.others or trace.is_extract else shared(trace.judgements)  # all candidates were judged
    if chosen and freshness.is_fresh(chosen[-1][0].entry, plan.ask.controls.directives, now):
        return _matched(plan, replace(trace, judgements=chosen), chosen[-1][0], now)
    return _judge(replace(state, trace=trace), state.vector, (), now)


def _may_ask(state: Judging, verdict: Verdict) -> bool:
    """Whether a judge may be asked about the candidate: the first, a likely second, or some curated answers."""
    entry, asked = state.candidate.entry, state.asked
    if not asked or any(given.rule == OUTRUN for _, given in state.trace.judgements):
        return not asked
    if isinstance(entry, CuratedEntry):
        return len(asked) < LEADS and entry.completion.text not in (each.completion.text for each in asked)
    return len(asked) == 1 and verdict.share >= LIKELY


def _judge(state: _Comparison, vector: Vector, near: Sequence[Candidate], now: float) -> Judging | Unmatched | Decided:
    """Go to the nearest candidate; after the last one to the decision."""
    plan, trace, query = state.plan, state.trace, state.query
    if near:
        return Judging(plan, trace, query, vector, near[0], near[1:])
    if plan.ask.controls.directives.no_store or any(verdict.passed for _, verdict in trace.judgements):
        return without_entry(plan, trace, _miss(trace), now)
    if trace.is_extract and not trace.judgements:
        return _not_compared(plan, trace, MissDetail.PROMPT_TOO_LONG, now)
    if not trace.judgements:
        return Unmatched(plan, trace, query, vector)
    candidate, verdict = trace.judgements[0]
    found = _near_miss(plan, query, digest(candidate.prompt), candidate.similarity, verdict, now)
    return without_entry(plan, replace(trace, nearest_miss=found), _miss(trace), now)


def _may_reuse(candidate: Candidate, plan: Plan, now: float) -> bool:
    is_near = candidate.similarity >= plan.threshold and plan.may_compare(candidate.entry)
    return is_near and freshness.is_fresh(candidate.entry, plan.ask.controls.directives, now)


def _matched(plan: Plan, trace: Trace, near: Candidate, now: float) -> Reusing:
    entry = near.entry
    hit = Hit(HitKind.SEMANTIC, near.similarity, entry.age(now), is_curated=isinstance(entry, CuratedEntry))
    return Reusing(plan, trace, hit, entry, entry.id if isinstance(entry, CuratedEntry) else id_of(plan, entry))


def _near_miss(
    plan: Plan, query: Query, digest: str, similarity: float, verdict: Verdict | None, now: float
) -> NearMiss:
    ask = plan.ask
    return NearMiss(now, query, digest, similarity, plan.threshold, verdict, ask.author, ask.request.key)


def _miss(trace: Trace) -> Miss:
    """Choose the reason of a miss: expired, refused by the gate, or none."""
    if trace.judgements and not any(verdict.passed for _, verdict in trace.judgements):
        return Miss(MissDetail.GATE, trace.judgements[0][1].rule)
    return Miss(MissDetail.EXPIRED if trace.judgements or trace.exact is not None else None)


def _not_compared(plan: Plan, trace: Trace, detail: MissDetail, now: float) -> Decided:
    return without_entry(plan, replace(trace, not_compared=detail), Miss(detail), now)
