"""A remembered rewording: which entry a prompt was matched to, and the facts that this depends on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sentinel_core.cache.entry import Entry
from sentinel_core.cache.operator_rules import Rules
from sentinel_core.cache.ports import Candidate, Vector
from sentinel_core.cache.scope import Query
from sentinel_core.cache.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate by its digest, with the gate's verdict on it; None where a label decides, or nothing is known."""

    digest: str
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Basis:
    """
    The facts besides prompts and entries that a match depends on; equal ones give equal matches.

    `revision` is the index's, None where it is not known and no match holds; `needed` the gate's least score. `given`
    are the verdicts on the candidates, nearest first, with labels and steering; None where there is none.
    """

    revision: int | None
    rules: Rules
    threshold: float
    needed: float
    given: tuple[Verdict | None, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """
    The entry that a prompt was matched to: its prompt, and when it was stored.

    `judged` are the candidates that were judged, the matched one last.
    """

    prompt: str
    created: float
    similarity: float
    verdict: Verdict
    judged: tuple[Judged, ...]
    basis: Basis

    def is_of(self, entry: Entry) -> bool:
        """Whether the match is still this entry; a new answer to the same prompt is another one."""
        return entry.created == self.created and entry.prompt == self.prompt


@dataclass(frozen=True, slots=True)
class Recalled:
    """A match that still holds, with the entry as it is stored now."""

    candidate: Candidate
    verdict: Verdict


class Recall(Protocol):
    """The part of a store by which a remembered match is checked."""

    async def load_pair(self, query: Query, digest: str) -> tuple[Entry | None, Entry | None]:
        """
        Load the entry of this prompt and another one of its scope; meanwhile learn the scope's new entries.

        One round trip. Raises StoreError.
        """

    def revision(self, query: Query) -> int | None:
        """
        Return a number that every change of the scope's index changes, as far as this process knows.

        None where the index is not all in this process.
        """

    def has_nearer_since(self, query: Query, revision: int, vector: Vector, floor: float) -> bool:
        """Return whether an entry of at least this similarity may have been added to the index since that revision."""
