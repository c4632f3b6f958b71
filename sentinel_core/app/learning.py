"""Builds the judge and the learning from it: a part of the composition root."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping

from sentinel_core.app.memory_plan import MemoryPlan, plan_of
from sentinel_core.app.settings import Settings
from sentinel_core.cache.billing import Billing
from sentinel_core.cache.events import NO_EVENTS, Events
from sentinel_core.cache.odds import JudgeErrors, Odds, Steering
from sentinel_core.cache.ports import Counts, Provider
from sentinel_core.errors import ConfigurationError
from sentinel_core.learning.audits import Auditor
from sentinel_core.learning.backlog import Backlog
from sentinel_core.learning.budget import DailyBudget
from sentinel_core.learning.intervals import Measured
from sentinel_core.learning.judge import Judge
from sentinel_core.learning.learning import Learning
from sentinel_core.learning.ledger import MOST_DAYS, MOST_OWNERS, Ledger
from sentinel_core.learning.odds_book import MOST_NAMESPACES, OddsBook
from sentinel_core.learning.rates import MOST_RATES, Rates
from sentinel_core.providers import pricing
from sentinel_core.stores.backend import Backend
from sentinel_core.support.background import Background
from sentinel_core.support.bounded import BoundedMap
from sentinel_core.support.clock import Clock


def learning(
    settings: Settings,
    backend: Backend,
    providers: Mapping[str, Provider],
    clock: Clock,
    background: Background | None,
    events: Events = NO_EVENTS,
) -> Learning | None:
    """Return the learning, None without a judge; raises ConfigurationError if its provider is not configured."""
    if settings.judge is None:
        return None
    plan, judge = plan_of(settings), judge_of(settings, backend.counts, providers, clock)
    ledger = _ledger(plan, backend, clock, events)
    steering = Steering(
        doubt=settings.learning_doubt,
        max_wrong=settings.learning_max_wrong,
        probes=settings.learning_probes,
        is_frozen=settings.learning == "frozen",
    )
    errors, held = _assumed(measured(settings)), BoundedMap[str, Odds](plan.most(MOST_NAMESPACES))
    return Learning(
        judge,
        backend.pairs,
        clock,
        mode=settings.judge_mode,
        steering=steering,
        errors=errors,
        book=OddsBook(errors, steering, clock, backend.pairs, backend.learning_states, held),
        background=background,
        ledger=ledger,
        auditor=_auditor(settings, backend, providers, judge, ledger, background, events),
        waiting=backend.waiting,
        states=backend.learning_states,
        second_usd=settings.compute_usd_per_second,
    )


def _ledger(plan: MemoryPlan, backend: Backend, clock: Clock, events: Events) -> Ledger:
    owners, days = BoundedMap[str, Counter[str]](plan.most(MOST_OWNERS)), plan.most(MOST_DAYS)
    return Ledger(backend.books, clock, events, owners=owners, days=BoundedMap(days))


def backlog(learning: Learning | None, backend: Backend) -> Backlog | None:
    """Return the work on the pairs that wait for the judge; None where there is no judge, or nothing waits."""
    if learning is None or backend.waiting is None:
        return None
    return Backlog(learning, backend.waiting, backend.entries)


def _auditor(
    settings: Settings,
    backend: Backend,
    providers: Mapping[str, Provider],
    judge: Judge,
    ledger: Ledger,
    background: Background | None,
    events: Events,
) -> Auditor | None:
    """Return the auditor, None where there is nothing to audit."""
    if not settings.audit_share and settings.policy is None:
        return None
    return Auditor(
        judge,
        providers.__getitem__,
        judge.billing,
        DailyBudget("audit-usd", settings.audit_usd_per_day, backend.counts, judge.clock),
        backend.pairs,
        judge.clock,
        background,
        random.random,
        share=settings.audit_share,
        max_wrong=settings.max_wrong,
        ledger=ledger,
        rates=Rates(measured(settings), BoundedMap(plan_of(settings).most(MOST_RATES))),
        events=events,
        waiting=backend.waiting,
    )


def measured(settings: Settings) -> Measured:
    """Return the judge's errors as they were counted."""
    counts = [int(count) for count in settings.judge_errors.replace("/", ",").split(",")]
    return Measured(*counts)


def _assumed(errors: Measured) -> JudgeErrors:
    """Return shares that leave the judge some doubt, whatever was counted: one more error of each kind."""
    accepts = (errors.accepted + 1) / (errors.different + 50) if errors.different else 0.02
    rejects = (errors.rejected + 1) / (errors.equal + 12) if errors.equal else 0.08
    return JudgeErrors(min(0.4, accepts), min(0.5, rejects))


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
        budget=DailyBudget("judge-usd", settings.judge_usd_per_day, counts, clock),
        clock=clock,
        timeout=settings.judge_timeout_ms / 1000,
        sees_answer=settings.judge_sees_answer,
    )
