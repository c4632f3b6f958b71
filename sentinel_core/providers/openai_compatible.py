"""Any provider that speaks OpenAI's chat protocol over HTTP."""

from __future__ import annotations

import asyncio
import random
import time
from base64 import b64encode
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx

from sentinel_core import __version__
from sentinel_core.chat.messages import ChatRequest, Chunk, Completion
from sentinel_core.errors import (
    ConfigurationError,
    EventTooLongError,
    ProviderError,
    ProviderProtocolError,
    ProviderTimeoutError,
    ProviderUnavailableError,
)
from sentinel_core.providers import failures, openai_wire
from sentinel_core.providers.catalogue import ProviderSpec
from sentinel_core.providers.retries import Retries
from sentinel_core.providers.sse import Decoder
from sentinel_core.support.http import RefusedResponseError, read_limited

T = TypeVar("T")

_PLAIN = {"timeout": {"connect": 5.0}}  # asyncio.timeout bounds the rest
_STREAMED = {**_PLAIN, "max_answer_bytes": None}  # passed on as it comes, and not kept if it is too large
MAX_ERROR_BYTES = 1_048_576
DRAIN_TIMEOUT = 0.05
DONE = b"[DONE]"


@dataclass(frozen=True, slots=True)
class World:
    """Time and chance, passed in so that tests need not wait. `monotonic` and `pause` are in seconds."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
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
    ) -> None:
        """Raises ConfigurationError for an address or a key that HTTP cannot carry."""
        self._spec = spec
        self._retries = retries or Retries()
        self._world = world or World()
        self._url = _endpoint(spec)
        self._headers = httpx.Headers(_headers(spec, key, self._url))
        self._transport = transport

    @property
    def name(self) -> str:
        return self._spec.name

    async def complete(self, request: ChatRequest, *, timeout: float) -> Completion:
        body = self._encode(request, stream=False)
        return await self._retrying(lambda limit: self._ask(body, request.model, limit), self._deadline(timeout))

    async def stream(
        self, request: ChatRequest, *, timeout: float, patience: float | None = None
    ) -> AsyncGenerator[Chunk, None]:
        """Asks again only while nothing of the answer has come: what was passed on cannot be taken back."""
        body, deadline = self._encode(request, stream=True), self._deadline(timeout)
        begun = deadline if patience is None else min(deadline, self._deadline(patience))
        first, events = await self._retrying(lambda limit: self._open(body, limit), begun)
        async with aclosing(events):
            chunk: Chunk | None = first
            while chunk is not None:
                yield chunk
                chunk = await events.next(min(self._left(deadline), self._retries.attempt_timeout))

    async def aclose(self) -> None:
        """What is asked afterwards opens connections anew, as after a snapshot of the process."""
        with suppress(httpx.HTTPError, OSError, RuntimeError):
            await self._transport.aclose()

    def _encode(self, request: ChatRequest, *, stream: bool) -> bytes:
        return openai_wire.encode(
            request, renames=self._spec.renames, stream=stream, ask_usage=self._spec.stream_options
        )

    def _deadline(self, timeout: float) -> float:
        return self._world.monotonic() + timeout

    def _left(self, deadline: float) -> float:
        return deadline - self._world.monotonic()

    async def _retrying(self, attempt: Callable[[float], Awaitable[T]], deadline: float) -> T:
        number = 0
        while True:
            number += 1
            try:
                return await attempt(min(self._left(deadline), self._retries.attempt_timeout))
            except ProviderError as error:
                wait = self._retries.pause(
                    error, attempt=number, left=self._left(deadline), chance=self._world.chance()
                )
                if wait is None:
                    raise
            await self._world.pause(wait)

    async def _ask(self, body: bytes, model: str, limit: float) -> Completion:
        async with _bounded(self.name, limit), aclosing(await self._post(body, _PLAIN)) as response:
            await response.aread()
        if response.status_code != httpx.codes.OK:
            raise self._failure(response, response.content)
        return openai_wire.completion(
            openai_wire.decode(response.content, provider=self.name), provider=self.name, model=model
        )

    async def _open(self, body: bytes, limit: float) -> tuple[Chunk, _Events]:
        """Wait for the first chunk: until it is here, another attempt repeats nothing."""
        until = self._deadline(limit)
        async with _bounded(self.name, limit):
            response = await self._post(body, _STREAMED)
        events = _Events(response, self.name)
        try:
            return await self._first(response, events, until), events
        except BaseException:
            await events.aclose()
            raise

    async def _post(self, body: bytes, limits: Mapping[str, Any]) -> httpx.Response:
        """Return when the response's head is here."""
        request = httpx.Request("POST", self._url, headers=self._headers, content=body, extensions=dict(limits))
        return await self._transport.handle_async_request(request)

    async def _first(self, response: httpx.Response, events: _Events, until: float) -> Chunk:
        if response.status_code != httpx.codes.OK or not _is_stream(response):
            raise self._failure(response, await events.read_all(self._left(until)))
        chunk = await events.next(self._left(until))
        if chunk is None:
            raise ProviderProtocolError(f"{self.name} streamed no answer", provider=self.name)
        return chunk

    def _failure(self, response: httpx.Response, body: bytes) -> ProviderError:
        try:
            payload = openai_wire.decode(body, provider=self.name)
        except ProviderProtocolError:
            payload = None
        if response.status_code == httpx.codes.OK:
            return failures.in_place_of_stream(payload, provider=self.name)
        wait = failures.retry_after(response.headers.get("retry-after"), now=self._world.now())
        return failures.from_status(response.status_code, payload, provider=self.name, retry_after=wait)


class _Events:
    """The chunks of one streamed response; to be closed, which frees the connection."""

    def __init__(self, response: httpx.Response, provider: str) -> None:
        self._response = response
        self._provider = provider
        self._received = response.aiter_bytes()
        self._decoder = Decoder()
        self._pending: deque[bytes] = deque()

    async def next(self, limit: float) -> Chunk | None:
        """Return the next chunk, or None after the provider said that it was the last; waits `limit` seconds a read."""
        while not self._pending:
            received = await self._read(limit)
            if received is None:
                raise ProviderUnavailableError(f"{self._provider} broke off its answer", provider=self._provider)
            self._pending.extend(self._split(received))
        event = self._pending.popleft()
        if event != DONE:
            return openai_wire.chunk(event, provider=self._provider)
        await self._drain()
        return None

    async def read_all(self, limit: float) -> bytes:
        """Return a body that is not a stream; nothing where it is too large or does not come whole."""
        with suppress(ProviderError):
            async with _bounded(self._provider, limit):
                return await read_limited(self._received, MAX_ERROR_BYTES)
        return b""

    async def aclose(self) -> None:
        with suppress(httpx.HTTPError):
            await self._response.aclose()

    async def _read(self, limit: float) -> bytes | None:
        async with _bounded(self._provider, limit):
            return await anext(self._received, None)

    def _split(self, received: bytes) -> list[bytes]:
        try:
            return self._decoder.feed(received)
        except EventTooLongError as error:
            raise ProviderProtocolError(f"{self._provider} streamed without end", provider=self._provider) from error

    async def _drain(self) -> None:
        """Read the end of the body, which usually is here already: only then may the connection serve again."""
        with suppress(ProviderError):
            await self._read(DRAIN_TIMEOUT)


@asynccontextmanager
async def _bounded(provider: str, limit: float) -> AsyncIterator[None]:
    """Give what is inside `limit` seconds, and make of its errors ours."""
    if limit <= 0:
        raise ProviderTimeoutError(f"no time left to ask {provider}", provider=provider)
    try:
        async with asyncio.timeout(limit):
            yield
    except TimeoutError as error:
        raise ProviderTimeoutError(f"{provider} did not answer in time", provider=provider) from error
    except httpx.HTTPError as error:
        raise translate(error, provider) from error


def translate(error: httpx.HTTPError, provider: str) -> ProviderError:
    """
    Return our error for one of httpx's.

    Without a connection nothing was asked, hence nothing is billed: that is an outage, not a timeout.
    """
    match error:
        case RefusedResponseError():
            return ProviderProtocolError(f"{provider} was not read: {error}", provider=provider)
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return ProviderUnavailableError(f"{provider} cannot be reached", provider=provider)
        case httpx.TimeoutException():
            return ProviderTimeoutError(f"{provider} did not answer in time", provider=provider)
        case httpx.ConnectError() | httpx.ProxyError():
            return ProviderUnavailableError(f"{provider} cannot be reached", provider=provider)
        case httpx.NetworkError() | httpx.RemoteProtocolError():
            return ProviderUnavailableError(f"{provider} broke off the connection", provider=provider)
        case _:
            return ProviderProtocolError(f"no HTTP exchange with {provider} was possible", provider=provider)


def _is_stream(response: httpx.Response) -> bool:
    """Whether it may be one: some servers name no type."""
    kind = response.headers.get("content-type", "")
    return not kind or "event-stream" in kind


def _endpoint(spec: ProviderSpec) -> httpx.URL:
    try:
        url = httpx.URL(spec.base_url.rstrip("/") + "/chat/completions")
        valid = url.scheme in ("http", "https") and bool(url.host) and urlsplit(spec.base_url).port != 0
    except (httpx.InvalidURL, ValueError) as error:
        raise ConfigurationError(f"the address of {spec.name} is not a URL") from error
    if not valid:
        raise ConfigurationError(f"the address of {spec.name} must begin with http:// or https:// and a host")
    return url


def _headers(spec: ProviderSpec, key: str | None, url: httpx.URL) -> dict[str, str]:
    headers = {
        "content-type": "application/json",
        "accept-encoding": "identity",  # answers are small, and packed events would arrive late
        "user-agent": f"sentinel/{__version__}",
    }
    if url.userinfo:
        name_and_password = f"{url.username}:{url.password}".encode()
        return {**headers, "authorization": f"Basic {b64encode(name_and_password).decode()}"}
    if key is None:
        return headers
    if not key.isascii() or not key.isprintable() or not key.strip():
        raise ConfigurationError(f"the key of {spec.name} holds characters that no header can carry")
    return {**headers, "authorization": f"Bearer {key}"}
