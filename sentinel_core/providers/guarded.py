"""Keeps a failing provider, or one key's flood of calls, from failing the calls of others."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

from sentinel_core.cache.ports import Provider
from sentinel_core.chat.messages import ChatRequest, Chunk, Completion
from sentinel_core.errors import ProviderError, ProviderTimeoutError, ProviderUnavailableError
from sentinel_core.support.bounded import BoundedMap
from sentinel_core.support.breaker import Breaker
from sentinel_core.support.clock import SYSTEM_CLOCK, Clock
from sentinel_core.support.fair_places import FairPlaces

FAIR_TIME = 5.0
"""Seconds: with less, a timeout says more about the caller's deadline than about the provider."""

READER_SECONDS = 1.0
"""After a reader has kept a stream waiting for so long, its failure says more about the reader."""

CROWDED_RETRY_AFTER = 1.0

PAUSE = 3.0
"""Seconds: a trial costs one call, and all calls during the pause fail."""

MOST_BREAKERS = 4_096
"""Breakers that have counted a failure; the names of models are the callers'."""

_Whose: TypeAlias = tuple[str, str]
"""Model and key."""


@dataclass(slots=True)
class _Call:
    """One call: the seconds it has left at its begin, and those its reader kept it waiting."""

    left: float
    reader_seconds: float = 0.0


class Circuit(NamedTuple):
    """The circuit breaker of one model; after `wait` seconds an open one lets one call try."""

    model: str
    failures: int
    is_open: bool
    wait: float


class BreakerEvents(Protocol):
    """Reacts to circuit breakers."""

    def breaker_opened(self, name: str | None) -> None:
        """React to an open breaker of the provider `name`."""


class Guarded:
    """
    A provider with a limit of calls at once, shared fairly by key, and a circuit breaker for each model and key.

    Failures count for the model and the key of the call alone: failures that one key provokes, with a
    model or a request of its own, never refuse the calls of another, and neither do streams of slow readers.
    """

    def __init__(
        self,
        provider: Provider,
        *,
        limit: int = 1000,
        breaker: Breaker | None = None,
        clock: Clock = SYSTEM_CLOCK,
        events: BreakerEvents | None = None,
    ) -> None:
        """`events` gets the provider's name when a breaker opens."""
        self._provider = provider
        self._places = FairPlaces(limit)
        self._closed = breaker or Breaker(pause=PAUSE)
        self._breakers: BoundedMap[_Whose, Breaker] = BoundedMap(MOST_BREAKERS)
        self._monotonic = clock.monotonic
        self._events = events

    @property
    def name(self) -> str:
        return self._provider.name

    def is_open(self, request: ChatRequest) -> bool:
        """Whether a call like this would be refused now."""
        return self._breaker(_whose(request)).wait(self._monotonic()) > 0

    async def complete(self, request: ChatRequest, *, timeout: float) -> Completion:
        async with self._place(request, timeout) as call:
            return await self._provider.complete(request, timeout=call.left)

    async def stream(
        self, request: ChatRequest, *, timeout: float, patience: float | None = None
    ) -> AsyncGenerator[Chunk, None]:
        """Pass chunks on until `timeout` seconds after the call, however slowly they are read."""
        deadline = self._monotonic() + timeout
        patience = timeout if patience is None else min(timeout, patience)
        async with self._place(request, patience) as call:
            rest = timeout - (patience - call.left)
            async with aclosing(self._provider.stream(request, timeout=rest, patience=call.left)) as chunks:
                async for chunk in chunks:
                    passed_on = self._monotonic()
                    yield chunk
                    now = self._monotonic()
                    call.reader_seconds += now - passed_on
                    if now > deadline:
                        raise ProviderTimeoutError("the stream was not read before its deadline", provider=self.name)

    async def aclose(self) -> None:
        await self._provider.aclose()

    def circuits(self) -> Sequence[Circuit]:
        """Return the breakers that count failures, one for each model: the worst of its keys."""
        now, worst = self._monotonic(), dict[str, Circuit]()
        for (model, _), breaker in self._breakers.items():
            circuit = Circuit(model, breaker.failures, breaker.opened is not None, breaker.wait(now))
            worst[model] = max(worst.get(model, circuit), circuit, key=lambda each: (each.is_open, each.wait))
        return list(worst.values())

    def _breaker(self, whose: _Whose) -> Breaker:
        return self._breakers.get(whose) or self._closed

    def _set(self, whose: _Whose, breaker: Breaker) -> None:
        """Keep a breaker only while it has failures to count."""
        if breaker.failures:
            self._breakers.put(whose, breaker)
        else:
            self._breakers.pop(whose)

    @asynccontextmanager
    async def _place(self, request: ChatRequest, timeout: float) -> AsyncIterator[_Call]:
        """Wait for a place; yield the call with the rest of `timeout`; judge the provider by how the call ends."""
        began, whose = self._monotonic(), _whose(request)
        self._refuse_while_open(whose, began)
        request.progress.is_waiting = not request.progress.was_sent
        await self._enter(request.key, timeout)
        request.progress.is_waiting, request.progress.was_sent = False, True
        try:
            now = self._monotonic()
            self._refuse_while_open(whose, now)
            self._set(whose, self._breaker(whose).asked(now))
            call = _Call(timeout - (now - began))
            with self._judged(whose, call):
                yield call
        finally:
            self._places.release(request.key)

    def _refuse_while_open(self, whose: _Whose, now: float) -> None:
        wait = self._breaker(whose).wait(now)
        if wait > 0:
            raise ProviderUnavailableError(
                f"circuit breaker open for {self.name}; retry in {math.ceil(wait)} s",
                provider=self.name,
                retry_after=wait,
            )

    async def _enter(self, key: str, timeout: float) -> None:
        has_place = False
        try:
            async with asyncio.timeout(timeout):
                has_place = await self._places.acquire(key)
        except TimeoutError as error:
            raise self._crowded() from error
        if not has_place:
            raise self._crowded()

    def _crowded(self) -> ProviderUnavailableError:
        return ProviderUnavailableError(
            f"too many calls to {self.name} at once", provider=self.name, retry_after=CROWDED_RETRY_AFTER
        )

    @contextmanager
    def _judged(self, whose: _Whose, call: _Call) -> Iterator[None]:
        """Count a failure: a departure says nothing about the provider, a rejected request says that it lives."""
        try:
            yield
        except ProviderError as error:
            if not error.retryable:
                self._set(whose, self._breaker(whose).succeeded())
            elif _is_telling(error, call):
                self._note_failure(whose)
            raise
        self._set(whose, self._breaker(whose).succeeded())

    def _note_failure(self, whose: _Whose) -> None:
        before = self._breaker(whose)
        after = before.failed(self._monotonic())
        self._set(whose, after)
        if before.opens(after) and self._events is not None:
            self._events.breaker_opened(self.name)


def _whose(request: ChatRequest) -> _Whose:
    return request.model, request.key


def _is_telling(error: ProviderError, call: _Call) -> bool:
    """Whether a failure is the provider's, not that of a slow reader or a short deadline."""
    if call.reader_seconds > READER_SECONDS:
        return False
    return call.left >= FAIR_TIME or not isinstance(error, ProviderTimeoutError)
