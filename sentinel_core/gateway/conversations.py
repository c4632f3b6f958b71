"""Remembers which turns of chats were answered by the entry of another prompt, so that such chats share later turns."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

from sentinel_core.cache.operator_rules import Rules
from sentinel_core.cache.purge import Purge
from sentinel_core.cache.scope import Query
from sentinel_core.cache.verdict import Verdict
from sentinel_core.support.fair_map import FairMap

MOST_TURNS = 1_000
"""Turns remembered by one process: less than 2 MB."""
LONGEST_PROMPT = 512
"""Bytes in UTF-8; a turn that was answered by the entry of a longer prompt counts as itself."""
MOST_SCOPES = 2
"""Scopes in which one turn with one answer is remembered."""

_Turn: TypeAlias = bytes
"""SHA-256 of a user turn and its answer."""


@dataclass(frozen=True, slots=True)
class Served:
    """The prompt in UTF-8 whose entry answered a turn, and the facts by which it did."""

    prompt: bytes
    similarity: float
    verdict: Verdict
    rules: Rules

    @property
    def text(self) -> str:
        return self.prompt.decode("utf-8", "surrogatepass")


class Conversations:
    """
    The recent turns of this process that an entry of another prompt answered; shared by nothing but a namespace.

    A turn is known by its words, its answer and its scope: an assistant's words that were never served after it are
    another turn. `find` may be called from any thread. Past `most` turns the namespace that holds most loses its
    oldest one.
    """

    def __init__(self, most: int = MOST_TURNS) -> None:
        self.turns: FairMap[_Turn, dict[str, Served]] = FairMap(most)

    def __len__(self) -> int:
        return len(self.turns)

    def note(self, query: Query, answered: str, served: Served) -> None:
        """Keep a served answer, unless its prompt is long; the oldest of `MOST_SCOPES` scopes goes."""
        if len(served.prompt) > LONGEST_PROMPT:
            return
        turn = _turn(query.prompt, answered)
        known = self.turns.peek(query.namespace, turn) or {}
        others = [(scope, each) for scope, each in known.items() if scope != query.fingerprint][1 - MOST_SCOPES :]
        self.turns.put(query.namespace, turn, {**dict(others), query.fingerprint: served})

    def find(self, namespace: str, asked: str, answered: str) -> dict[str, Served] | None:
        """Return by scope what answered a turn with these words; None where no other prompt's entry did."""
        return self.turns.peek(namespace, _turn(asked, answered))

    def erase(self, purge: Purge) -> None:
        """Forget all turns of the purge's namespace, for they may be the erased writer's."""
        self.turns.drop(purge.namespace)


def _turn(asked: str, answered: str) -> _Turn:
    return sha256(f"{len(asked)}:{asked}{answered}".encode("utf-8", "surrogatepass")).digest()
