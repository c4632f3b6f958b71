"""How long candidates are judged, on the event loop or off it, and what their verdicts say of a miss."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias, TypeVar

from sentinel_core.cache.outcome import Bypass, Miss, MissDetail
from sentinel_core.cache.ports import Candidate
from sentinel_core.matching.gate import Verdict
from sentinel_core.support.clock import Clock

JUDGE_SECONDS = 0.05
"""For all candidates of a prompt; after it no further one is judged, because a slow hit is worse than a miss."""

JUDGED_ON_LOOP = 600
"""Characters of a prompt up to which four candidates are judged on the event loop: about 5 ms."""

T = TypeVar("T")
Judgement: TypeAlias = tuple[Candidate, Verdict]


def are_long(prompt: str, others: Iterable[str]) -> bool:
    """Whether judging takes too long for the event loop."""
    return len(prompt) > JUDGED_ON_LOOP or any(len(other) > JUDGED_ON_LOOP for other in others)


def in_time(judgements: Iterable[T], clock: Clock) -> Iterator[T]:
    """Judge at least one candidate, and further ones until `JUDGE_SECONDS` have passed."""
    ends = clock.monotonic() + JUDGE_SECONDS
    for judgement in judgements:
        yield judgement
        if clock.monotonic() >= ends:
            return


def passing(judgements: Iterable[Judgement], noted: list[Judgement]) -> Iterator[Candidate]:
    """Judge one candidate at a time, because the nearest is mostly taken; note each verdict that was needed."""
    for candidate, verdict in judgements:
        noted.append((candidate, verdict))
        if verdict.passed:
            yield candidate


def nearest_outcome(semantic: Miss | Bypass, exact: Miss | Bypass, verdicts: Sequence[Verdict]) -> Miss | Bypass:
    """Say what came nearest to an answer: something past its time, something refused, or nothing."""
    if any(verdict.passed for verdict in verdicts):
        return semantic
    return Miss(MissDetail.GATE, verdicts[0].rule) if verdicts else exact
