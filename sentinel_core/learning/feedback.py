"""Effects of a caller's verdict on an answer: ban a pair of prompts, delete an entry, or only count."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sentinel_core.cache.pairs import JudgedPair, Labeller, Relation, key_of
from sentinel_core.support.bounded import BoundedMap

BAN_SECONDS = 30 * 86_400.0
"""How long a pair stays banned; longer than most entries, because a new answer for a prompt leaves it as different."""

MOST_RECENT = 10_000
"""Answers that feedback can name by `request_id`; about 5 MB."""


class Feedback(StrEnum):
    """A caller's verdict; `WRONG` is `WRONG_MATCH` on a semantic hit, else `WRONG_ANSWER`."""

    RIGHT = "right"
    WRONG = "wrong"
    WRONG_MATCH = "wrong-match"
    WRONG_ANSWER = "wrong-answer"


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that was given: its entry by `fingerprint` and `digest`, and the digest of the prompt `asked`."""

    fingerprint: str
    digest: str
    asked: str

    @property
    def is_semantic(self) -> bool:
        return self.asked != self.digest


class RecentAnswers:
    """The latest answers of this process by namespace and request id; the least recently used are evicted."""

    def __init__(self, most: int = MOST_RECENT) -> None:
        self._given: BoundedMap[tuple[str, str], tuple[str, str | None]] = BoundedMap(most)

    def note(self, namespace: str, request_id: str, entry_id: str, asked: str | None) -> None:
        """Keep one answer; `asked` is None where the entry is the prompt's own."""
        self._given.put((namespace, request_id), (entry_id, asked))

    def find(self, namespace: str, request_id: str) -> Given | None:
        found = self._given.peek((namespace, request_id))
        if found is None:
            return None
        fingerprint, _, digest = found[0].partition(":")
        return Given(fingerprint, digest, found[1] or digest)


def resolved(verdict: Feedback, given: Given) -> Feedback:
    """Return the meaning of plain `WRONG` for this answer; a match with a prompt's own entry cannot be wrong."""
    if verdict is Feedback.WRONG:
        return Feedback.WRONG_MATCH if given.is_semantic else Feedback.WRONG_ANSWER
    return verdict


def banned(given: Given, now: float) -> JudgedPair:
    """Return the pair that "wrong match" makes of an answer."""
    key = key_of(given.asked, given.digest)
    return JudgedPair(key, Relation.DIFFERENT, Labeller.FEEDBACK, now, now + BAN_SECONDS)
