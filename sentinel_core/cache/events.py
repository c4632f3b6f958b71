"""The events Sentinel reports: one object instead of a callback for each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from sentinel_core.cache.answer import Answer
from sentinel_core.cache.near_miss import NearMiss
from sentinel_core.cache.purge import Purge

Fact: TypeAlias = str | float


@dataclass(frozen=True, slots=True)
class Alert:
    """
    One event that an operator should know of.

    `id` is equal in every instance that raises it. `seconds` is the lifetime of its claim in the store.
    With `is_shared` false each instance sends it without a claim.
    """

    id: str
    kind: str
    text: str
    at: float
    facts: Mapping[str, Fact] = field(default_factory=dict)
    seconds: float = 7_200.0
    is_shared: bool = True


class Events:
    """
    Receives events where they happen, and ignores them; no method waits or raises.

    A subclass overrides the events it reacts to.
    """

    def forged(self, where: Mapping[str, str]) -> None:
        """React to a value or key in Redis that another writer has made; `where` names its place."""

    def breaker_opened(self, name: str | None) -> None:
        """React to an open circuit breaker: of the provider `name`, or of the store if None."""

    def alert_found(self, alert: Alert) -> None:
        """React to an alert as it is noticed, each time it is."""

    def alert_raised(self, alert: Alert) -> None:
        """React to an alert that this instance sends: once for each event."""

    def cost(self, usd: float) -> None:
        """React to the cost of an answer that a provider gave, 0.0 where the price is not known."""

    def learned(self, amounts: Mapping[str, float]) -> None:
        """React to counts and dollars of judge and audits, by name: `judge_calls`, `judge_usd`, `audits`, …"""

    def estimated(self, usd: float, tenant: str | None) -> None:
        """React to dollars of a tenant that budgets count by an estimate; they are part of a `cost`."""

    def near_miss(self, near_miss: NearMiss) -> None:
        """React to a lookup that came near to an answer."""

    def erased(self, purge: Purge) -> None:
        """React to the erasure of one writer's data: forget what this process holds of it."""

    def revalidated(self, answer: Answer) -> None:
        """React to an answer that was fetched after a stale one was served."""


NO_EVENTS = Events()
