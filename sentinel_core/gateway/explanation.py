"""Explains a decision: the same machine, with a store that searches wider and a gate that names all rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from sentinel_core.cache import freshness
from sentinel_core.cache.decided import Decided, Forwarding, Reusing, Revalidating, unserved
from sentinel_core.cache.decision import Comparing
from sentinel_core.cache.outcome import Bypass, MissDetail, Outcome
from sentinel_core.cache.plan import CANDIDATES, Extract, Plan, compared, place
from sentinel_core.cache.ports import Candidate, Store, Vector
from sentinel_core.cache.scope import Query, digest, parts
from sentinel_core.cache.verdict import Verdict
from sentinel_core.chat.messages import Json
from sentinel_core.errors import CacheError
from sentinel_core.gateway.batch_ports import BatchStore
from sentinel_core.gateway.judging import ComparedCandidate
from sentinel_core.gateway.lookup import Lookup
from sentinel_core.matching.gate import Gate
from sentinel_core.matching.residual import verdict_on
from sentinel_core.support.clock import Timer
from sentinel_core.support.off_loop import JUDGING, off_loop

EXPLAINED = 8
"""Candidates shown, whatever their similarity."""


@dataclass(frozen=True, slots=True)
class Sight:
    """
    One stored entry, as a request finds it.

    `verdict` is the gate's, None for the entry of this very prompt; `ttl_left` is in seconds, negative past the ttl.
    """

    candidate: Candidate
    verdict: Verdict | None
    fresh: bool
    may_stand_in: bool
    age: float
    ttl_left: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """
    The outcome that the real request would have now, and all it is decided by.

    `asks_provider` is whether a provider would be asked, after a stale answer too. `unembedded` is why there are no
    candidates by meaning. `needed` is the confidence that a pair needs to pass the gate. `ttl` is the lifetime of a
    new answer in seconds. `counted_turns` is the number of earlier turns that count as another prompt, whose answer
    they got.
    """

    outcome: Outcome
    query: Query
    parts: Mapping[str, Json]
    threshold: float
    ttl: float
    volatile: str | None
    personal: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    mode: str = "semantic"
    max_wrong: float | None = None
    needed: float = 0.0
    asks_provider: bool = True
    exact: Sight | None = None
    candidates: Sequence[Sight] = ()
    unembedded: MissDetail | None = None
    counted_turns: int = 0


class WideStore(BatchStore):
    """The store of one explanation: takes no lease, and one search finds entries below the threshold too."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.found: Sequence[Candidate] = ()

    async def nearest(self, query: Query, vector: Vector, *, floor: float, limit: int) -> Sequence[Candidate]:
        """Keep all that is found; return the entries that the real request would find."""
        self.found = await super().nearest(query, vector, floor=0.0, limit=EXPLAINED)
        return [near for near in self.found if near.similarity >= floor][:limit]

    async def glimpse(self, query: Query, vector: Vector, *, floor: float) -> tuple[str, float] | None:
        """Return None: an explanation is no near miss."""
        return None


class ExaminingGate(Gate):
    """A gate that passes and refuses as its like, and names every rule that refuses."""

    def judge(self, asked: str, stored: str, similarity: float, odds: float = 1.0) -> Verdict:
        return self.examine(asked, stored, similarity, odds)


async def explanation(decided: Decided, lookup: Lookup, store: WideStore, now: float, timer: Timer) -> Explanation:
    """Return the explanation of a decision taken with `lookup` over `store`."""
    plan, trace, outcome = decided.plan, decided.trace, decided.outcome
    query, scope = await off_loop(partial(_folded, plan), is_large=plan.ask.request.is_large)
    gate = lookup.gate_of(plan.rules)
    explained = Explanation(
        outcome,
        query,
        scope,
        plan.threshold,
        freshness.time_to_live(plan.ask.controls, plan.rules),
        plan.ask.volatile,
        plan.ask.personal,
        plan.ask.sources,
        plan.rules.mode,
        gate.max_wrong,
        gate.needed_confidence,
        isinstance(unserved(decided, now), Forwarding | Revalidating),
        unembedded=trace.not_compared,
        counted_turns=_counted_turns(plan),
    )
    if isinstance(outcome, Bypass):
        return explained
    if isinstance(decided, Reusing) and trace.vector is None:
        unembedded = await _compare_too(Comparing(plan, trace, query), lookup, timer)
        explained = replace(explained, unembedded=unembedded)
    known = {near.prompt: verdict for near, verdict in trace.judgements}
    unjudged = [near for near in store.found if near.prompt not in known]
    pairs = await lookup.compare_candidates(query.prompt, unjudged, is_extract=trace.is_extract)
    for pair in pairs:
        known[pair.prompt] = await _verdict(lookup.gate, pair, plan.threshold)
    for near, digest_ in await off_loop(partial(_digests, unjudged), is_large=True, thread=JUDGING):
        if (verdict := lookup.known(query, digest_, now, plan.rules)) is not None:
            known[near.prompt] = verdict
    exact = None if trace.exact is None else _sight(plan, Candidate(trace.exact, 1.0), None, now)
    shown = [_sight(plan, near, known[near.prompt], now) for near in store.found]
    return replace(explained, exact=exact, candidates=shown)


def _folded(plan: Plan) -> tuple[Query, Mapping[str, Json]]:
    """Return the query, which a bypassed request has none of, and the parts of its scope."""
    ask = plan.ask
    return plan.query or place(ask, plan.rules), parts(compared(ask, plan.rules), ask.namespace)


def _counted_turns(plan: Plan) -> int:
    counted = plan.ask.counted
    pairs = () if counted is None or plan.ask.exact_only else zip(counted, plan.ask.request.messages, strict=True)
    return sum(one is not other for one, other in pairs)


async def _verdict(gate: Gate, pair: ComparedCandidate, threshold: float) -> Verdict:
    """Ask every rule about a candidate, which takes up to 40 ms: other keys' requests come in between."""
    return await off_loop(partial(verdict_on, gate, pair.compared, threshold), is_large=True, thread=JUDGING)


def _digests(unjudged: Sequence[Candidate]) -> list[tuple[Candidate, str]]:
    """Take up to 3 ms for each of the longest prompts."""
    return [(near, digest(near.prompt)) for near in unjudged]


async def _compare_too(state: Comparing, lookup: Lookup, timer: Timer) -> MissDetail | None:
    """After an exact hit, find the neighbours to show; return the reason why there are none."""
    if state.plan.not_comparable is not None:
        return state.plan.not_comparable
    with suppress(CacheError):
        found, _ = await lookup.compare(state, timer)
        if isinstance(found, MissDetail):
            return found
        vector = found.vector if isinstance(found, Extract) else found
        await lookup.store.nearest(state.query, vector, floor=state.plan.threshold, limit=CANDIDATES)
    return None


def _sight(plan: Plan, candidate: Candidate, verdict: Verdict | None, now: float) -> Sight:
    entry, directives = candidate.entry, plan.ask.controls.directives
    return Sight(
        candidate,
        verdict,
        fresh=freshness.is_fresh(entry, directives, now),
        may_stand_in=freshness.may_serve_stale(entry, directives, plan.rules, now),
        age=entry.age(now),
        ttl_left=entry.ttl - entry.age(now),
    )
