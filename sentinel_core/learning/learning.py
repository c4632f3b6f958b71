"""Learns from a judge which of the gate's verdicts hold on the traffic at hand, and steers by it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal, TypeAlias

from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.decided import Decided, Forwarding, Reusing
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.odds import ENOUGH, JudgeErrors, Odds, Steering, draw_of
from sentinel_core.cache.pairs import JudgedPair, Labeller, PairKey, Pairs, Relation, Scope, key_of
from sentinel_core.cache.plan import Plan
from sentinel_core.cache.scope import Query, digest
from sentinel_core.cache.verdict import Verdict, Zone
from sentinel_core.chat.messages import Completion
from sentinel_core.errors import CacheError
from sentinel_core.learning.audits import Auditor
from sentinel_core.learning.free_labels import FreeLabels
from sentinel_core.learning.judge import Judge, Word
from sentinel_core.learning.ledger import Ledger
from sentinel_core.learning.odds_book import LearningStates, OddsBook
from sentinel_core.learning.waiting import WaitingPairs, waiting
from sentinel_core.learning.worth import Pace, Worth
from sentinel_core.support.background import Background
from sentinel_core.support.clock import Clock
from sentinel_core.support.single_flight import SingleFlight

Mode: TypeAlias = Literal["background", "inline", "race"]
"""When a judge is asked: after the answer, for the next caller; before it; or beside the provider."""

AFTERWARDS = frozenset({Zone.LEFT, Zone.PROBED})
"""Zones of pairs that are judged after the answer."""


@dataclass(slots=True)
class Learning:
    """
    The odds of each namespace, and the judge they are learned from.

    Without a `background` no pair is judged between requests: it is left `waiting`, or forgotten without such a
    queue. A second of waiting costs `second_usd`. An `is_quiet` copy asks no judge, for explanations.
    """

    judge: Judge
    pairs: Pairs
    clock: Clock
    mode: Mode = "background"
    steering: Steering = field(default_factory=Steering)
    errors: JudgeErrors = field(default_factory=JudgeErrors)
    background: Background | None = None
    ledger: Ledger = field(default_factory=Ledger)
    auditor: Auditor | None = None
    waiting: WaitingPairs | None = None
    is_quiet: bool = False
    states: LearningStates | None = None
    book: OddsBook | None = None
    free_labels: FreeLabels | None = None
    second_usd: float = 0.0
    pace: Pace = field(default_factory=Pace)
    _flights: SingleFlight[Word] = field(default_factory=SingleFlight)

    def __post_init__(self) -> None:
        self._flights = SingleFlight(self.background)
        self.book = self.book or OddsBook(self.errors, self.steering, self.clock, self.pairs, self.states)
        self.free_labels = self.free_labels or FreeLabels(self.book, self.ledger)
        if not self.is_quiet:
            self.pairs.follow(self)

    def odds(self, namespace: str) -> Odds:
        """Return the odds of a namespace, the shipped ones at first."""
        return self.odds_book.of(namespace)

    @property
    def odds_book(self) -> OddsBook:
        """The odds of all namespaces."""
        if self.book is None:
            raise AssertionError("made with the learning")
        return self.book

    def quiet(self) -> Learning:
        """Return a copy that asks no judge."""
        return replace(self, is_quiet=True)

    def known(self, namespace: str, pair: JudgedPair, now: float) -> Verdict | None:
        """
        Return the verdict on a pair that the judge called the same: it holds where the odds believe it.

        A probe's "same" decides nothing where both orders are asked: then the judge is asked as if about a new pair.
        """
        odds = self.odds(namespace)
        if pair.expires <= now or (pair.by is Labeller.PROBE and odds.asks_again(pair.stratum)):
            return None
        return odds.known(pair.stratum)

    def steered(self, namespace: str, key: PairKey, verdict: Verdict) -> Verdict:
        """Return the gate's verdict as this namespace's odds take it; in the background none waits for a judge."""
        steered = self.odds(namespace).steered(verdict, draw_of(key))
        is_waiting = self.mode == "background" and steered.zone is Zone.GREY
        return replace(steered, zone=Zone.LEFT) if is_waiting else steered

    async def consult(
        self, query: Query, entry: Entry, verdict: Verdict, ask: CacheRequest, *, spent: float = 0.0
    ) -> Verdict:
        """
        Return the judge's verdict on a pair, or the gate's where the judge says nothing in time.

        Earlier questions of the request have taken `spent` seconds of its timeout.
        In mode inline a refused pair is not asked about where that is expected to cost more than it saves.
        """
        if self.is_quiet:
            return verdict
        judge = self.judge.named(ask.rules.judge if ask.rules else None)
        if judge is None or spent >= judge.timeout:
            return verdict
        if self.mode == "inline" and not verdict.passed and not self._pays(judge, query, entry, verdict.stratum, ask):
            self.ledger.add(query.namespace, judge_not_worth=1)
            is_probed = draw_of(key_of(query.digest, digest(entry.prompt))) < self.steering.probes
            return replace(verdict, zone=Zone.PROBED if is_probed else Zone.DECIDED)
        word = await self._word(judge, query, entry, verdict.stratum, ask, soon=True, spent=spent)
        return self.odds(query.namespace).consulted(verdict, word.relation)

    def _pays(self, judge: Judge, query: Query, entry: Entry, stratum: str, ask: CacheRequest) -> bool:
        """Whether a question is worth its price and time; it is where a price is not known."""
        question_usd = judge.question_usd(entry, ask)
        if entry.cost_usd is None or question_usd is None:
            return True
        chance, calls = self.odds(query.namespace).prospects(stratum)
        return Worth(entry.cost_usd, question_usd, self.second_usd, chance, calls).saving(self.pace) > 0

    def study(self, decided: Decided) -> None:
        """Have a hit audited, and the first probed pair judged, after the answer; count the judge's hits."""
        if isinstance(decided, Reusing) and decided.trace.judgements:
            verdict = decided.trace.judgements[-1][1]
            if verdict.passed and verdict.known_by is Labeller.JUDGE:
                saved = 0.0 if decided.trace.is_paid else decided.entry.cost_usd or 0.0
                self.ledger.add(decided.plan.ask.namespace, judge_hits=1, judge_saved_usd=saved)
        if self.auditor is not None:
            self.auditor.notice(decided)
        query = decided.plan.query
        for at, (near, verdict) in enumerate(decided.trace.judgements if query is not None else ()):
            if at and verdict.zone is Zone.PROBED and verdict.learned_from >= ENOUGH:
                continue  # else four candidates would mean four draws
            if query is not None and verdict.zone in AFTERWARDS and verdict.known_by is None:
                self._leave(decided.plan, query, near.entry, verdict)
                return

    def label(self, forwarding: Forwarding, completion: Completion) -> None:
        """Compare the answer of a miss with that of the nearest candidate: a weak label, for nothing."""
        if not self.is_quiet and self.free_labels is not None:
            self.free_labels.note(forwarding, completion, self.clock.now())

    def audited(self, decided: Decided) -> Reusing | None:
        """Return a drawn hit in whose place the provider is asked, None in a process that audits in the background."""
        return None if self.auditor is None else self.auditor.instead(decided)

    def _leave(self, plan: Plan, query: Query, entry: Entry, verdict: Verdict) -> None:
        """Have a pair judged in the background, or left waiting if the judge may be asked about it."""
        stratum, is_probe, judge = verdict.stratum, verdict.zone is Zone.PROBED, self.judge.named(plan.rules.judge)
        is_known = is_probe and key_of(query.digest, digest(entry.prompt)) in self.pairs.of(query.scope)
        if judge is None or is_known:
            return
        if self.background is not None:
            self.background.begin(self.look_into(judge, query, entry, stratum, plan.ask, is_probe=is_probe))
        elif self.waiting is not None and judge.refusal(entry, plan.ask) is None:
            pair = waiting(plan, query, digest(entry.prompt), stratum, is_probe=is_probe)
            if pair is not None:
                self.waiting.put(pair)

    async def look_into(
        self,
        judge: Judge,
        query: Query,
        entry: Entry,
        stratum: str,
        ask: CacheRequest,
        *,
        soon: bool = False,
        is_probe: bool = False,
    ) -> None:
        """Ask a judge about a pair that no request waits for; in one order if it `is_probe`, to learn from it."""
        word = await self._word(judge, query, entry, stratum, ask, soon=soon, is_probe=is_probe)
        await judge.budget.learn(word.spent)

    async def _word(
        self,
        judge: Judge,
        query: Query,
        entry: Entry,
        stratum: str,
        ask: CacheRequest,
        *,
        soon: bool,
        is_probe: bool = False,
        spent: float = 0.0,
    ) -> Word:
        """Ask a judge once about a pair, however many requests want to know; keep its word."""
        key = key_of(query.digest, digest(entry.prompt))
        now = self.clock.monotonic()
        if judge.breaker.wait(now) > 0:
            self.ledger.add(query.namespace, judge_silent=1)
            return Word(None, "resting")
        judge.breaker = judge.breaker.asked(now)
        needs_both = self.odds(query.namespace).asks_again(stratum)
        is_repeated = needs_both and not is_probe
        flight = query.scope, key, is_repeated, judge.name, judge.model
        began = self.clock.monotonic()
        asking = partial(judge.words, entry, ask, is_repeated=is_repeated, spent=spent)
        word, is_shared = await self._flights.join(flight, asking)
        if is_shared:
            return word
        self.pace.note_word(self.clock.monotonic() - began)
        self._count(judge, query.namespace, word)
        if word.relation is not None:
            expires = entry.created + entry.ttl
            is_half = needs_both and is_probe and word.relation is Relation.SAME
            by = Labeller.PROBE if is_half else Labeller.JUDGE
            pair = JudgedPair(key, word.relation, by, self.clock.now(), expires, stratum)
            try:
                await self.pairs.note(query, pair, soon=soon)
            except CacheError:
                self.ledger.add(query.namespace, judge_unkept=1)
        return word

    def _count(self, judge: Judge, namespace: str, word: Word) -> None:
        said = "silent" if word.relation is None else word.relation.value
        self.ledger.add(namespace, judge_calls=word.calls, judge_usd=word.usd, **{f"judge_{said}": 1})
        if word.relation is not None or word.silence == "no-word":
            judge.breaker = judge.breaker.succeeded()
        elif word.silence in ("late", "failed"):
            judge.breaker = judge.breaker.failed(self.clock.monotonic())

    def learn(self, scope: Scope, pair: JudgedPair) -> None:
        """Learn from a new pair, also of another instance."""
        self.odds_book.learn(scope, pair)
