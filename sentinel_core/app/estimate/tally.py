"""Counts of a replay: hits, dollars, seconds, shares and the riskiest pairs."""

from __future__ import annotations

import hashlib
import heapq
import math
from collections import Counter
from dataclasses import dataclass, field

from sentinel_core.app.estimate.calls import Call
from sentinel_core.app.estimate.replay import UNLOGGED, Replayed, price
from sentinel_core.app.estimate.scopes import ScopeParts
from sentinel_core.cache.outcome import Bypass, BypassReason, Miss, MissDetail
from sentinel_core.cache.scope import prompt_of
from sentinel_core.chat.messages import ChatRequest, Completion, Usage
from sentinel_core.chat.token_estimate import estimated

PAIRS = 50
"""Riskiest pairs that are shown."""

HIT_USD, MISS_USD = 2.5e-6, 8.5e-6
"""Own cost of a request on AWS Lambda with Upstash: 1 and 4 commands at $0.20 per 100,000, and the function."""

LOOKUP_SECONDS = 0.01
"""Time that Sentinel adds to a request, or takes for a hit."""

_MOST_NAMES = 200
_OTHERS = "(others)"
_SHOWN = 600
_Z = 1.959964


@dataclass(slots=True)
class Part:
    """Sums of one route, of one model or of all; `seconds` are None until the log says some."""

    requests: float = 0.0
    hits: float = 0.0
    usd: float = 0.0
    saved_usd: float = 0.0
    own_usd: float = 0.0
    unpriced: float = 0.0
    timed: float = 0.0
    seconds: float = 0.0
    saved_seconds: float = 0.0

    def add(self, call: Call, usd: float | None, weight: float, *, is_hit: bool) -> None:
        """Add one request that stands for `weight` requests."""
        self.requests += weight
        self.hits += weight * is_hit
        self.own_usd += weight * (HIT_USD if is_hit else MISS_USD)
        if usd is None:
            self.unpriced += weight
        else:
            self.usd += weight * usd
            self.saved_usd += weight * usd * is_hit
        if call.seconds is not None:
            self.timed += weight
            self.seconds += weight * call.seconds
            self.saved_seconds += weight * ((call.seconds if is_hit else 0.0) - LOOKUP_SECONDS)


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """A semantic hit; the least sure is the greatest, so that a heap of the riskiest drops the surest."""

    risk: float
    id: str
    asked: str = field(compare=False)
    stored: str = field(compare=False)
    answer: str = field(compare=False)
    similarity: float = field(compare=False)


@dataclass(slots=True)
class Tally:
    """All counts; a request of a sample counts for as many as it stands for."""

    total: Part = field(default_factory=Part)
    exact: float = 0.0
    semantic: float = 0.0
    refused_by_gate: float = 0.0
    expired: float = 0.0
    failed: float = 0.0
    volatile: float = 0.0
    personal: float = 0.0
    novelty: float = 0.0
    estimated_usage: float = 0.0
    unlogged: float = 0.0
    sampled: int = 0
    variance: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    routes: dict[str, Part] = field(default_factory=dict)
    models: dict[str, Part] = field(default_factory=dict)
    scopes: ScopeParts = field(default_factory=ScopeParts)
    temperatures: Counter[float] = field(default_factory=Counter)
    pairs: list[Pair] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)

    def add(self, call: Call, request: ChatRequest, replayed: Replayed, weight: float = 1.0) -> None:
        """Count one decision; with a weight above 1 it was drawn from so many."""
        self._add_money(call, request, weight, is_hit=replayed.is_hit)
        self.exact += weight * (replayed.is_hit and not replayed.is_semantic)
        self.semantic += weight * replayed.is_semantic
        self.sampled += weight > 1
        self.variance += weight * (weight - 1) * replayed.is_hit
        self._add_reasons(request, replayed, weight)
        if replayed.query is not None:
            self.scopes.note(replayed.ask, replayed.query, is_miss=not replayed.is_hit)
        if replayed.is_semantic:
            self._add_pair(replayed)

    def add_exact(self, call: Call, request: ChatRequest) -> None:
        """Count a repeat that was not decided, because only a sample is."""
        self._add_money(call, request, 1.0, is_hit=True)
        self.exact += 1

    @property
    def hits(self) -> float:
        return self.exact + self.semantic

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the hit rate that the sampling leaves, in percent."""
        requests = max(1.0, self.total.requests)
        rate, half = self.total.hits / requests, _Z * math.sqrt(self.variance) / requests
        return 100 * max(0.0, rate - half), 100 * min(1.0, rate + half)

    def _add_money(self, call: Call, request: ChatRequest, weight: float, *, is_hit: bool) -> None:
        usd, is_estimated = cost(call, request)
        self.failed += weight * call.is_failed
        self.unlogged += weight * (call.answer is None)
        self.estimated_usage += weight * is_estimated
        named = (self.routes, call.route or "-"), (self.models, f"{request.provider}/{request.model}")
        for part in (self.total, *(_part(parts, name) for parts, name in named)):
            part.add(call, usd, weight, is_hit=is_hit)

    def _add_reasons(self, request: ChatRequest, replayed: Replayed, weight: float) -> None:
        self.volatile += weight * (replayed.volatile is not None)
        self.personal += weight * (replayed.personal is not None)
        match replayed.outcome:
            case Miss(detail=MissDetail.GATE):
                self.refused_by_gate += weight
                self.outcomes["miss: refused by the gate"] += 1
            case Miss(detail=detail):
                self.expired += weight * (detail is MissDetail.EXPIRED)
                self.novelty += weight * (detail is MissDetail.NOVELTY)
                self.outcomes["miss" if detail is None else f"miss: {detail.value}"] += 1
            case Bypass(reason=reason):
                self.novelty += weight * (reason is BypassReason.NOVELTY)
                self.outcomes[f"bypass: {reason.value}"] += 1
                temperature = request.params.get("temperature")
                if reason is BypassReason.TEMPERATURE and isinstance(temperature, int | float):
                    self.temperatures[float(temperature)] += 1
            case _:
                self.outcomes["hit by meaning" if replayed.is_semantic else "hit by the same words"] += 1

    def _add_pair(self, replayed: Replayed) -> None:
        candidate = replayed.trace.judgements[-1][0]
        asked = prompt_of(replayed.ask.request) if replayed.query is None else replayed.query.prompt
        name = hashlib.sha256(f"{asked}\0{candidate.prompt}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
        if name in self._known:
            return
        pair = Pair(
            1 - replayed.confidence,
            name,
            asked[:_SHOWN],
            candidate.prompt[:_SHOWN],
            "" if candidate.entry.completion.text == UNLOGGED else candidate.entry.completion.text,
            candidate.similarity,
        )
        if len(self.pairs) < PAIRS:
            heapq.heappush(self.pairs, pair)
            self._known.add(name)
        elif pair > self.pairs[0]:
            self._known.discard(heapq.heapreplace(self.pairs, pair).id)
            self._known.add(name)


def cost(call: Call, request: ChatRequest) -> tuple[float | None, bool]:
    """Return the dollars of a call, None if its price is not known, and whether its tokens are an estimate."""
    if call.is_failed:
        return 0.0, False
    if call.cost_usd:
        return call.cost_usd, False
    usage: Usage | None = call.usage
    if usage is not None:
        return price(request, usage), False
    usd = price(request, estimated(request, Completion(request.provider, request.model, call.answer or {}, "stop")))
    return usd, usd is not None


def _part(parts: dict[str, Part], name: str) -> Part:
    return parts.setdefault(name if name in parts or len(parts) < _MOST_NAMES else _OTHERS, Part())
