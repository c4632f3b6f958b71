"""Audits: for hits drawn at random a provider is asked all the same, and the judge compares both answers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from sentinel_core.cache.billing import Billing
from sentinel_core.cache.decided import Decided, Reusing
from sentinel_core.cache.events import NO_EVENTS, Alert, Events
from sentinel_core.cache.outcome import Hit, HitKind
from sentinel_core.cache.pairs import JudgedPair, Labeller, Pairs, Relation, key_of
from sentinel_core.cache.ports import Provider
from sentinel_core.cache.scope import Query, digest
from sentinel_core.chat.messages import ChatRequest, Completion
from sentinel_core.errors import CacheError, ProviderError
from sentinel_core.learning.budget import DailyBudget
from sentinel_core.learning.intervals import NO_ERRORS, Measured, true_rate
from sentinel_core.learning.judge import Judge
from sentinel_core.learning.ledger import Ledger
from sentinel_core.support.background import Background
from sentinel_core.support.bounded import BoundedMap
from sentinel_core.support.clock import Clock

WINDOW = 1_000
"""Latest audits of a namespace and model that the rate rests on."""

MOST_RATES = 4_096
MOST_AUDITS = 8
"""Audits under way at once in this process."""

_SECONDS = 60.0
_DAY = 86_400
_TOOLS = frozenset({"tools", "functions", "tool_choice", "web_search_options"})


@dataclass(frozen=True, slots=True)
class Rate:
    """
    The share of wrong answers among audited hits, with its 95 % interval; `seen_wrong` is the judge's own count.

    `rate`, `low` and `high` are None where there are no audits: not measured.
    """

    model: str
    audits: int
    seen_wrong: int
    rate: float | None
    low: float | None
    high: float | None


def _windows() -> BoundedMap[tuple[str, str], deque[bool]]:
    return BoundedMap(MOST_RATES)


@dataclass(slots=True)
class Rates:
    """Results of audits by namespace and model, the latest `WINDOW` of each."""

    errors: Measured = NO_ERRORS
    _windows: BoundedMap[tuple[str, str], deque[bool]] = field(default_factory=_windows)

    def note(self, namespace: str, model: str, *, is_wrong: bool) -> None:
        window = self._windows.get((namespace, model))
        if window is None:
            window = deque(maxlen=WINDOW)
            self._windows.put((namespace, model), window)
        window.append(is_wrong)

    def of(self, namespace: str | None = None) -> Rate:
        """Return the rate of a namespace over all its models, or of everyone."""
        return self._rate("", [each for _, each in self._chosen(namespace)])

    def by_model(self, namespace: str | None = None) -> Iterator[Rate]:
        """Yield the rates of the models, of a namespace or of everyone."""
        chosen: dict[str, list[deque[bool]]] = {}
        for model, window in self._chosen(namespace):
            chosen.setdefault(model, []).append(window)
        yield from (self._rate(model, windows) for model, windows in sorted(chosen.items()))

    def _chosen(self, namespace: str | None) -> Iterator[tuple[str, deque[bool]]]:
        return ((model, each) for (space, model), each in self._windows.items() if namespace in (None, space))

    def _rate(self, model: str, windows: list[deque[bool]]) -> Rate:
        audits, wrong = sum(map(len, windows)), sum(map(sum, windows))
        if not audits:
            return Rate(model, 0, 0, None, None, None)
        return Rate(model, audits, wrong, *true_rate(wrong, audits, self.errors))


@dataclass(slots=True)
class Auditor:
    """
    Audits a `share` of semantic hits in the background, on a budget of its own and never on the caller's.

    `draw` returns a number between 0 and 1. Requests with tools are never sent a second time.
    """

    judge: Judge
    provider: Callable[[str], Provider]
    billing: Billing
    budget: DailyBudget
    pairs: Pairs
    clock: Clock
    background: Background
    draw: Callable[[], float]
    share: float = 0.02
    max_wrong: float = 0.02
    ledger: Ledger = field(default_factory=Ledger)
    rates: Rates = field(default_factory=Rates)
    events: Events = NO_EVENTS
    _under_way: int = 0

    def notice(self, decided: Decided) -> None:
        """Audit a decision if it is a semantic hit, and drawn."""
        if not isinstance(decided, Reusing) or self.draw() >= self.share or self._under_way >= MOST_AUDITS:
            return
        is_semantic = isinstance(decided.outcome, Hit) and decided.outcome.kind is HitKind.SEMANTIC
        if is_semantic and not _TOOLS & decided.plan.ask.request.params.keys():
            self.background.begin(self._audit(decided))

    async def _audit(self, decided: Reusing) -> None:
        self._under_way += 1
        try:
            fresh = await self._fresh(decided)
            if fresh is not None:
                await self._compare(decided, fresh)
        finally:
            self._under_way -= 1

    async def _fresh(self, decided: Reusing) -> Completion | None:
        """Ask the provider as if there were no cache; None if it fails or the budget is spent."""
        ask, expected = decided.plan.ask, decided.entry.cost_usd
        reserved = self.judge.expected_usd(ask.request) if expected is None else expected
        if not self.budget.reserve(reserved):
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
            adding = self.budget.settle(reserved, cost)
            self.ledger.add(ask.namespace, audit_usd=cost)
            await self.budget.learn(adding)

    async def _compare(self, decided: Reusing, fresh: Completion) -> None:
        """Have both answers compared, count the result, and doubt the pair where they differ."""
        ask, query = decided.plan.ask, decided.plan.query
        word = await self.judge.agreement(ask, decided.entry.completion.text, fresh.text)
        self.ledger.add(ask.namespace, audit_usd=word.usd)
        if word.relation is None or query is None:
            return
        is_wrong = word.relation is Relation.DIFFERENT
        self.rates.note(ask.namespace, _name(ask.request), is_wrong=is_wrong)
        self.ledger.add(ask.namespace, audits=1, audits_wrong=int(is_wrong))
        if is_wrong:
            await self._doubt(query, decided)
            self._warn(ask.namespace)

    async def _doubt(self, query: Query, decided: Reusing) -> None:
        """Note one audit's doubt; a second one bans the pair (`pairs.merged`)."""
        entry, now = decided.entry, self.clock.now()
        key = key_of(query.digest, digest(entry.prompt))
        pair = JudgedPair(key, Relation.DOUBTED, Labeller.AUDIT, now, entry.created + entry.ttl)
        try:
            await self.pairs.note(query, pair)
        except CacheError:
            self.ledger.add(query.namespace, judge_unkept=1)

    def _warn(self, namespace: str) -> None:
        """Raise an alert, once a day, where even the interval's lower end is above the share that is allowed."""
        rate, now = self.rates.of(namespace), self.clock.now()
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


def _name(request: ChatRequest) -> str:
    return f"{request.provider}/{request.model}"
