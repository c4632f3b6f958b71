"""Compares two prompts as a lookup would, apart from any stored entry."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from sentinel_core.cache.entry import Entry
from sentinel_core.cache.outcome import MissDetail
from sentinel_core.cache.plan import Extract
from sentinel_core.cache.ports import Candidate
from sentinel_core.cache.verdict import Verdict
from sentinel_core.chat.messages import Completion
from sentinel_core.gateway.lookup import Lookup
from sentinel_core.matching.gate import Gate
from sentinel_core.matching.residual import verdict_on
from sentinel_core.support.clock import Timer
from sentinel_core.support.off_loop import JUDGING, off_loop

_NO_COMPLETION = Completion("", "", {"role": "assistant", "content": ""}, "stop")


@dataclass(frozen=True, slots=True)
class Compared:
    """`similarity` and `verdict` are None where `not_compared` says why."""

    threshold: float
    similarity: float | None = None
    verdict: Verdict | None = None
    not_compared: MissDetail | None = None


async def compare(lookup: Lookup, gate: Gate, asked: str, stored: str, *, threshold: float, timer: Timer) -> Compared:
    """Embed both prompts, and have `gate` judge the pair."""
    found = [await lookup.embed(text, timer) for text in (asked, stored)]
    is_extract = any(isinstance(each, Extract) for each in found)
    vectors = []
    for each in found:
        if isinstance(each, MissDetail):
            return Compared(threshold, not_compared=each)
        vectors.append(each.vector if isinstance(each, Extract) else each)
    similarity = float(np.dot(vectors[0], vectors[1]))
    candidate = Candidate(Entry(stored, _NO_COMPLETION, 0.0, 0.0), similarity)
    [near] = await lookup.compare_candidates(asked, [candidate], is_extract=is_extract)
    judge = partial(verdict_on, gate, near.compared, threshold)
    return Compared(threshold, similarity, await off_loop(judge, is_large=True, thread=JUDGING))
