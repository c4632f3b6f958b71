"""Builds the judge and the learning from it: a part of the composition root."""

from __future__ import annotations

from collections.abc import Mapping

from sentinel_core.app.settings import Settings
from sentinel_core.cache.billing import Billing
from sentinel_core.cache.odds import Steering
from sentinel_core.cache.ports import Counts, Provider
from sentinel_core.errors import ConfigurationError
from sentinel_core.learning.budget import DailyBudget
from sentinel_core.learning.judge import Judge
from sentinel_core.learning.learning import Learning
from sentinel_core.learning.ledger import Ledger
from sentinel_core.providers import pricing
from sentinel_core.stores.backend import Backend
from sentinel_core.support.background import Background
from sentinel_core.support.clock import Clock


def learning(
    settings: Settings,
    backend: Backend,
    providers: Mapping[str, Provider],
    clock: Clock,
    background: Background | None,
) -> Learning | None:
    """Return the learning, None without a judge; raises ConfigurationError if its provider is not configured."""
    if settings.judge is None:
        return None
    return Learning(
        judge_of(settings, backend.counts, providers, clock),
        backend.pairs,
        clock,
        mode=settings.judge_mode,
        steering=Steering(is_frozen=settings.learning == "frozen"),
        background=background,
        ledger=Ledger(backend.books),
    )


def judge_of(settings: Settings, counts: Counts, providers: Mapping[str, Provider], clock: Clock) -> Judge:
    """Return the judge that the settings name; raises ConfigurationError if its provider is not configured."""
    name, _, model = (settings.judge or "").partition("/")
    if name not in providers:
        raise ConfigurationError(f"SENTINEL_JUDGE: {name} is not configured; set its key")
    return Judge(
        provider=providers.__getitem__,
        name=name,
        model=model,
        billing=Billing(pricing.cost_usd, settings.unpriced_usd_per_mtok),
        budget=DailyBudget("judge-usd", settings.judge_usd_per_day, counts, clock.now),
        clock=clock,
        timeout=settings.judge_timeout_ms / 1000,
        sees_answer=settings.judge_sees_answer,
    )
