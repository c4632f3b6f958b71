"""What would become of a request, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sentinel_core.cache.outcome import MissDetail, Outcome
from sentinel_core.cache.ports import Candidate
from sentinel_core.cache.scope import Query
from sentinel_core.chat.messages import Json
from sentinel_core.matching.gate import Verdict


@dataclass(frozen=True, slots=True)
class Sight:
    """
    One entry as a request sees it.

    `verdict` is the gate's, None for the entry of this very prompt; `ttl_left` is in seconds, negative past the ttl.
    """

    candidate: Candidate
    verdict: Verdict | None
    fresh: bool
    may_stand_in: bool
    age: float
    ttl_left: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """
    The outcome a request would have, with all it is decided by.

    `unembedded` is why there are no candidates by meaning. `ttl` is what a new answer would be kept for.
    """

    outcome: Outcome
    query: Query
    parts: Mapping[str, Json]
    threshold: float
    ttl: float
    volatile: str | None
    personal: str | None = None
    exact: Sight | None = None
    candidates: Sequence[Sight] = ()
    unembedded: MissDetail | None = None
