"""Whatever the facts, a decision ends, serves no refused or old entry as a hit, and explains itself by its trace."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel_core.cache import freshness
from sentinel_core.cache.answer import CacheRequest
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
    arrive,
)
from sentinel_core.cache.directives import Controls, Directives
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.fetching import Failing, Unanswered, fail
from sentinel_core.cache.outcome import Bypass, Hit, HitKind, Miss, MissDetail, Stale
from sentinel_core.cache.plan import CANDIDATES
from sentinel_core.cache.ports import Candidate, Vector
from sentinel_core.cache.verdict import Verdict
from tests.support.fakes import RULES, chat, completion, word_vector

T = TypeVar("T")
NOW = 1_000_000.0
PROMPT = "what is machine learning"
VECTOR = word_vector(PROMPT)
MOST_STEPS = 4 + CANDIDATES

ages = st.sampled_from([0.0, 5.0, 99.0, 100.0, 120.0, 149.0, 150.0, 1e6])
similarities = st.sampled_from([0.0, 0.7499, 0.75, 0.8, 0.9999, 1.0])
directives = st.sampled_from([
    "", "no-cache", "no-store", "only-if-cached", "max-age=0", "max-age=10", "stale-if-error=30", "stale-if-error=0",
    "stale-while-revalidate=30", "stale-while-revalidate=30, max-age=10", "no-cache, stale-if-error=60",
    "only-if-cached, stale-while-revalidate=60",
])  # fmt: skip


def entry(prompt: str, age: float) -> Entry:
    return Entry(prompt, completion(), NOW - age, ttl=100.0)


exact_entries = st.none() | st.none() | st.builds(entry, st.just(PROMPT), ages)
neighbours = st.lists(
    st.tuples(st.builds(Candidate, st.builds(entry, st.sampled_from("abcdefgh"), ages), similarities), st.booleans()),
    min_size=1,
    max_size=8,
    unique_by=lambda pair: pair[0].prompt,
)


@dataclass
class Facts:
    """The facts of one request; the store fails at the step numbered `fails_at`."""

    exact: Entry | None
    vector: Vector | MissDetail
    near: list[tuple[Candidate, bool]]
    below: tuple[str, float] | None
    waited: float
    took: float
    fails_at: int
    asked: list[str] = field(default_factory=list)

    def step(self, state: Looking) -> Looking | Decided:  # noqa: C901  one case a state
        if len(self.asked) == self.fails_at:
            return state.without_store(NOW)
        match state:
            case Bypassed():
                return state.next(NOW)
            case Arrived():
                return state.next(self.exact, self.waited, NOW)
            case Comparing():
                return state.next(self.vector, self.waited, NOW)
            case Searching():
                return state.next([candidate for candidate, _ in self.near], NOW)
            case Judging():
                [passed] = [passed for candidate, passed in self.near if candidate is state.candidate]
                return state.next(Verdict(passed, 0.5, None if passed else "rule"), self.took, NOW)
            case Consulting():
                return state.next(state.verdict, NOW)
            case Unmatched():
                return state.next(self.below, NOW)


def _mostly(usual: T, *others: T) -> st.SearchStrategy[T]:
    """Draw the usual fact nine times of ten: otherwise few decisions would get as far as the gate."""
    return st.sampled_from([usual] * 9 * len(others) + list(others))


facts = st.builds(
    Facts,
    exact_entries,
    _mostly(VECTOR, MissDetail.PROMPT_TOO_LONG, MissDetail.EMBEDDER_UNAVAILABLE),
    neighbours,
    st.sampled_from([None, ("digest", 0.7)]),
    _mostly(0.0, 0.2, 0.3, 9.0),
    _mostly(0.0, 0.03, 0.06),
    _mostly(99, 0, 1, 2, 3),
)


def decide(known: Facts, cache_control: str, *, may_revalidate: bool, n: int) -> Decided:
    ask = CacheRequest(chat(PROMPT, n=n), "open", NOW + 10.0, Controls(Directives.parse(cache_control)))
    state: Looking | Decided = arrive(
        ask, rules=RULES, now=NOW, store_budget=0.75, takes_lease=True, may_revalidate=may_revalidate
    )
    while not isinstance(state, Reusing | Revalidating | NotCached | Forwarding):
        state = known.step(state)
        known.asked.append(type(state).__name__)
        assert len(known.asked) <= MOST_STEPS
    return state


@settings(max_examples=4 * settings().max_examples)
@given(facts, directives, st.booleans(), st.sampled_from([1, 2]))
def test_a_hit_is_fresh_near_enough_and_passed(known: Facts, cache_control: str, background: bool, n: int) -> None:
    decided = decide(known, cache_control, may_revalidate=background, n=n)

    if isinstance(decided, Reusing):
        assert isinstance(decided.outcome, Hit)
        assert freshness.is_fresh(decided.entry, decided.plan.ask.controls.directives, NOW)
        assert n == 1
        assert not decided.plan.ask.controls.directives.no_cache
        if decided.outcome.kind is HitKind.EXACT:
            assert decided.entry is known.exact
        else:
            passed = [candidate.entry for candidate, passed in known.near if passed and candidate.similarity >= 0.75]
            assert any(decided.entry is each for each in passed)


@settings(max_examples=4 * settings().max_examples)
@given(facts, directives, st.booleans(), st.sampled_from([1, 2]))
def test_a_stale_entry_was_passed_and_is_within_its_grace(
    known: Facts, cache_control: str, background: bool, n: int
) -> None:
    decided = decide(known, cache_control, may_revalidate=background, n=n)
    passed = [candidate.entry for candidate, passed in known.near if passed and candidate.similarity >= 0.75]
    ends: list[Reusing] = [decided.reusing] if isinstance(decided, Revalidating) else []
    if isinstance(decided, Forwarding):
        failing = fail(decided, NOW)
        ended = failing.next(known.exact, NOW) if isinstance(failing, Failing) else failing
        ends += [] if isinstance(ended, Unanswered) else [ended]

    for end in ends:
        assert isinstance(end.outcome, Stale)
        assert end.entry is known.exact or any(end.entry is each for each in passed)
        assert end.entry.age(NOW) < end.entry.ttl + RULES.stale
        assert n == 1


@settings(max_examples=4 * settings().max_examples)
@given(facts, directives, st.booleans())
def test_only_if_cached_never_leads_to_a_provider(known: Facts, cache_control: str, background: bool) -> None:
    decided = decide(known, cache_control, may_revalidate=background, n=1)

    if "only-if-cached" in cache_control:
        assert isinstance(decided, Reusing | NotCached)
    else:
        assert not isinstance(decided, NotCached)
    assert not isinstance(decided, Revalidating) or background


@settings(max_examples=4 * settings().max_examples)
@given(facts, directives)
def test_a_trace_tells_why_there_is_no_hit(known: Facts, cache_control: str) -> None:
    decided = decide(known, cache_control, may_revalidate=False, n=1)
    trace, outcome = decided.trace, decided.outcome
    if not isinstance(outcome, Miss):
        return
    verdicts = [verdict for _, verdict in trace.judgements]

    assert len(verdicts) <= CANDIDATES
    if outcome.detail is MissDetail.GATE:
        assert verdicts
        assert not any(verdict.passed for verdict in verdicts)
    elif outcome.detail is MissDetail.EXPIRED:
        assert trace.exact is not None or any(verdict.passed for verdict in verdicts)
    else:
        assert outcome.detail is trace.not_compared
    assert trace.nearest_miss is None or "no-store" not in cache_control


@pytest.mark.parametrize("fails_at", range(4))
def test_a_store_that_fails_at_any_step_is_a_bypass(fails_at: int) -> None:
    known = Facts(None, VECTOR, [], None, 0.0, 0.0, fails_at)

    assert isinstance(decide(known, "", may_revalidate=True, n=1).outcome, Bypass)
