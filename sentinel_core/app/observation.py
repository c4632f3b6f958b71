"""Builds the console's view of a running server: its latest requests, and its settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sentinel_core.app.memory_plan import MemoryPlan
from sentinel_core.app.settings import Settings
from sentinel_core.cache.ports import Books, Provider
from sentinel_core.providers.fallback import Chain
from sentinel_core.providers.guarded import Guarded
from sentinel_core.stores.backend import Backend
from sentinel_core.stores.days import day_of
from sentinel_core.support.bounded import BoundedMap
from sentinel_core.support.clock import Clock
from sentinel_core.telemetry.cost_ledger import CostLedger
from sentinel_core.telemetry.counters import FleetCounters
from sentinel_core.telemetry.fair_ring import FairRing
from sentinel_core.telemetry.observed import MOST_HITS, MOST_REQUESTS, MOST_SERIES, Observed
from sentinel_core.telemetry.records import Recorder


def observed(plan: MemoryPlan, clock: Clock, providers: Mapping[str, Provider], backend: Backend) -> Observed:
    """Build the memory of the latest requests."""
    built = Observed(
        clock,
        CostLedger(day_of),
        FairRing(plan.most(MOST_REQUESTS)),
        FairRing(plan.most(MOST_HITS)),
        series=BoundedMap(plan.most(MOST_SERIES)),
        circuits=Circuits(providers),
        shared=backend.rings,
        shared_series=backend.series,
    )
    if backend.series is not None:
        backend.series.follow(built)
    return built


@dataclass(frozen=True, slots=True)
class Circuits:
    """The circuit breakers of all providers."""

    providers: Mapping[str, Provider]

    def of_providers(self) -> Mapping[str, Sequence[tuple[str, int, bool, float]]]:
        """Return each provider's breakers that count failures: model, failures, whether it is open, seconds to wait."""
        guarded = {name: each.first if isinstance(each, Chain) else each for name, each in self.providers.items()}
        return {name: each.circuits() if isinstance(each, Guarded) else [] for name, each in guarded.items()}


def keeps_prompts(settings: Settings) -> bool:
    """Whether the latest requests keep their prompts: as set, else everywhere but on Lambda."""
    return not settings.lambda_name if settings.show_prompts is None else settings.show_prompts


def settings_rows(settings: Settings) -> Sequence[tuple[str, str, str]]:
    """Return variable, value and meaning of each setting, secrets hidden."""
    from sentinel_core.app.settings_command import rows  # seldom used

    return rows(settings, {})


def fleet_recorders(books: Books | None, owner_of: Callable[[str], str]) -> Sequence[Recorder]:
    """Return the recorders of all instances' counters; none without Redis."""
    return [] if books is None else [FleetCounters(books, owner_of)]
