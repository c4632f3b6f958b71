"""Embedder, store and provider of one batch: its requests embed and load together, and ask a provider in turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Protocol

from sentinel_core.cache.entry import Entry
from sentinel_core.cache.ports import Candidate, Embedder, Provider, Purge, Store, Vector
from sentinel_core.cache.scope import Query
from sentinel_core.chat.messages import ChatRequest, Chunk, Completion
from sentinel_core.errors import ProviderTimeoutError
from sentinel_core.support.batcher import PacedBatcher
from sentinel_core.support.clock import Clock
from sentinel_core.support.loop_turns import NO_PACE, Pace
from sentinel_core.support.single_flight import SingleFlight


class BatchEmbedder:
    """An `Embedder` for one batch."""

    def __init__(self, embedder: Embedder, pace: Pace) -> None:
        self._embedder = embedder
        self._pace = pace
        self._vectors: PacedBatcher[str, Vector] = PacedBatcher(self.embed_many, pace)

    @property
    def id(self) -> str:
        return self._embedder.id

    @property
    def state(self) -> str:
        return self._embedder.state

    async def embed(self, text: str) -> Vector:
        return await self._vectors.one(text)

    async def embed_many(self, texts: Sequence[str]) -> Sequence[Vector | Exception]:
        """Embed texts, those of a comparison included, one call of the key at a time."""
        async with self._pace.working():
            return await self._embedder.embed_many(texts)

    async def aclose(self) -> None:
        """Leave the embedder open for its owner."""


class BatchStore:
    """
    A `Store` for one batch: entries are loaded together, and each scope is refreshed once.

    No lease is taken: one for every prompt would cost a batch more than a second call now and then.
    """

    def __init__(self, store: Store, pace: Pace = NO_PACE) -> None:
        self._store = store
        self._entries: PacedBatcher[Query, Entry | None] = PacedBatcher(store.load_many, pace)
        self._refreshing: SingleFlight[bool] = SingleFlight()

    async def load(self, query: Query) -> Entry | None:
        return await self._entries.one(query)

    async def load_many(self, queries: Sequence[Query]) -> Sequence[Entry | None]:
        return await self._store.load_many(queries)

    async def refresh(
        self, query: Query, *, lease_seconds: float | None = None, stale_entry: Entry | None = None
    ) -> bool:
        await self._refreshing.join(query.scope, lambda: self._store.refresh(query))
        return True

    async def nearest(self, query: Query, vector: Vector, *, floor: float, limit: int) -> Sequence[Candidate]:
        return await self._store.nearest(query, vector, floor=floor, limit=limit)

    async def glimpse(self, query: Query, vector: Vector, *, floor: float) -> tuple[str, float] | None:
        return await self._store.glimpse(query, vector, floor=floor)

    async def wait(self, query: Query, *, timeout: float, stale_entry: Entry | None = None) -> Entry | None:
        return await self._store.wait(query, timeout=timeout, stale_entry=stale_entry)

    async def save(self, query: Query, entry: Entry, vector: Vector | None) -> None:
        await self._store.save(query, entry, vector)

    async def renew(self, query: Query) -> None:
        """Renew nothing: a batch takes no lease."""

    async def release(self, query: Query, *, soon: bool = False) -> None:
        """Leave the leases of other requests: a batch takes none."""

    async def purge(self, purge: Purge) -> None:
        await self._store.purge(purge)

    async def count(self) -> int:
        return await self._store.count()

    async def check(self) -> None:
        await self._store.check()

    async def aclose(self) -> None:
        """Leave the store open for its owner."""


class Providers(Protocol):
    """The providers by name."""

    def __getitem__(self, name: str, /) -> Provider: ...


class ThrottledProviders:
    """The providers, with a limited number of places for one batch."""

    def __init__(self, providers: Providers, concurrency: int, clock: Clock) -> None:
        self._providers = providers
        self._places = asyncio.Semaphore(concurrency)
        self._clock = clock

    def __getitem__(self, name: str, /) -> Provider:
        return ThrottledProvider(self._providers[name], self._places, self._clock)


class ThrottledProvider:
    """A `Provider` with a limited number of places for one batch; waiting counts as request time."""

    def __init__(self, provider: Provider, places: asyncio.Semaphore, clock: Clock) -> None:
        self._provider = provider
        self._places = places
        self._monotonic = clock.monotonic

    @property
    def name(self) -> str:
        return self._provider.name

    async def complete(self, request: ChatRequest, *, timeout: float) -> Completion:
        deadline = self._monotonic() + timeout
        try:
            async with asyncio.timeout(timeout):
                await self._places.acquire()
        except TimeoutError as error:
            raise ProviderTimeoutError("no turn came before the deadline", provider=self.name) from error
        try:
            return await self._provider.complete(request, timeout=deadline - self._monotonic())
        finally:
            self._places.release()

    async def stream(
        self, request: ChatRequest, *, timeout: float, patience: float | None = None
    ) -> AsyncGenerator[Chunk, None]:
        """Stream without a place: a batch streams nothing."""
        async with aclosing(self._provider.stream(request, timeout=timeout, patience=patience)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def aclose(self) -> None:
        """Leave the provider open for its owner."""
