"""Sums of each arm of an experiment, by day and group of callers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sentinel_core.cache.experiment import BUCKETS, Arm
from sentinel_core.cache.ports import Books
from sentinel_core.learning.ledger import days_until, summed
from sentinel_core.support.bounded import BoundedMap
from sentinel_core.support.clock import Clock

MOST_DAYS = 92
FIGURES = ("requests", "hits", "hits_semantic", "saved_usd", "cost_usd", "unpriced", "ms")
_HITS = ("hit_exact", "hit_semantic")

Bucket = Mapping[str, float]
"""Sums by the names of `FIGURES`."""


def _days() -> BoundedMap[str, Counter[str]]:
    return BoundedMap(MOST_DAYS)


@dataclass(slots=True)
class Experiments:
    """Sums of all instances where `books` are kept, else those of this process."""

    clock: Clock
    books: Books | None = None
    _days: BoundedMap[str, Counter[str]] = field(default_factory=_days)

    def note(
        self, arm: Arm, outcome: str, *, saved_usd: float | None, cost_usd: float | None, latency_ms: float
    ) -> None:
        """Add one answered request."""
        amounts = {
            "requests": 1,
            "hits": int(outcome in _HITS),
            "hits_semantic": int(outcome == "hit_semantic"),
            "saved_usd": saved_usd or 0.0,
            "cost_usd": cost_usd or 0.0,
            "unpriced": int(saved_usd is None or cost_usd is None),
            "ms": latency_ms,
        }
        named = {_name(arm.label, arm.bucket, figure): amount for figure, amount in amounts.items() if amount}
        if self.books is not None:
            self.books.add_counters(named)
            return
        [day] = days_until(self.clock.now(), 1)
        sums = self._days.get(day)
        if sums is None:
            self._days.put(day, sums := Counter())
        sums.update(named)

    async def read(self, experiment: str, days: Sequence[str]) -> Mapping[str, Sequence[Bucket]]:
        """Return the sums of both arms by bucket over these days, as in 2026-01-31; raises StoreError."""
        if self.books is None:
            total = summed([self._days.peek(day) or {} for day in days])
        else:
            total = summed(await self.books.read_counters(*days))
        return {
            policy: [
                {figure: total[_name(f"{experiment}/{policy}", bucket, figure)] for figure in FIGURES}
                for bucket in range(BUCKETS)
            ]
            for policy in ("a", "b")
        }


def _name(label: str, bucket: int, figure: str) -> str:
    return f"experiment:{label}:{bucket}:{figure}"
