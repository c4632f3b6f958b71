"""Keeps one provider's bad hour from becoming ours: a breaker and a limit around it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager

from sentinel_core.cache.ports import Provider
from sentinel_core.chat.messages import ChatRequest, Chunk, Completion
from sentinel_core.errors import ProviderError, ProviderTimeoutError, ProviderUnavailableError
from sentinel_core.support.breaker import Breaker

FAIR_TIME = 5.0
"""Seconds: with less, a timeout says more about the caller's deadline than about the provider."""

CROWDED_RETRY_AFTER = 1.0

PAUSE = 3.0
"""Seconds: a trial costs one call, and everybody who comes during the pause fails."""


class Guarded:
    """A provider that is asked by at most `limit` at once, and not while its breaker is open."""

    def __init__(
        self,
        provider: Provider,
        *,
        limit: int = 1000,
        breaker: Breaker | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        on_open: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`on_open` hears the provider's name when the breaker opens."""
        self._provider = provider
        self._places = asyncio.Semaphore(limit)
        self._breaker = breaker or Breaker(pause=PAUSE)
        self._monotonic = monotonic
        self._on_open = on_open

    @property
    def name(self) -> str:
        return self._provider.name

    @property
    def is_open(self) -> bool:
        """Whether the breaker lets nobody ask just now."""
        return self._breaker.wait(self._monotonic()) > 0

    async def complete(self, request: ChatRequest, *, timeout: float) -> Completion:
        async with self._place(timeout) as left:
            return await self._provider.complete(request, timeout=left)

    async def stream(
        self, request: ChatRequest, *, timeout: float, patience: float | None = None
    ) -> AsyncGenerator[Chunk, None]:
        patience = timeout if patience is None else min(timeout, patience)
        async with self._place(patience) as left:
            rest = timeout - (patience - left)
            async with aclosing(self._provider.stream(request, timeout=rest, patience=left)) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def aclose(self) -> None:
        await self._provider.aclose()

    @asynccontextmanager
    async def _place(self, timeout: float) -> AsyncIterator[float]:
        """Wait for a place; give what is left of `timeout`; judge the provider by how the call ends."""
        began = self._monotonic()
        self._refuse_while_open(began)
        await self._enter(timeout)
        try:
            now = self._monotonic()
            self._refuse_while_open(now)
            self._breaker = self._breaker.asked(now)
            left = timeout - (now - began)
            with self._judged(left):
                yield left
        finally:
            self._places.release()

    def _refuse_while_open(self, now: float) -> None:
        wait = self._breaker.wait(now)
        if wait > 0:
            raise ProviderUnavailableError(f"{self.name} is being left alone", provider=self.name, retry_after=wait)

    async def _enter(self, timeout: float) -> None:
        try:
            async with asyncio.timeout(timeout):
                await self._places.acquire()
        except TimeoutError as error:
            raise ProviderUnavailableError(
                f"too many calls to {self.name} at once", provider=self.name, retry_after=CROWDED_RETRY_AFTER
            ) from error

    @contextmanager
    def _judged(self, given: float) -> Iterator[None]:
        """A caller who leaves says nothing about the provider; one whose request is rejected says that it lives."""
        try:
            yield
        except ProviderTimeoutError:
            if given >= FAIR_TIME:
                self._note_failure()
            raise
        except ProviderError as error:
            if error.retryable:
                self._note_failure()
            else:
                self._breaker = self._breaker.succeeded()
            raise
        self._breaker = self._breaker.succeeded()

    def _note_failure(self) -> None:
        before, self._breaker = self._breaker, self._breaker.failed(self._monotonic())
        if before.opens(self._breaker):
            self._on_open(self.name)
