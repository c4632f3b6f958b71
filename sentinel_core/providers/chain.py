"""A first choice of provider, and others to ask when it fails."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from sentinel_core.chat import ChatRequest, Chunk, Completion
from sentinel_core.errors import ProviderError, ProviderRateLimitedError, ProviderTimeoutError
from sentinel_core.ports import Provider
from sentinel_core.providers.catalogue import ProviderSpec, refused

RESERVE = 10.0
"""Seconds kept back for each provider that may still have to be asked."""


@dataclass(frozen=True, slots=True)
class Link:
    """One provider of a chain. `model` replaces the request's, None keeps it; `spec` says what it refuses."""

    provider: Provider
    model: str | None = None
    spec: ProviderSpec | None = None

    def request(self, request: ChatRequest) -> ChatRequest:
        return replace(request, provider=self.provider.name, model=self.model or request.model)


class Chain:
    """
    Asks its links in order until one answers; goes on only after errors that another may not have.

    The completion names who answered; a stream names it in its first chunk, under `x_sentinel.provider`.
    """

    def __init__(self, links: Sequence[Link], *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._links = tuple(links)
        self._monotonic = monotonic

    @property
    def name(self) -> str:
        return self._links[0].provider.name

    async def complete(self, request: ChatRequest, *, timeout: float) -> Completion:
        failed: list[ProviderError] = []
        deadline, links = self._monotonic() + timeout, self._able(request)
        for position, link in enumerate(links):
            left = deadline - self._monotonic()
            if failed and left <= 0:
                break
            turn = share(left, others=len(links) - position - 1)
            try:
                return await link.provider.complete(link.request(request), timeout=turn)
            except ProviderError as error:
                if not error.retryable:
                    raise
                failed.append(error)
        raise most_telling(failed)

    async def stream(
        self, request: ChatRequest, *, timeout: float, patience: float | None = None
    ) -> AsyncGenerator[Chunk, None]:
        """Changes to the next provider only while nothing has been passed on."""
        failed: list[ProviderError] = []
        deadline, links = self._monotonic() + timeout, self._able(request)
        for position, link in enumerate(links):
            left = deadline - self._monotonic()
            if failed and left <= 0:
                break
            turn = share(left, others=len(links) - position - 1)
            stream = link.provider.stream(link.request(request), timeout=left, patience=min(turn, patience or turn))
            async with aclosing(stream) as chunks:
                try:
                    first = await anext(chunks)
                except ProviderError as error:
                    if not error.retryable:
                        raise
                    failed.append(error)
                    continue
                yield {**first, "x_sentinel": {"provider": link.provider.name}}
                async for chunk in chunks:
                    yield chunk
                return
        raise most_telling(failed)

    async def aclose(self) -> None:
        for link in self._links:
            await link.provider.aclose()

    def _able(self, request: ChatRequest) -> tuple[Link, ...]:
        """The first link, and those others that take this request as it is."""
        first, *others = self._links
        return first, *(link for link in others if link.spec is None or refused(link.spec, request) is None)


def share(left: float, *, others: int) -> float:
    """Return how long the next provider may take: at least half, and all but the reserve of the others."""
    return left if others == 0 else max(left / 2, left - others * RESERVE)


def most_telling(errors: Sequence[ProviderError]) -> ProviderError:
    """Return the error a caller can do most with: a rate limit that says when, then a timeout, then the first."""
    return min(errors, key=_rank)


def _rank(error: ProviderError) -> int:
    if isinstance(error, ProviderRateLimitedError):
        return 0 if error.retry_after is not None else 1
    return 2 if isinstance(error, ProviderTimeoutError) else 3
