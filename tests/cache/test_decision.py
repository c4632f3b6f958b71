"""The states of a decision, from values alone: no store, no embedder, no gate, no clock."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError, replace

import pytest

from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.decided import STORE_UNAVAILABLE, Forwarding, NotCached, Reusing, Revalidating
from sentinel_core.cache.decision import Arrived, Bypassed, Comparing, Judging, Searching, Unmatched, arrive
from sentinel_core.cache.directives import Controls, Directives
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.near_miss import NearMiss
from sentinel_core.cache.outcome import Bypass, BypassReason, Hit, HitKind, Miss, MissDetail, Stale
from sentinel_core.cache.plan import NO_FACTS, Extract, Trace
from sentinel_core.cache.ports import Candidate
from sentinel_core.cache.scope import digest, split
from sentinel_core.cache.verdict import CONFIDENCE, Verdict
from sentinel_core.chat.messages import ChatRequest
from tests.support.fakes import RULES, chat, completion, word_vector

NOW = 1_000_000.0
PROMPT, NEAR, OTHER = "what is machine learning", "what is deep learning", "what is my name"
QUERY = split(chat(PROMPT), "open")
VECTOR = word_vector(PROMPT)
PASSED, REFUSED = Verdict(True, 0.99), Verdict(False, 0.1, "numbers")


def arrived(
    cache_control: str = "", request: ChatRequest | None = None, budget: float = math.inf, **options: bool
) -> Arrived | Bypassed:
    controls = Controls(Directives.parse(cache_control))
    ask = CacheRequest(request or chat(PROMPT), "open", NOW + 10.0, controls)
    return arrive(ask, rules=RULES, now=NOW, store_budget=budget, **options)


def looking(cache_control: str = "", *, budget: float = math.inf, **options: bool) -> Arrived:
    state = arrived(cache_control, None, budget, **options)
    assert isinstance(state, Arrived)
    return state


def entry(prompt: str = PROMPT, *, age: float = 0.0) -> Entry:
    return Entry(prompt, completion("An answer to it."), NOW - age, ttl=100.0)


def searching(cache_control: str = "", *, exact: Entry | None = None, **options: bool) -> Searching:
    comparing = looking(cache_control, **options).next(exact, 0.0, NOW)
    assert isinstance(comparing, Comparing)
    state = comparing.next(VECTOR, 0.0, NOW)
    assert isinstance(state, Searching)
    return state


def judged(state: Searching, *pairs: tuple[Candidate, Verdict]) -> object:
    """Give the gate's verdicts one after the other, as long as one is needed."""
    at: object = state.next([candidate for candidate, _ in pairs], NOW)
    verdicts = {candidate.prompt: verdict for candidate, verdict in pairs}
    while isinstance(at, Judging):
        at = at.next(verdicts[at.candidate.prompt], 0.0, NOW)
    return at


@pytest.mark.parametrize(
    ("request_", "cache_control", "reason"),
    [
        (chat(PROMPT, temperature=1.5), "", BypassReason.TEMPERATURE),
        (chat(PROMPT, n=2), "no-cache", BypassReason.SEVERAL_CHOICES),
        (chat(PROMPT), "no-cache", BypassReason.NO_CACHE),
    ],
)
def test_a_bypass_is_forwarded_after_admission(request_: ChatRequest, cache_control: str, reason: BypassReason) -> None:
    state = arrived(cache_control, request=request_)
    assert isinstance(state, Bypassed)
    assert state.next(NOW) == Forwarding(state.plan, NO_FACTS, Bypass(reason))
    assert state.plan.query == (QUERY if reason is BypassReason.NO_CACHE else None)


def test_a_fresh_entry_of_this_prompt_is_reused() -> None:
    state, stored = looking(), entry(age=30.0)

    assert state.next(stored, 0.0, NOW) == Reusing(
        state.plan, Trace(exact=stored), Hit(HitKind.EXACT, 1.0, 30.0), stored, QUERY.entry_id
    )


def test_without_one_the_prompt_is_compared() -> None:
    state, stale = looking(), entry(age=100.0)

    assert state.next(None, 0.0, NOW) == Comparing(state.plan, NO_FACTS, QUERY)
    assert state.next(stale, 0.0, NOW) == Comparing(state.plan, Trace(exact=stale), QUERY)


@pytest.mark.parametrize(("waited", "compared"), [(0.25, True), (0.26, False)])
def test_a_slow_load_ends_the_lookup(waited: float, compared: bool) -> None:
    state = looking(budget=0.75)
    after = state.next(None, waited, NOW)

    slow = Forwarding(state.plan, Trace(not_compared=MissDetail.STORE_SLOW), Miss(MissDetail.STORE_SLOW))
    assert after == (Comparing(state.plan, NO_FACTS, QUERY) if compared else slow)


@pytest.mark.parametrize(("waited", "searched"), [(0.5, True), (0.51, False)])
def test_a_slow_refresh_ends_the_lookup(waited: float, searched: bool) -> None:
    after = Comparing(looking(budget=0.75).plan, NO_FACTS, QUERY).next(VECTOR, waited, NOW)

    assert isinstance(after, Searching if searched else Forwarding)
    assert after.trace == replace(NO_FACTS, vector=VECTOR, not_compared=None if searched else MissDetail.STORE_SLOW)


def test_a_caller_who_wants_a_stored_answer_or_none_waits_for_a_slow_store() -> None:
    assert isinstance(looking("only-if-cached", budget=0.1).next(None, 9.0, NOW), Comparing)


def test_a_prompt_without_a_vector_is_a_miss_and_keeps_the_lease() -> None:
    after = Comparing(looking().plan, NO_FACTS, QUERY).next(MissDetail.PROMPT_TOO_LONG, 0.0, NOW, is_leader=False)

    assert isinstance(after, Forwarding)
    assert (after.outcome, after.trace) == (
        Miss(MissDetail.PROMPT_TOO_LONG),
        Trace(not_compared=MissDetail.PROMPT_TOO_LONG, is_leader=False),
    )


def test_candidates_are_judged_nearest_first_from_the_threshold_on() -> None:
    near, nearest, below = Candidate(entry(NEAR), 0.75), Candidate(entry(OTHER), 0.9), Candidate(entry("far"), 0.7499)
    state = searching()
    first = state.next([below, near, nearest], NOW)

    assert isinstance(first, Judging)
    assert (first.candidate, list(first.others)) == (nearest, [near])


def test_more_candidates_than_the_gate_judges_are_left_out() -> None:
    state = searching().next([Candidate(entry(str(number)), 0.8) for number in range(9)], NOW)

    assert isinstance(state, Judging)
    assert len(state.others) == 3


def test_the_nearest_that_passes_and_is_fresh_is_reused() -> None:
    refused = Candidate(entry("a"), 0.99), REFUSED
    old = Candidate(entry("b", age=100.0), 0.9), PASSED
    fresh = Candidate(entry("c", age=1.0), 0.8), PASSED
    state = searching()
    after = judged(state, fresh, refused, old)

    assert after == Reusing(
        state.plan,
        replace(state.trace, judgements=(refused, old, fresh)),
        Hit(HitKind.SEMANTIC, 0.8, 1.0),
        fresh[0].entry,
        f"{QUERY.fingerprint}:{digest('c')}",
    )


UNSURE, CLOSE = Verdict(False, 0.3, CONFIDENCE), Verdict(False, 0.85, CONFIDENCE, is_close=True)


def test_an_answer_that_all_candidates_hold_is_reused() -> None:
    near = [Candidate(entry(str(number), age=1.0), 0.9 - number / 100) for number in range(3)]
    state = searching()
    after = judged(state, (near[0], UNSURE), (near[1], CLOSE), (near[2], UNSURE))

    assert after == Reusing(
        state.plan,
        replace(state.trace, judgements=((near[0], UNSURE), (near[2], UNSURE), (near[1], Verdict(True, 0.85)))),
        Hit(HitKind.SEMANTIC, near[1].similarity, 1.0),
        near[1].entry,
        f"{QUERY.fingerprint}:{digest('1')}",
    )


def test_a_shared_answer_that_is_too_old_is_a_miss() -> None:
    near = [Candidate(entry(str(number), age=100.0), 0.9) for number in range(3)]

    assert isinstance(judged(searching(), *[(each, CLOSE) for each in near]), Forwarding)


def test_candidates_that_were_not_judged_in_time_may_hold_another_answer() -> None:
    at: object = searching().next([Candidate(entry(str(number)), 0.9) for number in range(4)], NOW)
    while isinstance(at, Judging):
        at = at.next(CLOSE, 0.017, NOW)

    assert isinstance(at, Forwarding)
    assert len(at.trace.judgements) == 3


def test_an_extract_of_a_prompt_gets_no_shared_answer() -> None:
    comparing = looking().next(None, 0.0, NOW)
    assert isinstance(comparing, Comparing)
    state = comparing.next(Extract(VECTOR), 0.0, NOW)
    assert isinstance(state, Searching)

    pairs = [(Candidate(entry(str(number)), 0.9), CLOSE) for number in range(3)]
    assert isinstance(judged(state, *pairs), Forwarding)


@pytest.mark.parametrize(("took", "judged_"), [(0.024, 3), (0.025, 2), (0.05, 1), (9.0, 1)])
def test_no_further_candidate_is_judged_after_the_time(took: float, judged_: int) -> None:
    at: object = searching().next([Candidate(entry(str(number)), 0.8) for number in range(3)], NOW)
    while isinstance(at, Judging):
        at = at.next(REFUSED, took, NOW)

    assert isinstance(at, Forwarding)
    assert len(at.trace.judgements) == judged_


def test_the_gate_is_asked_no_more_after_a_hit() -> None:
    after = judged(searching(), (Candidate(entry("a"), 0.9), PASSED), (Candidate(entry("b"), 0.8), REFUSED))

    assert isinstance(after, Reusing)
    assert len(after.trace.judgements) == 1


@pytest.mark.parametrize(
    ("exact", "pairs", "outcome"),
    [
        (None, [], Miss()),
        (entry(age=100.0), [], Miss(MissDetail.EXPIRED)),
        (None, [(Candidate(entry(NEAR), 0.8), REFUSED)], Miss(MissDetail.GATE, "numbers")),
        (entry(age=100.0), [(Candidate(entry(NEAR), 0.8), REFUSED)], Miss(MissDetail.GATE, "numbers")),
        (None, [(Candidate(entry(NEAR, age=100.0), 0.8), PASSED)], Miss(MissDetail.EXPIRED)),
    ],
)
def test_the_reason_of_a_miss_is_read_from_the_trace(
    exact: Entry | None, pairs: list[tuple[Candidate, Verdict]], outcome: Miss
) -> None:
    after = judged(searching(exact=exact), *pairs)
    after = after.next(None, NOW) if isinstance(after, Unmatched) else after

    assert isinstance(after, Forwarding)
    assert after.outcome == outcome


def test_a_refused_candidate_is_the_nearest_miss() -> None:
    after = judged(searching(), (Candidate(entry(NEAR), 0.8), REFUSED), (Candidate(entry(OTHER), 0.76), REFUSED))

    assert isinstance(after, Forwarding)
    assert after.trace.nearest_miss == NearMiss(NOW, QUERY, digest(NEAR), 0.8, 0.75, REFUSED)


def test_an_entry_below_the_threshold_is_the_nearest_miss() -> None:
    state = judged(searching())
    assert isinstance(state, Unmatched)
    after = state.next(("d", 0.7), NOW)

    assert after.trace.nearest_miss == NearMiss(NOW, QUERY, "d", 0.7, 0.75, None)
    assert state.next(None, NOW).trace.nearest_miss is None
    assert state.plan.near_miss_floor == pytest.approx(0.65)


def test_a_caller_who_stores_nothing_has_no_near_miss() -> None:
    for pairs in ([], [(Candidate(entry(NEAR), 0.8), REFUSED)]):
        after = judged(searching("no-store"), *pairs)
        assert isinstance(after, Forwarding)
        assert after.trace.nearest_miss is None


def test_no_entry_and_only_if_cached_is_the_end() -> None:
    bypassed = arrived("only-if-cached, no-cache")
    assert isinstance(bypassed, Bypassed)

    assert isinstance(bypassed.next(NOW), NotCached)
    assert isinstance(judged(searching("only-if-cached")), Unmatched)
    assert isinstance(searching("only-if-cached").without_store(NOW), NotCached)


@pytest.mark.parametrize("kind", [HitKind.EXACT, HitKind.SEMANTIC])
def test_a_stale_entry_answers_while_it_is_revalidated(kind: HitKind) -> None:
    stale = entry(PROMPT if kind is HitKind.EXACT else NEAR, age=110.0)
    state = searching("stale-while-revalidate=11", may_revalidate=True, exact=stale if kind is HitKind.EXACT else None)
    pairs = [] if kind is HitKind.EXACT else [(Candidate(stale, 0.8), PASSED)]
    after = judged(state, *pairs)
    after = after.next(None, NOW) if isinstance(after, Unmatched) else after

    assert isinstance(after, Revalidating)
    assert after.outcome == Stale(kind, 1.0 if kind is HitKind.EXACT else 0.8, 110.0, revalidating=True)
    assert (after.reusing.entry, after.forwarding.outcome) == (stale, Miss(MissDetail.EXPIRED))


def test_an_instance_without_background_work_revalidates_nothing() -> None:
    state = judged(searching("stale-while-revalidate=10", exact=entry(age=105.0)))

    assert isinstance(state, Unmatched)
    assert isinstance(state.next(None, NOW), Forwarding)


def test_a_store_that_fails_is_a_bypass_at_every_state() -> None:
    state = looking()
    assert state.without_store(NOW) == Bypassed(state.plan, NO_FACTS, STORE_UNAVAILABLE)
    stale = entry(age=100.0)
    after = searching(exact=stale).without_store(NOW)

    assert isinstance(after, Forwarding)
    assert (after.outcome, after.trace.exact, after.trace.is_leader) == (STORE_UNAVAILABLE, stale, True)


@pytest.mark.parametrize(
    ("cache_control", "leased"), [("", True), ("no-store", False), ("only-if-cached", False), ("max-age=0", True)]
)
def test_only_requests_that_may_store_take_a_lease(cache_control: str, leased: bool) -> None:
    assert looking(cache_control, takes_lease=True).plan.leased == (QUERY if leased else None)
    assert looking(cache_control).plan.leased is None


def test_states_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        looking().query = QUERY  # type: ignore[misc]
