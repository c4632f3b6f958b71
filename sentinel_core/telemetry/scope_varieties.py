"""Keeps the latest requests of each namespace as numbers, to find the part of the scope that never repeats."""

from __future__ import annotations

from collections import deque

from sentinel_core.cache.decision import Arrived, Bypassed
from sentinel_core.cache.plan import compared
from sentinel_core.cache.scope import prompt_of
from sentinel_core.cache.scope_variety import Sample, Variety, sample, variety
from sentinel_core.support.bounded import BoundedMap

MOST_EACH, MOST_NAMESPACES = 100, 40


class ScopeVarieties:
    """
    The last `each` requests of at most `namespaces` namespaces, in this process only; no text is kept.

    The least recently used namespace is evicted.
    """

    def __init__(self, *, each: int = MOST_EACH, namespaces: int = MOST_NAMESPACES) -> None:
        self._each = each
        self._noted: BoundedMap[str, deque[Sample]] = BoundedMap(namespaces)

    def sampled(self, arrived: Arrived | Bypassed) -> tuple[Arrived | Bypassed, Sample | None]:
        """Return the state with the sample of its request, None where nothing is looked up; nothing is noted yet."""
        plan = arrived.plan
        if plan.query is None:
            return arrived, None
        latest, fingerprint = self._latest(plan.ask.namespace), plan.query.fingerprint
        if latest is not None and latest.fingerprint == fingerprint:
            return arrived, latest.of_prompt(prompt_of(plan.ask.request))
        return arrived, sample(compared(plan.ask, plan.rules), latest, fingerprint)

    def note(self, namespace: str, sample: Sample | None) -> None:
        """Count one request; none where nothing is looked up."""
        if sample is None:
            return
        noted = self._noted.get(namespace)
        if noted is None:
            noted = deque(maxlen=self._each)
            self._noted.put(namespace, noted)
        noted.append(sample)

    def _latest(self, namespace: str) -> Sample | None:
        noted = self._noted.peek(namespace)
        return noted[-1] if noted else None

    def of(self, namespace: str) -> Variety:
        """Return how much each part varies in the last requests of a namespace."""
        return variety(list(self._noted.peek(namespace) or ()))
