"""Asks the gate about one candidate: on the event loop, or off it if that takes long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from sentinel_core.cache.decision import Judging
from sentinel_core.cache.ports import Candidate
from sentinel_core.cache.verdict import Verdict
from sentinel_core.matching.gate import Gate
from sentinel_core.matching.residual import Compared, verdict_on
from sentinel_core.support.off_loop import JUDGING, off_loop

JUDGED_ON_LOOP = 600
"""Characters of a prompt up to which candidates are judged on the event loop: each takes 1 to 10 ms."""


@dataclass(frozen=True, slots=True)
class ComparedCandidate(Candidate):
    """A candidate, with the parts of it and of the prompt that are judged."""

    compared: Compared[Candidate]


def are_long(prompts: Iterable[str], longest: int = JUDGED_ON_LOOP) -> bool:
    """Whether judging takes too long for the event loop."""
    return any(len(prompt) > longest for prompt in prompts)


async def judge(gate: Gate, state: Judging, *, longest_on_loop: int = JUDGED_ON_LOOP) -> Verdict:
    """Return the gate's verdict; if a prompt is longer than `longest_on_loop`, judge it in a thread."""
    near = state.candidate
    if not isinstance(near, ComparedCandidate):
        raise TypeError("a candidate is compared before it is judged")
    judge_near = partial(verdict_on, gate, near.compared, state.plan.threshold)
    is_long = are_long([state.query.prompt, near.prompt], longest_on_loop)
    return await off_loop(judge_near, is_large=is_long, thread=JUDGING)
