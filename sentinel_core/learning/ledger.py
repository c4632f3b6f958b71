"""Costs of the cache's own work: judge and audits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sentinel_core.cache.ports import Books
from sentinel_core.support.bounded import BoundedMap

MOST_OWNERS = 4_096
"""Namespaces with a ledger of their own; the least recently used is evicted."""


def _owners() -> BoundedMap[str, dict[str, float]]:
    return BoundedMap(MOST_OWNERS)


@dataclass(slots=True)
class Ledger:
    """Sums by name, of this process and by namespace; `books` sum those of all instances by day."""

    books: Books | None = None
    everyone: dict[str, float] = field(default_factory=dict)
    _owners: BoundedMap[str, dict[str, float]] = field(default_factory=_owners)

    def add(self, namespace: str, **amounts: float) -> None:
        """Add amounts of a namespace; their names begin with `judge_` or `audit_`."""
        own = self._owners.get(namespace)
        if own is None:
            own = {}
            self._owners.put(namespace, own)
        for sums in (self.everyone, own):
            for name, amount in amounts.items():
                sums[name] = sums.get(name, 0) + amount
        if self.books is not None:
            self.books.add_counters(amounts, namespace)

    def of(self, namespace: str | None = None) -> Mapping[str, float]:
        """Return the sums of a namespace, or of all."""
        return self.everyone if namespace is None else self._owners.peek(namespace) or {}
