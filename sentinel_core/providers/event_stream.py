"""The chunks of one streamed response, each wait bounded by the wall clock."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx

from sentinel_core.chat import usage
from sentinel_core.chat.messages import Chunk, Completion
from sentinel_core.chat.streaming import replay
from sentinel_core.errors import (
    EventTooLongError,
    ProviderError,
    ProviderProtocolError,
    ProviderTimeoutError,
    ProviderUnavailableError,
)
from sentinel_core.providers.sse import MAX_EVENT_BYTES, Decoder
from sentinel_core.providers.wire import EventReader, OpenAIReader
from sentinel_core.support.clock import Clock
from sentinel_core.support.http import RefusedResponseError

DRAIN_SECONDS = 0.05
TAIL_SECONDS = 5.0
"""How long a finished answer waits for its usage and the end of its body."""


class EventStream:
    """
    Reads one response to its end; to be closed, which frees the connection.

    The answer is whole when [DONE] arrives, or when the body ends after each of the `choices` has its
    finish_reason. An error after that point takes nothing back: the stream just ends.
    """

    def __init__(
        self,
        response: httpx.Response,
        provider: str,
        *,
        clock: Clock,
        choices: int = 1,
        reader: EventReader | None = None,
    ) -> None:
        self._response = response
        self._provider = provider
        self._monotonic = clock.monotonic
        self._received = response.aiter_bytes()
        self._decoder = Decoder()
        self._reader = OpenAIReader(provider) if reader is None else reader
        self._pending: deque[bytes] = deque()
        self._head = b""
        self._has_ended = False
        self._unfinished = max(1, choices)
        self._finished: set[int] = set()

    async def next(self, until: float, *, idle: float = math.inf) -> Chunk | None:
        """
        Return the next chunk, or None after the last one.

        Waits up to the monotonic time `until`, at most `idle` seconds; bytes without an event count for neither.
        Raises ProviderError.
        """
        until = min(until, self._monotonic() + (min(idle, TAIL_SECONDS) if self._is_whole else idle))
        try:
            return await self._next(until)
        except ProviderError:
            if self._is_whole:
                return None
            raise

    async def peek(self, until: float) -> bytes:
        """Return the first bytes of the body, which are read again afterwards; b"" where there are none."""
        while not self._head.strip() and not self._has_ended:
            received = await self._read(until)
            self._has_ended = received is None
            self._head += received or b""
        return self._head

    async def read_all(self, until: float, *, most: int = MAX_EVENT_BYTES) -> bytes:
        """Return a body that is not a stream; b"" where it is larger than `most` bytes or does not come whole."""
        with suppress(ProviderError):
            while not self._has_ended:
                received = await self._read(until)
                self._has_ended = received is None
                self._head += received or b""
                if len(self._head) > most:
                    return b""
            return self._head
        return b""

    async def aclose(self) -> None:
        with suppress(httpx.HTTPError):
            await self._response.aclose()

    @property
    def _is_whole(self) -> bool:
        return len(self._finished) >= self._unfinished

    async def _next(self, until: float) -> Chunk | None:
        while True:
            while not self._pending:
                if self._has_ended:
                    self._check_whole()
                    return None
                await self._fill(until)
            event = self._pending.popleft()
            if self._reader.is_last(event):
                await self._drain()
                return None
            chunk = self._reader.chunk(event)
            if chunk is not None:
                self._note_finished(chunk)
                return chunk

    def _check_whole(self) -> None:
        if not self._is_whole:
            raise ProviderUnavailableError(f"{self._provider} broke off its answer", provider=self._provider)

    async def _fill(self, until: float) -> None:
        received = self._head or await self._read(until)
        self._head = b""
        try:
            if received is None:
                self._has_ended = True
                self._pending.extend(self._decoder.finish())
            else:
                self._pending.extend(self._decoder.feed(received))
        except EventTooLongError as error:
            raise ProviderProtocolError(f"{self._provider} streamed without end", provider=self._provider) from error

    def _note_finished(self, chunk: Chunk) -> None:
        for choice in chunk["choices"]:
            if choice.get("finish_reason"):
                self._finished.add(choice.get("index", 0))

    async def _read(self, until: float) -> bytes | None:
        async with bounded(self._provider, until - self._monotonic()):
            return await anext(self._received, None)

    async def _drain(self) -> None:
        """Read the end of the body, which usually is here already: only then may the connection serve again."""
        with suppress(ProviderError):
            await self._read(self._monotonic() + DRAIN_SECONDS)


class WholeAnswer:
    """A plain answer in place of a stream, in the same steps as an EventStream."""

    def __init__(self, completion: Completion) -> None:
        billed = None if completion.usage is None else usage.write(completion.usage)
        body = completion.body or {}
        name, created = body.get("id"), body.get("created")
        self._chunks = replay(
            completion,
            id=name if isinstance(name, str) else "chatcmpl-whole",
            created=created if isinstance(created, int) else 0,
            usage=billed,
        )

    async def next(self, until: float, *, idle: float = math.inf) -> Chunk | None:
        """Return the next chunk, or None after the last one."""
        return next(self._chunks, None)

    async def aclose(self) -> None:
        """Nothing is held."""


@asynccontextmanager
async def bounded(provider: str, limit: float) -> AsyncIterator[None]:
    """Give the body of the block `limit` seconds, and translate httpx's errors. Raises ProviderError."""
    if limit <= 0:
        raise ProviderTimeoutError(f"no time left to ask {provider}", provider=provider)
    try:
        async with asyncio.timeout(None if limit == math.inf else limit):
            yield
    except TimeoutError as error:
        raise ProviderTimeoutError(f"{provider} did not answer in time", provider=provider, may_bill=True) from error
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
            return ProviderTimeoutError(f"{provider} did not answer in time", provider=provider, may_bill=True)
        case httpx.ConnectError() | httpx.ProxyError():
            return ProviderUnavailableError(f"{provider} cannot be reached", provider=provider)
        case httpx.NetworkError() | httpx.RemoteProtocolError():
            return ProviderUnavailableError(f"{provider} broke off the connection", provider=provider)
        case _:
            return ProviderProtocolError(f"no HTTP exchange with {provider} was possible", provider=provider)
