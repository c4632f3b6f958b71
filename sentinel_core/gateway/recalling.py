"""Reuses matches and verdicts of remembered rewordings, and remembers new ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sentinel_core.cache import freshness
from sentinel_core.cache.curated import CuratedEntry
from sentinel_core.cache.decided import Reusing
from sentinel_core.cache.decision import Arrived, Comparing, Judging, Searching
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.operator_rules import Rules
from sentinel_core.cache.outcome import HitKind
from sentinel_core.cache.plan import CANDIDATES, Plan
from sentinel_core.cache.ports import Candidate
from sentinel_core.cache.rewording import Basis, Judged, Match, Recalled
from sentinel_core.cache.scope import Query, digest
from sentinel_core.cache.verdict import Verdict, Zone
from sentinel_core.gateway.judging import ComparedCandidate, judge
from sentinel_core.gateway.lookup import Lookup
from sentinel_core.gateway.rewordings import Rewording
from sentinel_core.matching.residual.comparison import REST

_UNKNOWN = Verdict(False, 0.0, REST)


@dataclass(frozen=True, slots=True)
class KnownCandidate(Candidate):
    """A candidate that needs no comparison: `verdict` is the gate's, None where a label decides."""

    verdict: Verdict | None


async def load(
    lookup: Lookup, rewording: Rewording, state: Arrived, now: float
) -> tuple[Entry | None, Recalled | None]:
    """Load the prompt's entry and its remembered match, in one round trip; raises CacheError and nothing else."""
    query, plan, match = state.query, state.plan, rewording.match
    if match is None or lookup.recall is None or plan.not_comparable is not None:
        return await lookup.store.load(query), None
    own, entry = await lookup.recall.load_pair(query, match.judged[-1].digest)
    if entry is None or not match.is_of(entry) or not _holds(lookup, rewording, match, plan, query, now):
        return own, None
    return own, Recalled(Candidate(entry, match.similarity), match.verdict)


def _holds(lookup: Lookup, rewording: Rewording, match: Match, plan: Plan, query: Query, now: float) -> bool:
    """Return whether a match's facts are still the same, and no entry as near has come; note the index's revision."""
    before, recall = match.basis.revision, lookup.recall
    revision = None if recall is None else recall.revision(query)
    if recall is None or revision is None or before is None:
        return False
    basis = _basis(lookup, plan, query, match.judged, before, now)
    if basis != match.basis:
        return False
    if revision != before:
        if recall.has_nearer_since(query, before, rewording.vector, match.similarity):
            return False
        rewording.match = replace(match, basis=replace(basis, revision=revision))
    return True


async def search_again(
    lookup: Lookup, rewording: Rewording, state: Comparing, waited: float, now: float
) -> Judging | None:
    """
    Search a changed index with the vector of a prompt that was matched before, if known verdicts lead to a hit there.

    It needs no lease. None where a pair has to be judged; then the prompt is compared as a new one. Raises CacheError.
    """
    searching = state.next(rewording.vector, waited, now)
    if rewording.match is None or lookup.recall is None or not isinstance(searching, Searching):
        return None
    revision = lookup.recall.revision(state.query)
    near = await lookup.store.nearest(state.query, rewording.vector, floor=state.plan.threshold, limit=CANDIDATES)
    found = known_hit(lookup, rewording, searching, near, now)
    judging = searching.next(found, now, revision) if found else None
    return judging if isinstance(judging, Judging) else None


def known_hit(
    lookup: Lookup, rewording: Rewording, state: Searching, near: Sequence[Candidate], now: float
) -> list[Candidate]:
    """Return the candidates up to the first that is a hit by verdicts known already; none if there is no such one."""
    plan, needed, found = state.plan, lookup.gate_of(state.plan.rules).needed, list[Candidate]()
    for each in sorted(near, key=lambda candidate: -candidate.similarity):
        by_gate = rewording.verdict(each, plan.threshold, needed)
        given = _given(lookup, state.query, Judged(digest(each.prompt), by_gate), now, plan.rules)
        if given is None or given.zone is Zone.GREY:
            return []
        found.append(KnownCandidate(each.entry, each.similarity, by_gate))
        if given.passed and freshness.is_fresh(each.entry, plan.ask.controls.directives, now):
            return found
    return []


async def compared(lookup: Lookup, state: Judging) -> Judging:
    """Return the state with its candidate compared; mostly the first one is a hit, and no other is looked at."""
    if isinstance(state.candidate, ComparedCandidate | KnownCandidate):
        return state
    near, is_extract = [state.candidate, *state.others], state.trace.is_extract
    candidate, *others = await lookup.compare_first(state.query.prompt, near, is_extract=is_extract)
    return replace(state, candidate=candidate, others=others)


async def verdict(lookup: Lookup, state: Judging, now: float) -> Verdict:
    """Return the verdict on a candidate: its label's, or else the gate's, remembered or new, as traffic steers it."""
    near, stored = state.candidate, digest(state.candidate.prompt)
    rules = state.plan.rules
    known = lookup.known(state.query, stored, now, rules)
    if known is not None:
        return known
    if isinstance(near, KnownCandidate):
        return _UNKNOWN if near.verdict is None else lookup.steered(state.query, stored, near.verdict, rules)
    gate = lookup.gate_of(rules)
    found = await judge(gate, state, longest_on_loop=lookup.judged_on_loop)
    rewording = None if lookup.rewordings is None else lookup.rewordings.get(state.query)
    if rewording is not None and found.rule != REST:  # a rest that was not embedded may be embedded next time
        rewording.note(near, state.plan.threshold, gate.needed, found)
    if isinstance(near.entry, CuratedEntry) and isinstance(near, ComparedCandidate):
        found = near.entry.weighed(found, is_whole=near.compared.comparison.is_whole)
    return lookup.steered(state.query, stored, found, rules)


def remember(lookup: Lookup, decided: Reusing, now: float) -> None:
    """Keep a semantic match, if its entry is the first one that passed, and the same would be decided again now."""
    plan, trace = decided.plan, decided.trace
    query, judgements, revision = plan.query, trace.judgements, trace.revision
    if lookup.rewordings is None or revision is None or query is None or decided.outcome.kind is not HitKind.SEMANTIC:
        return
    rewording, refused = lookup.rewordings.get(query), [given for _, given in judgements[:-1]]
    if rewording is None or trace.exact is not None or any(each.passed for each in refused):
        return
    needed = lookup.gate_of(plan.rules).needed
    judged = tuple(
        Judged(digest(near.prompt), rewording.verdict(near, plan.threshold, needed)) for near, _ in judgements
    )
    basis = _basis(lookup, plan, query, judged, revision, now)
    if basis.given == tuple(given for _, given in judgements):
        near, given = judgements[-1]
        rewording.match = Match(near.prompt, near.entry.created, near.similarity, given, judged, basis)


def _basis(
    lookup: Lookup, plan: Plan, query: Query, judged: Sequence[Judged], revision: int | None, now: float
) -> Basis:
    given = tuple(_given(lookup, query, each, now, plan.rules) for each in judged)
    return Basis(revision, plan.rules, plan.threshold, lookup.gate_of(plan.rules).needed, given)


def _given(lookup: Lookup, query: Query, judged: Judged, now: float, rules: Rules) -> Verdict | None:
    """Return the verdict on a candidate by what is known: its label's, or the gate's as traffic steers it; or None."""
    known = lookup.known(query, judged.digest, now, rules)
    if known is not None or judged.verdict is None:
        return known
    return lookup.steered(query, judged.digest, judged.verdict, rules)
