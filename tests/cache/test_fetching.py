"""The states after Forwarding, from values alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sentinel_core.cache.answer import NO_USAGE, Answer
from sentinel_core.cache.decided import STORE_UNAVAILABLE, Forwarding, Reusing
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.fetching import Asking, Failing, Fetched, Settling, Unanswered, Waiting, fail, fetch
from sentinel_core.cache.outcome import Bypass, Hit, HitKind, Miss, MissDetail, Stale
from sentinel_core.cache.plan import NO_FACTS, Trace
from sentinel_core.cache.ports import Candidate
from sentinel_core.cache.storing import Unstorable
from sentinel_core.cache.verdict import Verdict
from tests.cache.test_decision import NOW, QUERY, VECTOR, arrived, entry
from tests.support.fakes import PRICE, USAGE, chat, completion

MISS = Miss()
LED_BY_ANOTHER = replace(NO_FACTS, is_leader=False)


def forwarding(
    cache_control: str = "", trace: Trace = NO_FACTS, outcome: Miss | Bypass = MISS, **params: int
) -> Forwarding:
    return Forwarding(arrived(cache_control, request=replace(chat(QUERY.prompt), params=params)).plan, trace, outcome)


def test_the_leading_instance_asks_and_the_others_wait() -> None:
    led = forwarding(trace=LED_BY_ANOTHER)

    assert fetch(forwarding()) == Asking(forwarding())
    assert fetch(led) == Waiting(led, QUERY)
    assert fetch(forwarding(trace=LED_BY_ANOTHER, n=2)) == Asking(forwarding(trace=LED_BY_ANOTHER, n=2))


@pytest.mark.parametrize(
    ("cache_control", "age", "taken"), [("", 99.0, True), ("", 100.0, False), ("max-age=5", 5.0, False)]
)
def test_an_entry_of_another_instance_is_taken_while_it_is_fresh(cache_control: str, age: float, taken: bool) -> None:
    led, made = forwarding(cache_control, LED_BY_ANOTHER), entry(age=age)
    after = Waiting(led, QUERY).next(made, NOW)

    assert after == (Fetched(made.completion, None, None, QUERY, from_other_instance=True) if taken else Asking(led))


def test_without_one_this_instance_asks() -> None:
    led = forwarding(trace=LED_BY_ANOTHER)

    assert Waiting(led, QUERY).next(None, NOW) == Waiting(led, QUERY).without_store(NOW) == Asking(led)


def test_an_answer_becomes_an_entry() -> None:
    state = forwarding()
    settling = Asking(state).next(completion(), PRICE, NOW)

    assert settling == Settling(
        state, Fetched(completion(), PRICE, None, QUERY), Entry(QUERY.prompt, completion(), NOW, 100.0, PRICE)
    )
    assert settling.next(is_stored=True) == Fetched(completion(), PRICE, None, QUERY)
    assert settling.next(is_stored=False) == Fetched(completion(), PRICE, Unstorable.STORE_UNAVAILABLE, QUERY)


@pytest.mark.parametrize(
    ("state", "text", "reason"),
    [
        (forwarding(n=2), "text", Unstorable.BYPASSED),
        (forwarding("no-store"), "text", Unstorable.NO_STORE),
        (forwarding(), " ", Unstorable.EMPTY),
        (forwarding(outcome=STORE_UNAVAILABLE), "text", Unstorable.STORE_UNAVAILABLE),
        (forwarding("no-store", outcome=STORE_UNAVAILABLE), "text", Unstorable.NO_STORE),
    ],
)
def test_the_reason_why_an_answer_is_not_kept_stays(state: Forwarding, text: str, reason: Unstorable) -> None:
    settling = Asking(state).next(completion(text), PRICE, NOW)

    assert settling.entry is None
    fetched = Fetched(completion(text), PRICE, reason, state.plan.query)
    assert [settling.next(is_stored=False), settling.not_kept(Unstorable.STORE_SLOW)] == [fetched, fetched]


def test_a_caller_who_shares_a_call_pays_nothing() -> None:
    fetched, state = Fetched(completion(), PRICE, None, QUERY), forwarding()
    own, shared = fetched.answer(state, {}), fetched.answer(state, {}, is_shared=True)

    assert own == Answer(completion(), Miss(), USAGE, PRICE, 0.0, entry_id=QUERY.entry_id)
    assert shared == replace(own, billed=NO_USAGE, cost_usd=0.0, saved_usd=PRICE, collapsed=True)
    assert replace(fetched, from_other_instance=True).answer(state, {}) == shared


def test_the_timings_of_an_answer_are_its_own() -> None:
    stages = {"store": 1.0}
    answer = Reusing(forwarding().plan, NO_FACTS, Hit(HitKind.EXACT, 1.0, 0.0), entry(), "id").answer(stages)
    stages["store"] = 2.0

    assert answer.timings == {"store": 1.0}


def test_a_stale_entry_stands_in_for_a_failed_provider() -> None:
    exact, near = entry(age=120.0), entry("near", age=110.0)
    judgements = (Candidate(entry("refused"), 0.9), Verdict(False, 0.1)), (Candidate(near, 0.8), Verdict(True, 0.9))
    both = forwarding(trace=Trace(exact, VECTOR, judgements=judgements), outcome=Miss(MissDetail.EXPIRED))
    only_near = replace(both, trace=replace(both.trace, exact=None))

    first, second = fail(both, NOW), fail(only_near, NOW)
    assert isinstance(first, Reusing)
    assert isinstance(second, Reusing)
    assert (first.outcome, first.entry, first.entry_id) == (Stale(HitKind.EXACT, 1.0, 120.0), exact, QUERY.entry_id)
    assert (second.outcome, second.entry) == (Stale(HitKind.SEMANTIC, 0.8, 110.0), near)


def test_an_entry_past_its_grace_when_the_provider_fails_does_not_stand_in() -> None:
    state = forwarding(trace=Trace(entry(age=149.0)))

    assert isinstance(fail(state, NOW), Reusing)
    assert fail(state, NOW + 1.0) == Unanswered()


def test_no_cache_looks_for_an_entry_only_after_the_failure() -> None:
    state = forwarding("no-cache, stale-if-error=10")
    failing = fail(state, NOW)

    assert failing == Failing(state, QUERY)
    assert isinstance(failing, Failing)
    assert isinstance(failing.next(entry(), NOW), Reusing)
    assert failing.next(None, NOW) == failing.without_store(NOW) == Unanswered()


def test_a_request_that_must_not_be_shared_has_no_stand_in() -> None:
    assert fail(forwarding("no-cache", n=2), NOW) == Unanswered()
