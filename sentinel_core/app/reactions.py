"""Reactions to events: alerts, near-miss notes, counters and metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sentinel_core.cache.answer import Answer
from sentinel_core.cache.events import Alert, Events
from sentinel_core.cache.near_miss import NearMiss
from sentinel_core.cache.purge import Purge
from sentinel_core.gateway.conversations import Conversations
from sentinel_core.gateway.near_misses import NearMisses
from sentinel_core.gateway.rewordings import Rewordings
from sentinel_core.support.clock import Clock
from sentinel_core.support.remembered import forget_texts
from sentinel_core.telemetry.alert_delivery import AlertDelivery
from sentinel_core.telemetry.alerts import of_provider, of_store
from sentinel_core.telemetry.counters import REVALIDATED, Counters, FleetCounters
from sentinel_core.telemetry.observed import Observed
from sentinel_core.telemetry.records import Recorder
from sentinel_core.telemetry.spending_spikes import Spending
from sentinel_core.web.presenting import AnswerView
from sentinel_core.web.repeats import Repeats


@dataclass(slots=True)
class Reactions(Events):
    """
    The events of one process.

    `metrics` receives the events that are metrics of a platform. `recorders` and `spending` are attached once
    there is a store, which itself reports events.
    """

    clock: Clock
    alerts: AlertDelivery
    metrics: Events
    near_misses: NearMisses = field(default_factory=NearMisses)
    rewordings: Rewordings = field(default_factory=Rewordings)
    conversations: Conversations = field(default_factory=Conversations)
    repeats: Repeats = field(default_factory=Repeats)
    recorders: list[Recorder] = field(default_factory=list)
    spending: Spending | None = None
    observed: Observed | None = None

    def forged(self, where: Mapping[str, str]) -> None:
        self.metrics.forged(where)

    def breaker_opened(self, name: str | None) -> None:
        now = self.clock.now()
        self.alert_found(of_store(now) if name is None else of_provider(name, now))

    def alert_found(self, alert: Alert) -> None:
        self.alerts.add(alert)
        if self.observed is not None:
            self.observed.note_alert(alert)

    def alert_raised(self, alert: Alert) -> None:
        self.metrics.alert_raised(alert)

    def cost(self, usd: float) -> None:
        if self.spending is not None:
            self.spending.add(usd)

    def learned(self, amounts: Mapping[str, float]) -> None:
        self.metrics.learned(amounts)
        spent = amounts.get("judge_usd", 0.0) + amounts.get("audit_usd", 0.0)  # judge_saved_usd is no cost
        if spent and self.observed is not None:
            self.observed.spend(spent)

    def estimated(self, usd: float, tenant: str | None) -> None:
        self.metrics.estimated(usd, tenant)
        for recorder in self.recorders:
            if isinstance(recorder, Counters | FleetCounters):
                recorder.add_estimate(usd, tenant)

    def near_miss(self, near_miss: NearMiss) -> None:
        self.near_misses.note(near_miss)

    def erased(self, purge: Purge) -> None:
        self.near_misses.erase(purge)
        self.rewordings.erase(purge)
        self.conversations.erase(purge)
        self.repeats.erase(purge)
        if self.observed is not None:
            self.observed.erase(purge)
        forget_texts()

    def revalidated(self, answer: Answer) -> None:
        """Record an answer that no request waited for."""
        latency_ms = answer.timings["provider"]
        facts = AnswerView(answer).facts(route=REVALIDATED, latency_ms=latency_ms, tenant=answer.tenant)
        facts = facts._replace(outcome=REVALIDATED)
        for recorder in self.recorders:
            recorder.record(facts)
        if self.observed is not None:
            self.observed.note_fetched(facts)
