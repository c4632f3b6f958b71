"""Many requests at once: what they ask of the embedder and the store in one turn goes out together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Sequence
from contextlib import aclosing
from typing import Generic, TypeVar

from sentinel_core.chat import ChatRequest, Chunk, Completion
from sentinel_core.entry import Entry
from sentinel_core.errors import ProviderTimeoutError
from sentinel_core.flights import Flights
from sentinel_core.ports import Candidate, Embedder, Provider, Purge, Store, Vector
from sentinel_core.scope import Query

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Together(Generic[K, V]):
    """Collects what is asked for in one turn of the event loop, and asks `many` for all of it, each key once."""

    def __init__(self, many: Callable[[Sequence[K]], Awaitable[Sequence[V | Exception]]]) -> None:
        self._many = many
        self._waiting: dict[K, asyncio.Future[V]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def one(self, key: K) -> V:
        """Raises what came in place of this key's value, or what `many` raised."""
        if not self._waiting:
            task = asyncio.create_task(self._flush())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if key not in self._waiting:
            self._waiting[key] = asyncio.get_running_loop().create_future()
        return await asyncio.shield(self._waiting[key])

    async def _flush(self) -> None:
        waiting, self._waiting = self._waiting, {}
        try:
            values = await self._many(list(waiting))
        except Exception as error:  # noqa: BLE001  it belongs to those who wait
            values = [error] * len(waiting)
        for future, value in zip(waiting.values(), values, strict=True):
            if isinstance(value, Exception):
                future.set_exception(value)
                future.exception()  # taken here, or asyncio warns of it where everyone has left
            else:
                future.set_result(value)


class EmbedderTogether:
    """An `Embedder` for one batch."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors: Together[str, Vector] = Together(embedder.embed_many)

    @property
    def id(self) -> str:
        return self._embedder.id

    @property
    def state(self) -> str:
        return self._embedder.state

    async def embed(self, text: str) -> Vector:
        return await self._vectors.one(text)

    async def embed_many(self, texts: Sequence[str]) -> Sequence[Vector | Exception]:
        return await self._embedder.embed_many(texts)

    async def aclose(self) -> None:
        """The embedder is its owner's to close."""


class StoreTogether:
    """
    A `Store` for one batch: entries are loaded together, and each scope is refreshed once.

    No lease is asked for: one for every prompt would cost a batch more than asking twice, now and then.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._entries: Together[Query, Entry | None] = Together(store.load_many)
        self._refreshing: Flights[bool] = Flights()

    async def load(self, query: Query) -> Entry | None:
        return await self._entries.one(query)

    async def load_many(self, queries: Sequence[Query]) -> Sequence[Entry | None]:
        return await self._store.load_many(queries)

    async def refresh(self, query: Query, *, lease_seconds: float | None = None, seen: Entry | None = None) -> bool:
        await self._refreshing.join(query.scope, lambda: self._store.refresh(query))
        return True

    async def nearest(self, query: Query, vector: Vector, *, floor: float, limit: int) -> Sequence[Candidate]:
        return await self._store.nearest(query, vector, floor=floor, limit=limit)

    async def glimpse(self, query: Query, vector: Vector, *, floor: float) -> tuple[str, float] | None:
        return await self._store.glimpse(query, vector, floor=floor)

    async def wait(self, query: Query, *, timeout: float, seen: Entry | None = None) -> Entry | None:
        return await self._store.wait(query, timeout=timeout, seen=seen)

    async def save(self, query: Query, entry: Entry, vector: Vector | None) -> None:
        await self._store.save(query, entry, vector)

    async def release(self, query: Query, *, soon: bool = False) -> None:
        """No lease was taken; one of another request's is not ours to end."""

    async def purge(self, purge: Purge) -> None:
        await self._store.purge(purge)

    async def count(self) -> int:
        return await self._store.count()

    async def check(self) -> None:
        await self._store.check()

    async def aclose(self) -> None:
        """The store is its owner's to close."""


class InTurn:
    """A `Provider` that one batch asks for so many answers at a time; those behind wait on their own time."""

    def __init__(self, provider: Provider, places: asyncio.Semaphore, monotonic: Callable[[], float]) -> None:
        self._provider = provider
        self._places = places
        self._monotonic = monotonic

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
        """A batch streams nothing; not in turn."""
        async with aclosing(self._provider.stream(request, timeout=timeout, patience=patience)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def aclose(self) -> None:
        """The provider is its owner's to close."""
