"""Builds the console's view of a running server: its latest requests, and its settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sentinel_core.app.settings import Settings
from sentinel_core.cache.ports import Books
from sentinel_core.stores.days import day_of
from sentinel_core.support.clock import Clock
from sentinel_core.telemetry.cost_ledger import CostLedger
from sentinel_core.telemetry.counters import FleetCounters
from sentinel_core.telemetry.observed import Observed
from sentinel_core.telemetry.records import Recorder


def observed(clock: Clock) -> Observed:
    """Build the memory of the latest requests."""
    return Observed(clock, CostLedger(day_of))


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
