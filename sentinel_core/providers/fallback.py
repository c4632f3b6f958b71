"""A first choice of provider, and others to ask when it fails."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias, TypeVar

from sentinel_core.cache.ports import Provider
from sentinel_core.chat.messages import ChatRequest, Chunk, Completion
from sentinel_core.errors import ProviderError
from sentinel_core.providers.catalogue import ProviderSpec, refused
from sentinel_core.providers.hedging import Attempt, first_of
from sentinel_core.support.clock import SYSTEM_CLOCK, Clock

T = TypeVar("T")
_Begun: TypeAlias = tuple[Chunk, AsyncGenerator[Chunk, None]]
"""A stream's first chunk, and the rest."""

RESERVE = 10.0
"""Seconds kept back for each provider that may still have to be asked."""


@dataclass(frozen=True, slots=True)
class Link:
    """One provider of a chain. `model` replaces the request's, None keeps it; `spec` knows its refusals."""

    provider: Provider
    model: str | None = None
    spec: ProviderSpec | None = None

    def request(self, request: ChatRequest) -> ChatRequest:
        return replace(request, provider=self.provider.name, model=self.model or request.model)


class _Calls:
    """Calls of one request that may be billed: all that were begun, but those that failed unbilled."""

    def __init__(self) -> None:
        self._begun: list[ChatRequest] = []

    @contextmanager
    def noted(self, request: ChatRequest) -> Iterator[None]:
        self._begun.append(request)
        try:
            yield
        except ProviderError as error:
            if not error.may_bill:
                self._begun = [begun for begun in self._begun if begun is not request]
            raise

    def others(self, answered: ChatRequest) -> tuple[tuple[str, str], ...]:
        """Return provider and model of every other call."""
        return tuple((begun.provider, begun.model) for begun in self._begun if begun is not answered)


class Chain:
    """
    Asks its links in order until one answers; goes on only after errors that another may not have.

    With `hedge` seconds, the next link is asked as well when one takes longer, and the first to answer wins.
    The completion names who answered; a stream names it in its first chunk, under `x_sentinel.provider`, with the
    `model` that was asked where it is not the first link. Links that the caller's key may not ask are left out.
    """

    def __init__(
        self,
        links: Sequence[Link],
        *,
        hedge: float | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._links = tuple(links)
        self._hedge = hedge
        self._monotonic = clock.monotonic

    @property
    def name(self) -> str:
        return self._links[0].provider.name

    @property
    def first(self) -> Provider:
        """The provider that is asked first."""
        return self._links[0].provider

    async def complete(self, request: ChatRequest, *, timeout: float) -> Completion:
        calls = _Calls()

        async def ask(link: Link, left: float, turn: float) -> Completion:
            asked = link.request(request)
            with calls.noted(asked):
                completion = await link.provider.complete(asked, timeout=turn)
            fallback = None if self._is_first(link) else (asked.provider, asked.model)
            return replace(completion, fallback=fallback, also_asked=calls.others(asked))

        return await first_of(self._attempts(request, timeout, ask), pause=self._hedge, discard=_forget)

    async def stream(
        self, request: ChatRequest, *, timeout: float, patience: float | None = None
    ) -> AsyncGenerator[Chunk, None]:
        """Stream; change to another provider only while nothing has been passed on."""

        calls = _Calls()

        async def begin(link: Link, left: float, turn: float) -> _Begun:
            asked = link.request(request)
            chunks = link.provider.stream(asked, timeout=left, patience=min(turn, patience or turn))
            try:
                with calls.noted(asked):
                    first = await anext(chunks)
            except BaseException:
                await chunks.aclose()
                raise
            model = {} if self._is_first(link) else {"model": asked.model}
            others = {"also_asked": others} if (others := calls.others(asked)) else {}
            return {**first, "x_sentinel": {"provider": asked.provider, **model, **others}}, chunks

        first, rest = await first_of(self._attempts(request, timeout, begin), pause=self._hedge, discard=_close)
        async with aclosing(rest):
            yield first
            async for chunk in rest:
                yield chunk

    async def aclose(self) -> None:
        for link in self._links:
            await link.provider.aclose()

    def _attempts(
        self, request: ChatRequest, timeout: float, ask: Callable[[Link, float, float], Coroutine[Any, Any, T]]
    ) -> Iterator[Attempt[T]]:
        """Give each link its turn, as long as there is time."""
        deadline, links = self._monotonic() + timeout, self._able(request)
        for position, link in enumerate(links):
            left = deadline - self._monotonic()
            if position and left <= 0:
                return
            yield partial(ask, link, left, share(left, others=len(links) - position - 1))

    def _is_first(self, link: Link) -> bool:
        return link is self._links[0]

    def _able(self, request: ChatRequest) -> tuple[Link, ...]:
        """Return the first link, and those others that the key may ask and that take this request as it is."""
        first, *others = self._links
        return first, *(link for link in others if _may_ask(link, link.request(request)))


def _may_ask(link: Link, request: ChatRequest) -> bool:
    is_taken = link.spec is None or refused(link.spec, request) is None
    return is_taken and request.reach.allows(request.provider, request.model)


def share(left: float, *, others: int) -> float:
    """Return how long the next provider may take: at least half, and all but the reserve of the others."""
    return left if others == 0 else max(left / 2, left - others * RESERVE)


async def _close(begun: _Begun) -> None:
    await begun[1].aclose()


async def _forget(completion: Completion) -> None:
    """Give back a late answer: it has come in the same moment as another; it is billed all the same."""
