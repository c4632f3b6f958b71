"""Working stand-ins for the world: they behave, and they can be made to misbehave."""

from __future__ import annotations

import asyncio
import hashlib
import math
import re
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sentinel_core.cache.answer import Answer, CacheRequest
from sentinel_core.cache.billing import Billing
from sentinel_core.cache.directives import Controls, Directives
from sentinel_core.cache.entry import Entry, EntryFilter
from sentinel_core.cache.events import Alert, Events
from sentinel_core.cache.near_miss import NearMiss
from sentinel_core.cache.operator_rules import Rules
from sentinel_core.cache.ports import Books, Candidate, Embedder, Inventory, Page, Provider, Purge, Store, Vector
from sentinel_core.cache.scope import Query
from sentinel_core.chat.messages import ChatRequest, Chunk, Completion, Json, Message, Usage
from sentinel_core.errors import EmbeddingError, PromptTooLongError, ProviderError, StoreError
from sentinel_core.gateway.conversations import Conversations
from sentinel_core.gateway.curated_book import CuratedBook
from sentinel_core.gateway.gateway import Gateway
from sentinel_core.gateway.lookup import EMBED_SECONDS, Lookup
from sentinel_core.gateway.near_misses import NearMisses
from sentinel_core.gateway.rewordings import Rewordings
from sentinel_core.learning.ledger import days_until, summed
from sentinel_core.matching.gate import Gate
from sentinel_core.stores.days import day_of
from sentinel_core.stores.memory import MemoryStore
from sentinel_core.stores.memory_curated import MemoryCurated
from sentinel_core.support.background import Background
from sentinel_core.support.clock import SYSTEM_CLOCK

DIMENSION = 384
RULES = Rules(threshold=0.75, ttl=100.0, stale=50.0, max_temperature=1.0)
USAGE = Usage(prompt_tokens=7, completion_tokens=5)
PRICE = 0.25
"""Dollars; a power of two, so that sums are exact."""


class FakeClock:
    """Both clocks of `Clock`, moved by hand."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.moment = now

    def now(self) -> float:
        return self.moment

    def monotonic(self) -> float:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += seconds


def word_vector(text: str) -> Vector:
    """
    A bag of words, each hashed into one of 384 dimensions, case folded.

    Of texts of n different words each, m of them shared, the cosine is m / n, and exact in float32
    where n is a power of four.
    """
    vector = np.zeros(DIMENSION, np.float32)
    for word in re.findall(r"\w+", text.casefold()):
        vector[int.from_bytes(hashlib.sha256(word.encode("utf-8", "replace")).digest()[:4]) % DIMENSION] += 1
    length = np.linalg.norm(vector)
    if not length:
        vector[0] = length = np.float32(1)
    return (vector / length).astype(np.float32)


class WordEmbedder:
    """An `Embedder` whose cosines can be reasoned about; `gate` holds every call until it is set."""

    id = "words"

    def __init__(
        self, *, max_words: int = 64, error: EmbeddingError | None = None, gate: asyncio.Event | None = None
    ) -> None:
        self.max_words = max_words
        self.error = error
        self.gate = gate
        self.texts: list[str] = []
        self.batches: list[int] = []

    @property
    def state(self) -> str:
        return "ready" if self.error is None else "failed"

    async def embed(self, text: str) -> Vector:
        self.texts.append(text)
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        if len(text.split()) > self.max_words:
            raise PromptTooLongError("too long")
        return word_vector(text)

    async def embed_many(self, texts: Sequence[str]) -> Sequence[Vector | Exception]:
        self.batches.append(len(texts))
        return await asyncio.gather(*map(self.embed, texts), return_exceptions=True)  # type: ignore[return-value]

    async def aclose(self) -> None:
        """Nothing to give back."""


class BrokenStore:
    """A store that fails at the named steps, and works otherwise; `on_step` hears of each first."""

    def __init__(
        self,
        store: Store,
        steps: Collection[str],
        error: Callable[[], Exception] = lambda: StoreError("down"),
        on_step: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.store = store
        self.steps = set(steps)
        self.loads: list[int] = []
        self.error = error
        self.on_step = on_step

    def _maybe_fail(self, step: str) -> None:
        self.on_step(step)
        if step in self.steps:
            raise self.error()

    async def load(self, query: Query) -> Entry | None:
        self._maybe_fail("load")
        return await self.store.load(query)

    async def load_many(self, queries: Sequence[Query]) -> Sequence[Entry | None]:
        self._maybe_fail("load")
        self.loads.append(len(queries))
        return await self.store.load_many(queries)

    async def refresh(
        self, query: Query, *, lease_seconds: float | None = None, stale_entry: Entry | None = None
    ) -> bool:
        self._maybe_fail("refresh")
        return await self.store.refresh(query, lease_seconds=lease_seconds, stale_entry=stale_entry)

    async def nearest(self, query: Query, vector: Vector, *, floor: float, limit: int) -> Sequence[Candidate]:
        self._maybe_fail("nearest")
        return await self.store.nearest(query, vector, floor=floor, limit=limit)

    async def glimpse(self, query: Query, vector: Vector, *, floor: float) -> tuple[str, float] | None:
        self._maybe_fail("glimpse")
        return await self.store.glimpse(query, vector, floor=floor)

    async def wait(self, query: Query, *, timeout: float, stale_entry: Entry | None = None) -> Entry | None:
        self._maybe_fail("wait")
        return await self.store.wait(query, timeout=timeout, stale_entry=stale_entry)

    async def save(self, query: Query, entry: Entry, vector: Vector | None) -> None:
        self._maybe_fail("save")
        await self.store.save(query, entry, vector)

    async def renew(self, query: Query) -> None:
        self._maybe_fail("renew")
        await self.store.renew(query)

    async def release(self, query: Query, *, soon: bool = False) -> None:
        self._maybe_fail("release")
        await self.store.release(query, soon=soon)

    async def purge(self, purge: Purge) -> None:
        self._maybe_fail("purge")
        await self.store.purge(purge)

    async def entries(
        self,
        namespace: str,
        *,
        cursor: str | None = None,
        limit: int = 50,
        wanted: EntryFilter | None = None,
    ) -> Page:
        self._maybe_fail("entries")
        return await self._inventory.entries(namespace, cursor=cursor, limit=limit, wanted=wanted)

    async def scopes(self, namespace: str, *, after: str = "", limit: int = 50) -> Sequence[str]:
        self._maybe_fail("scopes")
        return await self._inventory.scopes(namespace, after=after, limit=limit)

    async def delete(self, namespace: str, fingerprint: str, digest: str) -> bool:
        self._maybe_fail("delete")
        return await self._inventory.delete(namespace, fingerprint, digest)

    @property
    def _inventory(self) -> Inventory:
        assert isinstance(self.store, MemoryStore)
        return self.store

    async def count(self) -> int:
        self._maybe_fail("count")
        return await self.store.count()

    async def check(self) -> None:
        self._maybe_fail("check")
        await self.store.check()

    async def aclose(self) -> None:
        await self.store.aclose()


@dataclass
class MemoryBooks:
    """`Books` of one process."""

    now: Callable[[], float]
    broken: bool = False
    days: dict[tuple[str, str | None], Counter[str]] = field(default_factory=dict)

    def add_counters(self, counters: Mapping[str, int | float], owner: str | None = None) -> None:
        for whose in {owner, None}:
            named = self.days.setdefault((day_of(self.now()), whose), Counter())
            named.update(counters)

    async def read_counters(self, *days: str, owner: str | None = None) -> Sequence[Mapping[str, float]]:
        if self.broken:
            raise StoreError("down")
        return [{name: float(n) for name, n in self.days.get((day, owner), {}).items() if n} for day in days]


async def counted(books: Books, owner: str | None = None) -> Mapping[str, float]:
    """The counters of yesterday and today together: a test may run at midnight."""
    return summed(await books.read_counters(*days_until(time.time(), 2), owner=owner))


class CountingProvider:
    """
    Gives the queued answers and errors in turn, then the same plain answer again and again.

    `gate` holds every call until it is set; `started` is set when a call has arrived.
    """

    def __init__(self, name: str = "fake", gate: asyncio.Event | None = None) -> None:
        self.name = name
        self.gate = gate
        self.started = asyncio.Event()
        self.queue: deque[Completion | ProviderError | Exception] = deque()
        self.requests: list[ChatRequest] = []
        self.timeouts: list[float] = []

    @property
    def calls(self) -> int:
        return len(self.requests)

    async def complete(self, request: ChatRequest, *, timeout: float) -> Completion:
        self.requests.append(request)
        self.timeouts.append(timeout)
        self.started.set()
        if self.gate is not None:
            await self.gate.wait()
        given = self.queue.popleft() if self.queue else completion(model=request.model)
        if isinstance(given, Exception):
            raise given
        return given

    async def stream(
        self, request: ChatRequest, *, timeout: float, patience: float | None = None
    ) -> AsyncGenerator[Chunk, None]:
        """The text in one chunk, then its end with the usage."""
        given = await self.complete(request, timeout=timeout)
        head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": given.model}
        yield {**head, "choices": [{"index": 0, "delta": dict(given.message), "finish_reason": None}]}
        end = {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": given.finish_reason}]}
        if given.usage is not None:
            usage = given.usage
            end["usage"] = {
                "prompt_tokens": usage.prompt_tokens,
                "completion_tokens": usage.completion_tokens,
                "total_tokens": usage.total_tokens,
            }
        yield end

    async def aclose(self) -> None:
        """Nothing to give back."""


def completion(
    text: str | None = "An answer.",
    *,
    finish_reason: str = "stop",
    usage: Usage | None = USAGE,
    model: str = "small",
    **message: Json,
) -> Completion:
    return Completion("fake", model, {"role": "assistant", "content": text, **message}, finish_reason, usage)


def chat(
    prompt: Json = "what is machine learning", *earlier: Message, model: str = "small", **params: Json
) -> ChatRequest:
    return ChatRequest("fake", model, (*earlier, {"role": "user", "content": prompt}), params)


def price(provider: str, model: str, usage: Usage | None) -> float | None:
    return None if usage is None or model == "unpriced" else PRICE


OPEN_GATE = Gate(rules=frozenset(), max_wrong=1.0)
"""Lets everything pass: for tests of what comes before and after the gate."""


@dataclass
class NotedEvents(Events):
    """Keeps every event."""

    forgeries: list[Mapping[str, str]] = field(default_factory=list)
    opened: list[str | None] = field(default_factory=list)
    found: list[Alert] = field(default_factory=list)
    raised: list[Alert] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    estimates: list[float] = field(default_factory=list)
    near_misses: NearMisses = field(default_factory=NearMisses)
    answers: list[Answer] = field(default_factory=list)

    def forged(self, where: Mapping[str, str]) -> None:
        self.forgeries.append(where)

    def breaker_opened(self, name: str | None) -> None:
        self.opened.append(name)

    def alert_found(self, alert: Alert) -> None:
        self.found.append(alert)

    def alert_raised(self, alert: Alert) -> None:
        self.raised.append(alert)

    def cost(self, usd: float) -> None:
        self.costs.append(usd)

    def estimated(self, usd: float, tenant: str | None) -> None:
        self.estimates.append(usd)

    def near_miss(self, near_miss: NearMiss) -> None:
        self.near_misses.note(near_miss)

    def revalidated(self, answer: Answer) -> None:
        self.answers.append(answer)


@dataclass
class TwoClocks:
    """A `Clock` of two functions."""

    now: Callable[[], float] = SYSTEM_CLOCK.now
    monotonic: Callable[[], float] = SYSTEM_CLOCK.monotonic


@dataclass(frozen=True)
class OnlyProvider:
    """One provider under every name."""

    provider: Provider

    def __getitem__(self, name: str, /) -> Provider:
        return self.provider


@dataclass
class World:
    """A gateway and its parts; `ask` builds what it takes."""

    clock: FakeClock
    rules: Rules = RULES
    gate: Gate = OPEN_GATE
    embedder: Embedder = field(default_factory=WordEmbedder)
    provider: CountingProvider = field(default_factory=CountingProvider)
    store: Store | None = None
    broken: Collection[str] = ()
    error: Callable[[], Exception] = lambda: StoreError("down")
    embed_seconds: float = EMBED_SECONDS
    background: Background | None = None
    store_budget: float = math.inf
    events: NotedEvents = field(default_factory=NotedEvents)
    rewordings: Rewordings | None = None
    conversations: Conversations | None = None
    is_eager: bool = False
    has_curated: bool = False
    is_local: bool = False

    def __post_init__(self) -> None:
        self.memory = MemoryStore(max_entries=1000, max_bytes=10_000_000, grace=self.rules.stale, clock=self.clock)
        self.broken_store = BrokenStore(self.store or self.memory, self.broken, self.error)
        self.curated = CuratedBook(MemoryCurated(), self.embedder, self.clock)
        self.lookup = Lookup(
            self.broken_store,
            self.embedder,
            self.gate,
            embed_seconds=self.embed_seconds,
            pairs=self.memory.pairs,
            rewordings=self.rewordings,
            conversations=self.conversations,
            recall=None if self.rewordings is None else self.memory,
            curated=self.curated if self.has_curated else None,
            is_local=self.is_local,
        )
        self.gateway = Gateway(
            lookup=self.lookup,
            providers=OnlyProvider(self.provider),
            billing=Billing(price),
            rules=self.rules,
            clock=self.clock,
            events=self.events,
            background=self.background,
            store_budget=self.store_budget,
            is_eager=self.is_eager,
        )

    def ask(
        self,
        prompt: Json | ChatRequest = "what is machine learning",
        *,
        namespace: str = "open",
        deadline: float = 10.0,
        cache_control: str = "",
        controls: Controls | None = None,
    ) -> CacheRequest:
        """`deadline` in seconds from now."""
        request = prompt if isinstance(prompt, ChatRequest) else chat(prompt)
        controls = replace(controls or Controls(), directives=Directives.parse(cache_control))
        return CacheRequest(request, namespace, self.clock.monotonic() + deadline, controls)
