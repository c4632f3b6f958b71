"""Asks the gate about one candidate: on the event loop, or off it if that takes long."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial

from sentinel_core.cache.decision import Judging
from sentinel_core.cache.verdict import Verdict
from sentinel_core.matching.gate import Gate

JUDGED_ON_LOOP = 600
"""Characters of a prompt up to which four candidates are judged on the event loop: about 5 ms."""


def are_long(prompts: Iterable[str], longest: int = JUDGED_ON_LOOP) -> bool:
    """Whether judging takes too long for the event loop."""
    return any(len(prompt) > longest for prompt in prompts)


async def judge(gate: Gate, state: Judging, *, longest_on_loop: int = JUDGED_ON_LOOP) -> Verdict:
    """Return the gate's verdict; if a prompt is longer than `longest_on_loop`, judge it in a thread."""
    asked, near = state.query.prompt, state.candidate
    if are_long([asked, near.prompt], longest_on_loop):
        return await asyncio.to_thread(partial(gate.judge, asked, near.prompt, near.similarity))
    return gate.judge(asked, near.prompt, near.similarity)
