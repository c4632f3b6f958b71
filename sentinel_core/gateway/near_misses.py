"""Lookups that came near to an answer: what an operator tunes threshold and gate by."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sentinel_core.cache.scope import Query
from sentinel_core.matching.gate import Verdict

MARGIN = 0.1
"""How far below the threshold is near."""

LONGEST_PROMPT = 500


@dataclass(frozen=True, slots=True)
class NearMiss:
    """
    A `query` without an answer, and the entry that came nearest, by its `digest` in the same scope.

    `verdict` is why the gate refused it; None where it was below the `threshold`. `at` is Unix time.
    """

    at: float
    query: Query
    digest: str
    similarity: float
    threshold: float
    verdict: Verdict | None


class NearMisses:
    """
    The last `each` of each namespace, in this process only, the prompts' beginnings with them.

    Past `namespaces` those are forgotten of whom nothing was noted for the longest time.
    """

    def __init__(self, *, each: int = 200, namespaces: int = 100) -> None:
        self._each = each
        self._namespaces = namespaces
        self._noted: OrderedDict[str, deque[NearMiss]] = OrderedDict()

    def note(self, near: NearMiss) -> None:
        space = near.query.namespace
        if space not in self._noted:
            self._noted[space] = deque(maxlen=self._each)
        self._noted.move_to_end(space)
        self._noted[space].append(replace(near, query=replace(near.query, prompt=near.query.prompt[:LONGEST_PROMPT])))
        if len(self._noted) > self._namespaces:
            self._noted.popitem(last=False)

    def of(self, namespace: str) -> Sequence[NearMiss]:
        """Return what was noted of a namespace, the last first."""
        return list(reversed(self._noted.get(namespace, ())))
