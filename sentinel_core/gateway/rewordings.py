"""Remembers vectors, verdicts and matches of recent prompts, so that the same rewording costs no inference again."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeAlias

from sentinel_core.cache.ports import Candidate, Vector
from sentinel_core.cache.purge import Purge
from sentinel_core.cache.rewording import Match
from sentinel_core.cache.scope import Query
from sentinel_core.cache.verdict import Verdict
from sentinel_core.support.fair_map import FairMap

MOST_PROMPTS = 2_000
"""Prompts remembered by one process: about 10 MB, 25 MB if all are long and of wide characters."""

LONGEST_PROMPT = 2_000
"""Characters; longer prompts and stored prompts are seldom asked twice."""

MOST_VERDICTS = 8
"""Verdicts remembered for one prompt: two sets of candidates."""

_Place: TypeAlias = tuple[str, str]
"""Fingerprint and digest."""

_Judged: TypeAlias = tuple[bytes, float, float, float]
"""
SHA-256 of the stored prompt, similarity, threshold and the gate's least score: with the prompt all that a verdict
depends on. Eight prompts themselves would be most of what is remembered.
"""


@dataclass(slots=True)
class Rewording:
    """One prompt: its vector, the gate's verdicts on pairs with it, and the entry it was matched to."""

    prompt: str
    vector: Vector
    verdicts: dict[_Judged, Verdict] = field(default_factory=dict)
    match: Match | None = None

    def verdict(self, near: Candidate, threshold: float, needed: float) -> Verdict | None:
        return self.verdicts.get((_exact(near.prompt), near.similarity, threshold, needed))

    def note(self, near: Candidate, threshold: float, needed: float, verdict: Verdict) -> None:
        """Keep a verdict of the gate; the oldest goes past `MOST_VERDICTS`."""
        if len(near.prompt) > LONGEST_PROMPT:
            return
        self.verdicts[_exact(near.prompt), near.similarity, threshold, needed] = verdict
        if len(self.verdicts) > MOST_VERDICTS:
            del self.verdicts[next(iter(self.verdicts))]


def _exact(prompt: str) -> bytes:
    """Return a digest of the very characters; the cache's own folds some."""
    return sha256(prompt.encode("utf-8", "surrogatepass")).digest()


class Rewordings:
    """
    The recent prompts of this process by scope: nothing is shared between scopes, not even time saved.

    Past `most` prompts the namespace that holds most loses its least recently used one.
    """

    def __init__(self, most: int = MOST_PROMPTS) -> None:
        self._held: FairMap[_Place, Rewording] = FairMap(most)

    def __len__(self) -> int:
        return len(self._held)

    def get(self, query: Query) -> Rewording | None:
        """Return a prompt; one of equal digest but other characters is another prompt."""
        place = query.fingerprint, query.digest
        found = self._held.peek(query.namespace, place)
        if found is None or found.prompt != query.prompt:
            return None
        self._held.use(query.namespace, place)
        return found

    def note(self, query: Query, vector: Vector) -> None:
        """Keep the vector of a prompt, unless the prompt is long."""
        if len(query.prompt) <= LONGEST_PROMPT:
            self._held.put(query.namespace, (query.fingerprint, query.digest), Rewording(query.prompt, vector))

    def erase(self, purge: Purge) -> None:
        """Forget all prompts of the purge's namespace, for they may be the erased writer's."""
        self._held.drop(purge.namespace)
