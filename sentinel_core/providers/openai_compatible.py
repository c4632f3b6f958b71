"""Any provider that speaks OpenAI's chat API, or Anthropic's, over HTTP."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import httpx

from sentinel_core.chat.messages import ChatRequest, Chunk, Completion
from sentinel_core.errors import ProviderError, ProviderProtocolError, ProviderRejectedError
from sentinel_core.providers import endpoint, failures, openai_wire
from sentinel_core.providers.additions import Additions
from sentinel_core.providers.catalogue import ProviderSpec
from sentinel_core.providers.event_stream import EventStream, WholeAnswer, bounded
from sentinel_core.providers.retries import Retries
from sentinel_core.providers.sse import BOM, MAX_EVENT_BYTES
from sentinel_core.providers.wire import wire_of
from sentinel_core.support.clock import SYSTEM_CLOCK, Clock
from sentinel_core.support.off_loop import off_loop

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class World:
    """Time and chance, passed in so that tests need not wait. `pause` takes seconds."""

    clock: Clock = SYSTEM_CLOCK
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random


class OpenAICompatible:
    """
    One provider, on httpx's objects without its client.

    Redirects, cookies and proxies, which a client adds, are not for an API, and cost as much as the rest.
    """

    def __init__(
        self,
        spec: ProviderSpec,
        *,
        key: str | None,
        transport: httpx.AsyncBaseTransport,
        retries: Retries | None = None,
        world: World | None = None,
        stream_idle: float = math.inf,
        connect_timeout: float = 5.0,
        max_answer_bytes: int = MAX_EVENT_BYTES,
        secrets: Sequence[str] = (),
    ) -> None:
        """
        `stream_idle` is the longest wait between two events of a stream, in seconds; `max_answer_bytes` limits a
        plain answer in place of a stream, the transport all others.

        `secrets` are struck from the provider's error texts, the key among them. Raises ConfigurationError for an
        address or a key that HTTP cannot carry.
        """
        self._spec = spec
        self._retries = retries or Retries()
        self._world = world or World()
        self._url = endpoint.chat_url(spec)
        self._headers = httpx.Headers(endpoint.request_headers(spec, key, self._url))
        self._transport = transport
        self._stream_idle = stream_idle
        self._max_answer_bytes = max_answer_bytes
        self._extensions: dict[str, Any] = {"timeout": {"connect": connect_timeout}}  # `bounded` limits the rest
        self._secrets = endpoint.secrets(self._url, key, secrets)
        self._additions = Additions(spec)
        self._wire = wire_of(spec)

    @property
    def name(self) -> str:
        return self._spec.name

    async def complete(self, request: ChatRequest, *, timeout: float) -> Completion:
        until = self._world.clock.monotonic() + timeout
        attempt = partial(self._adapting, request, False, partial(self._ask, request, until))
        return await self._retrying(attempt, until)

    async def stream(
        self, request: ChatRequest, *, timeout: float, patience: float | None = None
    ) -> AsyncGenerator[Chunk, None]:
        """Asks again only before the answer begins: sent chunks cannot be taken back."""
        now = self._world.clock.monotonic()
        until = now + timeout
        begun = until if patience is None else min(until, now + patience)
        attempt = partial(self._adapting, request, True, partial(self._open, request, begun))
        first, events = await self._retrying(attempt, begun)
        async with aclosing(events):
            chunk: Chunk | None = first
            while chunk is not None:
                yield chunk
                chunk = await self._next(events, until)

    async def aclose(self) -> None:
        """Close idle connections; later calls open new ones, as after a snapshot of the process."""
        with suppress(httpx.HTTPError, OSError, RuntimeError):
            await self._transport.aclose()

    async def _retrying(self, attempt: Callable[[], Awaitable[T]], until: float) -> T:
        number = 0
        while True:
            number += 1
            try:
                return await attempt()
            except ProviderError as error:
                failures.struck(error, self._secrets)
                error.attempts = number
                left = until - self._world.clock.monotonic()
                wait = self._retries.pause(error, attempt=number, left=left, chance=self._world.chance())
                if wait is None:
                    raise
            await self._world.pause(wait)

    async def _adapting(self, request: ChatRequest, stream: bool, ask: Callable[[frozenset[str]], Awaitable[T]]) -> T:
        """Ask with our additions to the request, and again without those that the server refuses."""
        added = self._additions.of(request, stream=stream)
        try:
            return await ask(added)
        except ProviderRejectedError as error:
            refused = self._additions.refused_in(error, added)
            if not refused:
                raise
        answer = await ask(added - refused)
        self._additions.remember_refused(request.model, refused)
        return answer

    async def _ask(self, request: ChatRequest, until: float, added: frozenset[str]) -> Completion:
        async with bounded(self.name, self._left(until)), aclosing(await self._post(request, added)) as response:
            await response.aread()
        if not response.is_success:
            raise self._failure(response, response.content)
        payload = openai_wire.decode(response.content, provider=self.name)
        return self._wire.completion(payload, request)

    async def _open(
        self, request: ChatRequest, until: float, added: frozenset[str]
    ) -> tuple[Chunk, EventStream | WholeAnswer]:
        """Return the first chunk, which another attempt could still replace, and the rest of the stream."""
        async with bounded(self.name, self._left(until)):
            response = await self._post(request, added, stream=True)
        choices = request.params.get("n")
        choices = choices if isinstance(choices, int) else 1
        reader = self._wire.reader(request)
        events = EventStream(response, self.name, clock=self._world.clock, choices=choices, reader=reader)
        try:
            stream = await self._as_stream(response, events, request, until)
            return await self._first(stream, until), stream
        except BaseException:
            await events.aclose()
            raise

    async def _first(self, stream: EventStream | WholeAnswer, until: float) -> Chunk:
        chunk = await stream.next(until)
        if chunk is None:
            raise ProviderProtocolError(f"{self.name} streamed no answer", provider=self.name)
        return chunk

    async def _as_stream(
        self, response: httpx.Response, events: EventStream, request: ChatRequest, until: float
    ) -> EventStream | WholeAnswer:
        """Take a whole answer for a stream: a server that does not stream has been paid all the same."""
        is_ok = response.is_success
        if is_ok and _looks_like_events(await events.peek(until)):
            return events
        raw = await events.read_all(until, most=self._max_answer_bytes)
        payload = self._payload(raw)
        if is_ok and self._wire.is_answer(payload, request):
            await events.aclose()
            return WholeAnswer(self._wire.completion(payload, request))
        raise self._failure(response, raw)

    async def _next(self, events: EventStream | WholeAnswer, until: float) -> Chunk | None:
        try:
            return await events.next(until, idle=self._stream_idle)
        except ProviderError as error:
            raise failures.struck(error, self._secrets) from error.__cause__

    async def _post(self, request: ChatRequest, added: frozenset[str], *, stream: bool = False) -> httpx.Response:
        """Return when the response's head is here."""
        encode = partial(self._wire.encode, request, stream=stream, added=added)
        body = await off_loop(encode, is_large=request.is_large)
        # A large stream is passed on as it comes, and not kept.
        extensions = {**self._extensions, "max_answer_bytes": None} if stream else self._extensions
        own = self._wire.headers(request)
        headers = httpx.Headers({**self._headers, **own}) if own else self._headers
        url = self._wire.url(self._url, request)
        message = httpx.Request("POST", url, headers=headers, content=body, extensions=extensions)
        return await self._transport.handle_async_request(message)

    def _failure(self, response: httpx.Response, raw: bytes) -> ProviderError:
        payload = self._payload(raw)
        if response.is_success:
            return failures.in_place_of_stream(payload, provider=self.name)
        wait = failures.wait_asked_for(response.headers, now=self._world.clock.now())
        return failures.from_status(response.status_code, payload, provider=self.name, retry_after=wait)

    def _payload(self, raw: bytes) -> Any:
        try:
            return openai_wire.decode(raw, provider=self.name)
        except ProviderProtocolError:
            return None

    def _left(self, until: float) -> float:
        return until - self._world.clock.monotonic()


def _looks_like_events(head: bytes) -> bool:
    """Judge by the body, as SDKs do: servers name all sorts of media types, or none."""
    return not head.removeprefix(BOM).lstrip().startswith((b"{", b"[", b"<")) and bool(head.strip())
