"""Replays the calls of a log through the decision machine and driver of the gateway, in this process."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, replace

from starlette.datastructures import Headers

from sentinel_core.app import rules
from sentinel_core.app.estimate.calls import Call
from sentinel_core.app.estimate.kept_judgements import Judged, KeptJudgements, KeptLookup
from sentinel_core.app.settings import Settings
from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.billing import Billing
from sentinel_core.cache.decided import Forwarding, Reusing
from sentinel_core.cache.decision import arrive
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.events import NO_EVENTS
from sentinel_core.cache.fetching import fetch
from sentinel_core.cache.operator_rules import Rules
from sentinel_core.cache.outcome import Hit, HitKind, Outcome
from sentinel_core.cache.plan import Trace
from sentinel_core.cache.ports import Embedder, Provider, Vector
from sentinel_core.cache.scope import Query, prompt_of, split
from sentinel_core.chat.messages import ChatRequest, Chunk, Completion, Message, Usage
from sentinel_core.errors import ProviderUnavailableError
from sentinel_core.gateway.drive import Driver
from sentinel_core.gateway.settlement import Settlement
from sentinel_core.matching.canonical_text import comparable
from sentinel_core.matching.gate import Gate
from sentinel_core.providers import pricing
from sentinel_core.providers.catalogue import KNOWN, split_model
from sentinel_core.stores.memory import MemoryStore
from sentinel_core.support.clock import Timer
from sentinel_core.tenants.api_key import ANYONE
from sentinel_core.web.end_users import EndUsers
from sentinel_core.web.privacy import Privacy

NAMESPACE = ANYONE.namespace
MOST_ENTRIES = 250_000
MOST_BYTES = 600_000_000
EXCERPT = 300
"""Characters that are kept of an answer."""

UNLOGGED = "{}"
"""In the place of an answer that the log does not hold; also good where JSON was asked for."""
_UNLOGGED: Message = {"role": "assistant", "content": UNLOGGED}


class LogClock:
    """The clock of the log: it stands while a call is decided, so that no lookup is slow."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return 0.0

    def advance(self, time: float | None) -> None:
        """Go to the time of a call, never back; a call without one happens at the same moment."""
        self._now = max(self._now, time or 0.0)


class _SlimStore(MemoryStore):
    """Keeps no more of an answer than a report shows, and searches no near misses, which none names."""

    async def glimpse(self, query: Query, vector: Vector, *, floor: float) -> None:
        return None

    async def save(self, query: Query, entry: Entry, vector: Vector | None) -> None:
        message: Message = {"role": "assistant", "content": entry.completion.text[:EXCERPT]}
        await super().save(query, replace(entry, completion=replace(entry.completion, message=message)), vector)


class _Logged:
    """A `Provider` that gives the answer of the log, and stands for every other."""

    name = "log"

    def __init__(self) -> None:
        self.call: Call | None = None

    def __getitem__(self, name: str, /) -> Provider:
        return self

    async def complete(self, request: ChatRequest, *, timeout: float) -> Completion:
        call = self.call
        if call is None or call.is_failed:
            raise ProviderUnavailableError("the log holds a failed call", provider=self.name)
        message = call.answer or _UNLOGGED
        return Completion(request.provider, request.model, message, call.finish_reason, call.usage)

    async def stream(
        self, request: ChatRequest, *, timeout: float, patience: float | None = None
    ) -> AsyncGenerator[Chunk, None]:
        """Stream nothing: a replay asks for whole answers."""
        raise ProviderUnavailableError("no streams", provider=self.name)
        yield {}

    async def aclose(self) -> None:
        """Nothing to close."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """
    The decision about one call.

    `query` is None if the cache is left out. `volatile` and `personal` name the rules that apply, None without one.
    """

    outcome: Outcome
    ask: CacheRequest
    query: Query | None
    trace: Trace
    volatile: str | None
    personal: str | None
    entry: Entry | None = None

    @property
    def is_hit(self) -> bool:
        return isinstance(self.outcome, Hit)

    @property
    def is_semantic(self) -> bool:
        return isinstance(self.outcome, Hit) and self.outcome.kind is HitKind.SEMANTIC

    @property
    def confidence(self) -> float:
        """The gate's probability that the served answer is right; 1.0 for the same words."""
        return self.trace.judgements[-1][1].confidence if self.is_semantic else 1.0


class Replay:
    """A gateway without a network, which asks the log; `max_wrong` takes the place of the operator's."""

    def __init__(
        self,
        settings: Settings,
        embedder: Embedder,
        *,
        max_wrong: float | None = None,
        kept: KeptJudgements | None = None,
    ) -> None:
        self._clock = LogClock()
        store = _SlimStore(
            max_entries=MOST_ENTRIES, max_bytes=MOST_BYTES, grace=settings.stale_seconds, clock=self._clock
        )
        gate = rules.gate(settings)
        gate = gate if max_wrong is None else Gate(gate.rules, max_wrong)
        # A command has no other callers on its event loop, so judging outside it would gain nothing.
        raw_rules, self._rules = rules.raw_rules(settings), rules.policy_rules(settings)
        facts = embedder.id, gate.needed, self._rules.threshold, sorted(gate.rules), sorted(raw_rules)
        self._judged = None if kept is None else Judged(kept, repr(facts))
        lookup = KeptLookup(
            store,
            embedder,
            gate,
            raw_rules=raw_rules,
            embed_seconds=3_600,
            judged_on_loop=10**9,
            judged=self._judged,
        )
        self._logged = _Logged()
        settlement = Settlement(
            lookup, billing=Billing(_no_price), clock=self._clock, events=NO_EVENTS, background=None
        )
        self._driver = Driver(lookup, self._logged, settlement, self._clock)
        self._end_users = _end_users(settings)
        self._privacy = Privacy(settings.personal_data, b"log")

    @property
    def rules(self) -> Rules:
        return self._rules

    async def ask(self, request: ChatRequest) -> CacheRequest:
        """Return the request as the gateway takes it from the web."""
        plain = CacheRequest(request, NAMESPACE, math.inf)
        return await self._privacy.applied(await self._end_users.assigned(plain, Headers({}), ANYONE))

    async def decide(self, ask: CacheRequest, call: Call) -> Replayed:
        """Take the decision about a call; where no entry answers, store the answer of the log if it may be kept."""
        self._clock.advance(call.time)
        self._logged.call = call
        timer = Timer(self._clock)
        state = arrive(ask, rules=self._rules, now=self._clock.now(), store_budget=math.inf)
        decided = await self._driver.drive(state, timer)
        if self._judged is not None:
            self._judged.note(decided.trace.judgements)
        if isinstance(decided, Forwarding) and not call.is_failed:
            await self._driver.drive(fetch(decided), timer)
        plan = decided.plan
        return Replayed(
            decided.outcome,
            plan.ask,
            plan.query,
            decided.trace,
            plan.ask.volatile,
            plan.ask.personal,
            decided.entry if isinstance(decided, Reusing) else None,
        )


def request_of(call: Call, default: str) -> ChatRequest:
    """Return a call as the gateway's request; `default` is the provider of models that name none."""
    model = call.body.model or "default"
    provider = call.body.provider
    if provider is None:
        provider, model = split_model(model, known=KNOWN.keys(), default=default)
    return call.body.request(provider, model)


def texts_of(asks: Iterable[CacheRequest]) -> list[str]:
    """Return the texts that a lookup embeds, those of prompts that are not compared left out."""
    return [
        comparable(prompt_of(ask.request))
        for ask in asks
        if ask.bypass is None and ask.masked is None and ask.request.messages
    ]


def query_of(ask: CacheRequest) -> Query:
    """Return where the answer to a request is kept."""
    return split(ask.request, ask.namespace, ask.masked)


def price(request: ChatRequest, usage: Usage) -> float | None:
    """Return the known price of a call, whichever provider has a model of this name."""
    names: Sequence[str] = (request.provider, *(name for name in KNOWN if name != request.provider))
    prices = (pricing.cost_usd(name, request.model, usage) for name in names)
    return next((each for each in prices if each is not None), None)


def _no_price(provider: str, model: str, usage: object) -> float | None:
    return None


def _end_users(settings: Settings) -> EndUsers:
    """Return the operator's rules; the pseudonyms leave no report, so they need no secret of their own."""
    return EndUsers(b"log", settings.user_scope, settings.personal_without_user, frozenset(settings.personal_rules_off))
