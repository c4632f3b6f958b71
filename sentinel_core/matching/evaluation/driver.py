"""Drives the server's decision machine over prompts without requests: from the candidates to a hit or none."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.decided import Decided, Reusing
from sentinel_core.cache.decision import Consulting, Judging, Looking, Searching
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.operator_rules import Rules
from sentinel_core.cache.plan import NO_FACTS, Plan
from sentinel_core.cache.ports import Candidate as StoredCandidate
from sentinel_core.cache.scope import Query
from sentinel_core.chat.messages import ChatRequest, Completion
from sentinel_core.matching.gate import Candidate, Verdict

_NO_VECTOR = np.empty(0, np.float32)


def decide(
    asked: str,
    near: Sequence[Candidate],
    threshold: float,
    verdict_on: Callable[[str], Verdict],
    consult: Callable[[str, Verdict], Verdict] = lambda _, verdict: verdict,
) -> Candidate | None:
    """
    Return the candidate whose answer the server would serve; `verdict_on` judges a stored prompt by the
    gate, and `consult` by a judge.

    Judging takes no time here, and no entry is old.
    """
    prompts = {candidate.prompt: candidate for candidate in near}
    stored = [StoredCandidate(_entry(candidate), candidate.similarity) for candidate in near]
    state: Looking | Decided = _searching(asked, threshold).next(stored, 0.0)
    while isinstance(state, Judging | Consulting):
        if isinstance(state, Judging):
            state = state.next(verdict_on(state.candidate.prompt), 0.0, 0.0)
        else:
            state = state.next(consult(state.judging.candidate.prompt, state.verdict), 0.0)
    return prompts[state.entry.prompt] if isinstance(state, Reusing) else None


def _searching(asked: str, threshold: float) -> Searching:
    ask = CacheRequest(ChatRequest("", "", ({"role": "user", "content": asked},)), "", math.inf)
    rules, query = Rules(threshold, ttl=math.inf, stale=0.0, max_temperature=math.inf), Query("", "", asked, "")
    plan = Plan(ask, rules, query, store_budget=math.inf, takes_lease=False, may_revalidate=False)
    return Searching(plan, NO_FACTS, query, _NO_VECTOR)


def _entry(candidate: Candidate) -> Entry:
    answer = Completion("", "", {"content": candidate.answer}, "stop", None)
    return Entry(candidate.prompt, answer, created=0.0, ttl=math.inf)
