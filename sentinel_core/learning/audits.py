"""Audits: for hits drawn at random a provider is asked all the same, and the judge compares both answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.billing import Billing
from sentinel_core.cache.curated import CuratedEntry
from sentinel_core.cache.decided import Decided, Reusing
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.events import NO_EVENTS, Alert, Events
from sentinel_core.cache.experiment import label_of
from sentinel_core.cache.operator_rules import NO_JUDGE, Rules
from sentinel_core.cache.outcome import Hit, HitKind
from sentinel_core.cache.pairs import JudgedPair, Labeller, Pairs, Relation, key_of
from sentinel_core.cache.ports import Provider
from sentinel_core.cache.scope import Query, digest
from sentinel_core.chat.messages import Completion
from sentinel_core.errors import CacheError, ProviderError
from sentinel_core.learning.budget import DailyBudget
from sentinel_core.learning.judge import Judge
from sentinel_core.learning.ledger import Ledger, days_until, summed
from sentinel_core.learning.rates import Rate, Rates
from sentinel_core.learning.waiting import WaitingPairs, audited
from sentinel_core.support.background import Background
from sentinel_core.support.clock import Clock

MOST_AUDITS = 8
"""Audits under way at once in this process."""

WARNED_DAYS = 30
"""Days of all instances' audits that the alert rests on, or the latest of this process if those are more."""

_SECONDS = 60.0
_DAY = 86_400
_TOOLS = frozenset({"tools", "functions", "tool_choice", "web_search_options"})


@dataclass(slots=True)
class Auditor:
    """
    Audits a `share` of semantic hits, or a policy's, on a budget of its own and never on the caller's.

    That is in the background; without one, in place of the hit, and the answers are compared when those `waiting` are
    worked off. `draw` returns a number between 0 and 1. Requests with tools are never sent a second time.
    """

    judge: Judge
    provider: Callable[[str], Provider]
    billing: Billing
    budget: DailyBudget
    pairs: Pairs
    clock: Clock
    background: Background | None
    draw: Callable[[], float]
    share: float = 0.02
    max_wrong: float = 0.02
    ledger: Ledger = field(default_factory=Ledger)
    rates: Rates = field(default_factory=Rates)
    events: Events = NO_EVENTS
    waiting: WaitingPairs | None = None
    _under_way: int = 0

    def notice(self, decided: Decided) -> None:
        """Audit a decision in the background if it is a semantic hit, and drawn."""
        if self.background is not None and self._under_way < MOST_AUDITS:
            hit = self._drawn(decided)
            if hit is not None:
                self.background.begin(self._audit(hit))

    def instead(self, decided: Decided) -> Reusing | None:
        """Return a drawn hit in whose place the provider is to be asked, because nothing runs after the answer."""
        if self.background is not None or self.waiting is None:
            return None
        hit = self._drawn(decided)
        pair = None if hit is None or hit.plan.ask.controls.directives.only_if_cached else audited(hit)
        if hit is None or pair is None:
            return None
        cost, key = self._expected_usd(hit), hit.plan.ask.request.key
        if not self.budget.reserve(cost, key):
            return None
        self.budget.settle(cost, cost, key)
        self.ledger.add(hit.plan.ask.namespace, audit_usd=cost)
        self.waiting.put(pair)
        return hit

    def _drawn(self, decided: Decided) -> Reusing | None:
        if (
            not isinstance(decided, Reusing)
            or isinstance(decided.entry, CuratedEntry)
            or not self._is_drawn(decided.plan.rules)
        ):
            return None
        is_semantic = isinstance(decided.outcome, Hit) and decided.outcome.kind is HitKind.SEMANTIC
        return decided if is_semantic and not _TOOLS & decided.plan.ask.request.params.keys() else None

    def _is_drawn(self, rules: Rules) -> bool:
        """Draw, with the share of these rules; answers are compared by their judge, and without one by none."""
        share = self.share if rules.audit_share is None else rules.audit_share
        return rules.judge != NO_JUDGE and self.draw() < share

    def _expected_usd(self, hit: Reusing) -> float:
        known = hit.entry.cost_usd
        return self.judge.expected_usd(hit.plan.ask.request) if known is None else known

    async def _audit(self, decided: Reusing) -> None:
        self._under_way += 1
        try:
            fresh, query = await self._fresh(decided), decided.plan.query
            judge = self.judge.named(decided.plan.rules.judge)
            if fresh is not None and query is not None and judge is not None:
                await self.compare(judge, query, decided.entry, fresh, decided.plan.ask)
        finally:
            self._under_way -= 1

    async def _fresh(self, decided: Reusing) -> Completion | None:
        """Ask the provider as if there were no cache; None if it fails or the budget is spent."""
        ask, reserved = decided.plan.ask, self._expected_usd(decided)
        if not self.budget.reserve(reserved, ask.request.key):
            return None
        request, cost = replace(ask.request, key="audit", hints={}), reserved
        try:
            async with asyncio.timeout(_SECONDS):
                fresh = await self.provider(request.provider).complete(request, timeout=_SECONDS)
            cost = self.billing.bill(request, fresh).charged_usd
        except (ProviderError, TimeoutError) as error:
            cost = reserved if not isinstance(error, ProviderError) or error.may_bill else 0.0
            return None
        else:
            return fresh if fresh.finish_reason == "stop" else None
        finally:
            spent = self.budget.settle(reserved, cost, ask.request.key)
            self.ledger.add(ask.namespace, audit_usd=cost)
            await self.budget.learn(spent)

    async def compare(self, judge: Judge, query: Query, entry: Entry, fresh: Completion, ask: CacheRequest) -> None:
        """Have the stored and the fresh answer compared, count the result, and doubt the pair where they differ."""
        word = await judge.agreement(ask, entry.completion.text, fresh.text)
        self.ledger.add(query.namespace, audit_usd=word.usd)
        if word.relation is None:
            return
        is_wrong, model = word.relation is Relation.DIFFERENT, f"{entry.completion.provider}/{entry.completion.model}"
        self.rates.note(query.namespace, model, ask.route, is_wrong=is_wrong)
        named = {"model": model, "route": ask.route, "arm": label_of(ask.arm)}
        labels = [f"{kind}:{name}" for kind, name in named.items() if name]
        self.ledger.add(query.namespace, labels, audits=1, audits_wrong=int(is_wrong))
        if is_wrong:
            await self._doubt(query, entry)
            await self._warn(query.namespace)

    async def _doubt(self, query: Query, entry: Entry) -> None:
        """Note one audit's doubt; a second one bans the pair (`pairs.merged`)."""
        key, now = key_of(query.digest, digest(entry.prompt)), self.clock.now()
        pair = JudgedPair(key, Relation.DOUBTED, Labeller.AUDIT, now, entry.created + entry.ttl)
        try:
            await self.pairs.note(query, pair)
        except CacheError:
            self.ledger.add(query.namespace, judge_unkept=1)

    async def _warn(self, namespace: str) -> None:
        """Raise an alert, once a day, where even the interval's lower end is above the share that is allowed."""
        rate, now = await self._lately(namespace), self.clock.now()
        if rate.low is None or rate.low <= self.max_wrong:
            return
        text = f"At least {rate.low:.1%} of {rate.audits} audited hits are wrong; {self.max_wrong:.1%} may be."
        facts: dict[str, str | float] = {
            "namespace": namespace,
            "low": rate.low,
            "high": rate.high or 1.0,
            "audits": rate.audits,
        }
        self.events.alert_found(
            Alert(f"wrong-hits:{namespace}:{int(now // _DAY)}", "wrong_hits", text, now, facts, seconds=2.0 * _DAY)
        )

    async def _lately(self, namespace: str) -> Rate:
        own, now = self.rates.of(namespace), self.clock.now()
        try:
            total = summed(await self.ledger.by_day(days_until(now, WARNED_DAYS), namespace))
        except CacheError:
            return own
        shared = self.rates.of_counts("", int(total["audits"]), int(total["audits_wrong"]))
        return shared if shared.audits > own.audits else own
