"""Free labels: on a miss the answers of the prompt and of its nearest candidate are known, and are compared."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from sentinel_core.cache.agreements import Label
from sentinel_core.cache.answer_forms import form_of
from sentinel_core.cache.curated import CuratedEntry
from sentinel_core.cache.decided import Forwarding
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.pairs import Scope, key_of
from sentinel_core.cache.scope import digest
from sentinel_core.cache.verdict import Verdict
from sentinel_core.chat.messages import Completion
from sentinel_core.learning.ledger import Ledger
from sentinel_core.learning.odds_book import OddsBook
from sentinel_core.support.bounded import BoundedMap

MOST_SCOPES = 2_048
"""Scopes whose answers are remembered, as hashes, about 1 KB each; the least recently used is evicted."""

RECENT = 8
"""Latest answers of a scope that a new one is compared with, to learn how often answers agree by chance."""

FEWEST_RANDOM = 20
"""Random pairs of a scope before agreement counts: until then it may be chance."""

MOST_RANDOM = 2_000
"""Random pairs of a scope after which their counts are halved, so that a change of traffic is forgotten."""

MOST_BY_CHANCE = 0.5
"""Share of random pairs that agree above which a scope's agreement teaches nothing."""


@dataclass(slots=True)
class Answers:
    """Latest answers of one scope, by digest of the prompt and hash of the form, and how often random pairs agree."""

    latest: deque[tuple[str, int]] = field(default_factory=lambda: deque(maxlen=RECENT))
    pairs: int = 0
    equal: int = 0

    @property
    def teaches(self) -> bool:
        """Whether it is known that equal answers are no chance."""
        return self.pairs >= FEWEST_RANDOM and self.by_chance <= MOST_BY_CHANCE

    @property
    def by_chance(self) -> float:
        """The share of random pairs that agree, one half before there are any."""
        return (self.equal + 1) / (self.pairs + 2)

    def note(self, asked: str, form: int, *, besides: str) -> None:
        """Compare an answer with the latest ones of other prompts, `besides` the candidate's, and keep it."""
        others = [other for prompt, other in self.latest if prompt not in (asked, besides)]
        self.pairs += len(others)
        self.equal += others.count(form)
        if self.pairs > MOST_RANDOM:
            self.pairs, self.equal = self.pairs // 2, self.equal // 2
        self.latest.append((asked, form))


def _scopes() -> BoundedMap[Scope, Answers]:
    return BoundedMap(MOST_SCOPES)


@dataclass(slots=True)
class FreeLabels:
    """Compares answers of this process; nothing of them is kept but hashes."""

    book: OddsBook
    ledger: Ledger
    _scopes: BoundedMap[Scope, Answers] = field(default_factory=_scopes)

    def note(self, forwarding: Forwarding, completion: Completion, now: float) -> None:
        """Label the pair of a prompt and its nearest candidate, if both answers can be compared."""
        plan, query = forwarding.plan, forwarding.plan.query
        if query is None or plan.ask.controls.directives.no_store:
            return
        fresh, near = form_of(completion), _nearest(forwarding, now)
        if fresh is None:
            return
        other = "" if near is None else digest(near[0].prompt)
        answers = self._answers(query.scope)
        answers.note(query.digest, hash(fresh), besides=other)
        if near is None or not answers.teaches:
            return
        entry, verdict = near
        stored = form_of(entry.completion)
        if stored is None:
            return
        chance, is_equal = answers.by_chance, fresh == stored
        value = 1.0 if is_equal else -chance / (1 - chance)
        writer = hash((plan.ask.author, plan.ask.request.key))
        self.book.of(query.namespace).agree(Label(verdict.stratum, writer, hash(key_of(query.digest, other)), value))
        if not any(each.passed for _, each in forwarding.trace.judgements):
            self.ledger.add(query.namespace, misses_compared=1, misses_equal=int(is_equal), misses_chance=chance)

    def _answers(self, scope: Scope) -> Answers:
        answers = self._scopes.get(scope)
        if answers is None:
            self._scopes.put(scope, answers := Answers())
        return answers


def _nearest(forwarding: Forwarding, now: float) -> tuple[Entry, Verdict] | None:
    """Return the nearest candidate on which the gate alone decided; None without one whose answer holds still."""
    for near, verdict in forwarding.trace.judgements:
        entry = near.entry
        is_learned = verdict.known_by is None and verdict.stratum and not isinstance(entry, CuratedEntry)
        if is_learned and entry.age(now) < entry.ttl:
            return entry, verdict
    return None
