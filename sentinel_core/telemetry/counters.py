"""Counters of this process, shown by `GET /v1/metrics`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sentinel_core.cache.ports import Books
from sentinel_core.support.clock import Clock
from sentinel_core.telemetry.alike import AlikeHit
from sentinel_core.telemetry.histogram import Histogram
from sentinel_core.telemetry.records import Answered

REJECTED = "rejected"
NOT_CACHED = "not_cached"
ERROR = "error"
LEFT = "left"
CRASHED = "crashed"
REVALIDATED = "revalidated"
"""Outcome of an answer that was fetched after a stale entry was served; not a request."""

MOST_TENANTS, OTHER = 1_000, "other"
"""Tenants whose estimated dollars are counted apart, and the name of all others."""

_FAILED = (REJECTED, NOT_CACHED, ERROR, LEFT, CRASHED)
_REASONS = {"bypass": "bypasses", "miss": "misses", **dict.fromkeys(_FAILED, "errors")}
"""Maps an outcome to the field that counts its reasons."""


@dataclass(slots=True)
class Counters:
    """
    A Recorder that sums.

    `unpriced` counts answers of unknown cost; above zero, the dollars are a lower bound. `estimates` are the
    estimated dollars by tenant, those of more than `MOST_TENANTS` together.
    """

    clock: Clock
    started: float = field(init=False)
    outcomes: Counter[str] = field(default_factory=Counter)
    bypasses: Counter[str] = field(default_factory=Counter)
    misses: Counter[str] = field(default_factory=Counter)
    unstored: Counter[str] = field(default_factory=Counter)
    personal: Counter[str] = field(default_factory=Counter)
    shadow: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    feedback: Counter[str] = field(default_factory=Counter)
    latencies: dict[str, Histogram] = field(default_factory=dict)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    avoided_tokens: int = 0
    cost_usd: float = 0.0
    saved_usd: float = 0.0
    unpriced: int = 0
    estimated_usd: float = 0.0
    estimates: dict[str, float] = field(default_factory=dict)
    collapsed: int = 0

    def __post_init__(self) -> None:
        self.started = self.clock.now()

    def record(self, answered: Answered) -> None:
        self.outcomes[answered.outcome] += 1
        self._latency_of(answered.outcome).add(answered.latency_ms)
        self._count_reasons(answered)
        self.prompt_tokens += answered.prompt_tokens
        self.completion_tokens += answered.completion_tokens
        self.avoided_tokens += answered.avoided_tokens
        self.collapsed += answered.collapsed
        self._add_dollars(answered)

    def record_hits(self, hits: Sequence[AlikeHit]) -> None:
        """Sum exact hits that were not billed, as `record` sums each."""
        answered = [hit.alike.answered for hit in hits]
        outcome = answered[0].outcome
        self.outcomes[outcome] += len(hits)
        self._latency_of(outcome).add_all([hit.latency_ms for hit in hits])
        for facts in answered:
            self.avoided_tokens += facts.avoided_tokens
            self.saved_usd += facts.saved_usd or 0.0
            self.unpriced += facts.saved_usd is None
            if facts.personal is not None:
                self.personal[facts.personal] += 1

    def add_estimate(self, usd: float, tenant: str | None) -> None:
        """Add dollars of a tenant that budgets count by an estimate."""
        self.estimated_usd += usd
        if tenant is not None:
            name = tenant if tenant in self.estimates or len(self.estimates) < MOST_TENANTS else OTHER
            self.estimates[name] = self.estimates.get(name, 0.0) + usd

    def _latency_of(self, outcome: str) -> Histogram:
        found = self.latencies.get(outcome)
        if found is None:
            found = self.latencies[outcome] = Histogram()
        return found

    def _count_reasons(self, answered: Answered) -> None:
        if (name := _REASONS.get(answered.outcome)) is not None and answered.detail is not None:
            reasons: Counter[str] = getattr(self, name)
            reasons[answered.detail] += 1
        if answered.unstored is not None:
            self.unstored[answered.unstored] += 1
        if answered.personal is not None:
            self.personal[answered.personal] += 1
        if answered.shadow is not None:
            self.shadow[answered.shadow] += 1
            self.shadow["equal" if answered.is_shadow_equal else "different"] += 1

    def _add_dollars(self, answered: Answered) -> None:
        if answered.outcome in _FAILED:
            return
        self.unpriced += answered.cost_usd is None or answered.saved_usd is None
        self.cost_usd += answered.cost_usd or 0.0
        self.saved_usd += answered.saved_usd or 0.0


@dataclass(frozen=True, slots=True)
class FleetCounters:
    """A Recorder that sums for all instances; `owner_of` maps a tenant to the owner of its counters."""

    books: Books
    owner_of: Callable[[str], str]

    def add_estimate(self, usd: float, tenant: str | None) -> None:
        """Add dollars of a tenant that budgets count by an estimate."""
        self.books.add_counters({"estimated_usd": usd}, None if tenant is None else self.owner_of(tenant))

    def record(self, answered: Answered) -> None:
        self.books.add_counters(
            {
                answered.outcome: 1,
                "prompt_tokens": answered.prompt_tokens,
                "completion_tokens": answered.completion_tokens,
                "avoided_tokens": answered.avoided_tokens,
                "collapsed": int(answered.collapsed),
                "cost_usd": float(answered.cost_usd or 0.0),
                "saved_usd": float(answered.saved_usd or 0.0),
                "embed_us": round(1000 * answered.timings_ms.get("embed", 0.0)),
            },
            None if answered.tenant is None else self.owner_of(answered.tenant),
        )
