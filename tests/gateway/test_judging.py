from __future__ import annotations

import threading

import pytest

from sentinel_core.cache.decision import Judging, arrive
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.plan import NO_FACTS
from sentinel_core.cache.ports import Candidate
from sentinel_core.cache.scope import split
from sentinel_core.cache.verdict import Verdict
from sentinel_core.gateway.judging import JUDGED_ON_LOOP, judge
from sentinel_core.matching.gate import Gate
from tests.support.fakes import RULES, World, chat, completion, word_vector

pytestmark = pytest.mark.anyio

SHORT, LONG, OTHER = "x" * JUDGED_ON_LOOP, "x" * (JUDGED_ON_LOOP + 1), "y"


class NotingGate(Gate):
    """A gate that passes all, and notes the thread it is asked in."""

    threads: list[threading.Thread]

    def judge(self, asked: str, stored: str, similarity: float) -> Verdict:
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
