"""The decisions that end a lookup, and the step to the one that fits where no fresh entry answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from sentinel_core.cache import freshness
from sentinel_core.cache.answer import NO_USAGE, Answer
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.outcome import Bypass, BypassReason, Hit, HitKind, Miss, MissDetail, Outcome, Stale
from sentinel_core.cache.plan import Plan, Shadow, Trace
from sentinel_core.cache.ports import Candidate
from sentinel_core.cache.scope import digest, entry_id
from sentinel_core.cache.tool_calls import renumbered

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
            completion=renumbered(self.entry.completion, self.plan.ask.request),
            outcome=self.outcome,
            billed=NO_USAGE,
            cost_usd=0.0,
            saved_usd=0.0 if self.trace.is_paid else self.entry.cost_usd,
            matched_prompt=self.entry.prompt,
            volatile=self.plan.ask.volatile,
            personal=self.plan.ask.personal,
            entry_id=self.entry_id,
            asked=None if self.plan.query is None else self.plan.query.digest,
            timings=dict(timings),
            arm=self.plan.ask.arm,
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


def unserved(decided: Decided, now: float) -> Decided:
    """Return the decision, but in mode shadow ask the provider instead of a hit, and trace the hit for comparison."""
    if decided.plan.rules.mode != "shadow":
        return decided
    reusing = decided.reusing if isinstance(decided, Revalidating) else decided
    if not isinstance(reusing, Reusing):
        return decided
    trace = replace(decided.trace, shadow=Shadow(reusing.outcome, reusing.entry))
    return without_entry(replace(decided.plan, may_revalidate=False), trace, Miss(MissDetail.SHADOW), now)


def in_place_of(audited: Reusing) -> Forwarding:
    """Return the decision that a provider is asked in place of a hit, not at the caller's cost."""
    plan = replace(audited.plan, ask=replace(audited.plan.ask, meter=None))
    return Forwarding(plan, audited.trace, Miss(MissDetail.AUDIT))


def without_entry(plan: Plan, trace: Trace, outcome: Miss | Bypass, now: float) -> Decided:
    """Decide how to go on if no fresh entry answers."""
    if plan.ask.controls.directives.only_if_cached:
        return NotCached(plan, trace, outcome)
    forwarding = Forwarding(plan, trace, outcome)
    if not plan.may_revalidate:
        return forwarding
    for kind, candidate in stale_entries(trace):
        if freshness.may_revalidate(candidate.entry, plan.ask.controls.directives, plan.rules, now):
            reusing = reuse_stale(plan, trace, kind, candidate, now, revalidating=True)
            return Revalidating(plan, trace, reusing, forwarding)
    return forwarding


def reuse_stale(
    plan: Plan, trace: Trace, kind: HitKind, candidate: Candidate, now: float, *, revalidating: bool = False
) -> Reusing:
    """Return the decision that an entry answers which is too old to be a hit."""
    entry = candidate.entry
    outcome = Stale(kind, candidate.similarity, entry.age(now), revalidating)
    return Reusing(plan, trace, outcome, entry, id_of(plan, entry))


def stale_entries(trace: Trace) -> Iterator[tuple[HitKind, Candidate]]:
    """Yield the entries that may answer once they are too old: the exact one first, then those the gate passed."""
    if trace.exact is not None:
        yield HitKind.EXACT, Candidate(trace.exact, 1.0)
    yield from ((HitKind.SEMANTIC, candidate) for candidate, verdict in trace.judgements if verdict.passed)


def id_of(plan: Plan, entry: Entry) -> str:
    """Return the name of an entry in the scope of the request."""
    return entry_id("" if plan.query is None else plan.query.fingerprint, digest(entry.prompt))
