from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from sentinel_core.cache.decision import Judging, arrive
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.plan import NO_FACTS
from sentinel_core.cache.ports import Candidate
from sentinel_core.cache.scope import split
from sentinel_core.cache.verdict import Verdict
from sentinel_core.gateway import recalling
from sentinel_core.gateway.judging import JUDGED_ON_LOOP, ComparedCandidate, judge
from sentinel_core.matching.gate import Gate
from tests.support.fakes import RULES, World, chat, completion, word_vector

pytestmark = pytest.mark.anyio

SHORT, LONG, OTHER = "x" * JUDGED_ON_LOOP, "x" * (JUDGED_ON_LOOP + 1), "y"


class NotingGate(Gate):
    """A gate that passes all, and notes the thread it is asked in."""

    threads: list[threading.Thread]

    def judge(self, asked: str, stored: str, similarity: float, odds: float = 1.0) -> Verdict:
        self.threads.append(threading.current_thread())
        return Verdict(True, similarity)


@pytest.mark.parametrize(
    ("asked", "stored", "on_loop"), [(SHORT, OTHER, True), (LONG, OTHER, False), (OTHER, LONG, False)]
)
async def test_a_long_prompt_or_neighbour_leaves_the_event_loop(
    world: type[World], asked: str, stored: str, on_loop: bool
) -> None:
    it, gate = world(), NotingGate()  # type: ignore[call-arg]
    object.__setattr__(gate, "threads", [])
    plan = arrive(it.ask(asked), rules=RULES, now=it.clock.now(), store_budget=1.0).plan
    found = Candidate(Entry(stored, completion(), it.clock.now(), 100.0), 0.8)
    (near,) = await it.lookup.compare_candidates(asked, [found], is_extract=False)
    state = Judging(plan, NO_FACTS, split(chat(asked), "open"), word_vector(asked), near, ())

    assert await judge(gate, state) == Verdict(True, 0.8)
    assert [thread is threading.current_thread() for thread in gate.threads] == [on_loop]


PASSAGE = "The shop opens at nine in the morning and closes at six in the evening every day of the week.\n\n"


@pytest.mark.parametrize(
    ("asked", "nearest", "compared"),
    [
        ("How do I open an account?", "How can I open an account?", [True, False]),
        (f"{PASSAGE}How do I open an account?", f"{PASSAGE}What does an account cost each month?", [True, True]),
    ],
)
async def test_others_are_compared_only_where_the_first_leaves_a_rest(
    world: Callable[..., World], asked: str, nearest: str, compared: list[bool]
) -> None:
    it = world()
    near = [Candidate(Entry(text, completion(), 0.0, 100.0), 0.9) for text in (nearest, "Where is the bank?")]

    found = await it.lookup.compare_first(asked, near, is_extract=False)

    assert [each.prompt for each in found] == [each.prompt for each in near]
    assert [isinstance(each, ComparedCandidate) for each in found] == compared


async def test_the_second_candidate_is_compared_once_the_first_is_refused(world: Callable[..., World]) -> None:
    it, asked = world(), "How do I open an account?"
    plan = arrive(it.ask(asked), rules=RULES, now=it.clock.now(), store_budget=1.0).plan
    texts = ("How do I open 3 accounts?", "How can I open an account?")
    first, second = (Candidate(Entry(text, completion(), it.clock.now(), 100.0), 0.95) for text in texts)
    state = Judging(plan, NO_FACTS, split(chat(asked), "open"), word_vector(asked), first, [second])

    judging = await recalling.compared(it.lookup, state)
    following = judging.next(Verdict(False, 0.0, "numbers"), 0.0, it.clock.now())

    assert isinstance(following, Judging)
    assert following.candidate is second
    again = await recalling.compared(it.lookup, following)
    assert isinstance(again.candidate, ComparedCandidate)
    assert await recalling.compared(it.lookup, again) is again
