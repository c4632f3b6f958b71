"""What all instances show of their latest requests: the port of a store that they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, TypeAlias

from sentinel_core.telemetry.records import Answered
from sentinel_core.telemetry.series import Point, Series, Step
from sentinel_core.telemetry.sums import SeenRequest

Verdict: TypeAlias = Literal["right", "wrong_match", "wrong_answer"]


class Texts(NamedTuple):
    """
    The prompt of a semantic hit, the prompt it was matched to and the answer.

    `namespace` is where the entry is that answered; `asked` is the digest of the request's prompt.
    """

    prompt: str
    matched_prompt: str
    answer: str
    namespace: str
    entry_id: str
    asked: str | None


@dataclass(slots=True)
class SeenHit:
    """One served semantic hit, with the verdict on it."""

    at: float
    answered: Answered
    texts: Texts
    verdict: Verdict | None = None


class Whose(NamedTuple):
    """The place of an owner's requests: the namespace of its answers, and its tenant, "" without one."""

    namespace: str
    tenant: str


class SharedRings(Protocol):
    """
    The latest requests and served hits of all instances, numbered alike in all of them.

    Notes travel later, and may be lost; reading raises StoreError, and nothing else.
    """

    def note(self, whose: Whose, seen: SeenRequest) -> None:
        """Note a request; must not wait."""

    def note_hit(self, whose: Whose, hit: SeenHit) -> None:
        """Note a served semantic hit; must not wait."""

    def erase(self, namespace: str) -> None:
        """Forget what waits to be sent of a namespace with an erased writer."""

    async def requests(self, whose: Whose | None, *, after: int) -> Sequence[tuple[int, SeenRequest]]:
        """Return the requests with numbers above `after`, the latest first: of one owner, or of all."""

    async def hits(self, whose: Whose | None) -> Sequence[tuple[int, SeenHit]]:
        """Return the served hits with their numbers and verdicts, the latest first: of one owner, or of all."""

    async def judge(self, whose: Whose, number: int, verdict: Verdict) -> bool:
        """Write a verdict on a hit; return whether it is the first in all instances."""


class Settling(Protocol):
    """Adds the latest requests to its sums when asked."""

    def settle(self) -> None: ...


class SharedSeries(Protocol):
    """The time series of all instances. Changes travel later; reading raises StoreError, and nothing else."""

    def follow(self, source: Settling) -> None:
        """Have `source` add up its latest requests before sums travel."""

    def changed(self, tenant: str, series: Series) -> None:
        """Note that this process's series of a tenant changed, "" for everyone's; must not wait."""

    async def points(self, tenant: str, step: Step, since: float) -> Sequence[Point]:
        """Return the points from `since` on, oldest first; steps without requests are left out."""
