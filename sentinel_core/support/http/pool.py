"""A lean HTTP/1.1 transport behind httpx's interface: asyncio's sockets, httptools' parser, a pool of connections."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Mapping
from functools import partial
from typing import TypeVar

import httpx

from sentinel_core.support.fair_places import FairPlaces
from sentinel_core.support.http.connection import Connection
from sentinel_core.support.http.idle import IdleConnections, Origin
from sentinel_core.support.http.message import (
    as_text,
    check_encoding,
    check_length,
    framed,
    head_of,
    too_large,
    with_headers,
    without_packing,
)
from sentinel_core.support.http.unpacking import PACKINGS, Unpacked
from sentinel_core.support.turns import OWNER

T = TypeVar("T")
PORTS = {"http": 80, "https": 443}
MAX_ANSWER_BYTES = 64 * 1024 * 1024
LARGE_BYTES = 65_536
MAX_LARGE_ANSWERS = 8
"""Responses above LARGE_BYTES that are read at once, shared by keys; others wait, so that many fit into memory."""


class LeanTransport(httpx.AsyncBaseTransport):
    """
    Serves httpx clients at a fraction of the CPU time of its stock transport; HTTP/1.1 only.

    Honours the connect, read and pool timeouts of a request. The write timeout does not apply: a body
    that is not taken shows as a read timeout. Raises httpx's own exceptions, and RefusedResponseError for a
    body above `max_answer_bytes` (a request's extension of that name replaces it; None: no limit) or in an
    encoding that was not asked for, but for gzip and deflate, which are unpacked. A response that was not read
    to its end costs its connection. At most `max_connections` are open, idle ones included; see IdleConnections
    for `keep_seconds` and `silent_seconds`; without `keep_plain` a connection to an http:// origin carries one
    request only, which no response of another request can ever reach. May be used again after `aclose`.
    """

    def __init__(
        self,
        *,
        ssl_context: ssl.SSLContext | None = None,
        max_connections: int = 100,
        keep_seconds: float = 60.0,
        silent_seconds: float = 0.0,
        keep_plain: bool = True,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
    ) -> None:
        self._ssl_context = ssl_context
        self._max_connections = max_connections
        self._max_answer_bytes = max_answer_bytes
        self._keep_plain = keep_plain
        self._slots = asyncio.Semaphore(max_connections)
        self._large = FairPlaces(MAX_LARGE_ANSWERS)
        self._active = 0
        self._idle = IdleConnections(keep_seconds=keep_seconds, silent_seconds=silent_seconds)
        self._posts: dict[str, tuple[bytes, Origin]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        timeouts: Mapping[str, float | None] = request.extensions.get("timeout", {})
        origin = origin_of(request)
        if not self._may_keep(origin):
            request.headers["connection"] = "close"
        message = head_of(request) + framed(request, await request.aread())
        try:
            connection = await self._ask(origin, message, request.method, timeouts)
            body = self._body(origin, connection, request, timeouts.get("read"))
        except httpx.RequestError as error:
            error.request = request
            raise
        return httpx.Response(
            connection.status,
            headers=without_packing(connection.headers) if isinstance(body, Unpacked) else connection.headers,
            stream=body,
            extensions={"http_version": b"HTTP/1.1", "reason_phrase": connection.reason},
        )

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        """
        Post without httpx's objects, which cost more than the rest; return headers (in lower case) and body.

        Does not look at the status and has no time limit of its own. Raises httpx's exceptions.
        """
        request_line, origin = self._posts.get(url) or self._parsed(url)
        message = with_headers(request_line, {**headers, "content-length": str(len(body))}) + body
        connection = await self._ask(origin, message, "POST", {})
        stream = _Body(self, origin, connection, None, self._max_answer_bytes)
        try:
            check_encoding(connection.headers, "")
            return as_text(connection.headers), b"".join([part async for part in stream])
        finally:
            await stream.aclose()

    async def aclose(self) -> None:
        self._idle.clear()
        await asyncio.sleep(0)  # the event loop closes the sockets in its next round

    def _parsed(self, url: str) -> tuple[bytes, Origin]:
        request = httpx.Request("POST", url)
        line = b"POST %s HTTP/1.1\r\nhost: %s" % (request.url.raw_path, request.headers["host"].encode("ascii"))
        self._posts[url] = line, origin_of(request)
        return self._posts[url]

    async def _ask(
        self, origin: Origin, message: bytes, method: str, timeouts: Mapping[str, float | None]
    ) -> Connection:
        """Send a request on a connection of its own; return it when the head of the response has arrived."""
        await self._take_slot(timeouts.get("pool"))
        connection = None
        try:
            connection = self._idle.take(origin) or await self._connect(origin, timeouts.get("connect"))
            await within(connection.ask(message, method), timeouts.get("read"), httpx.ReadTimeout)
        except BaseException:
            self._release_slot()
            if connection is not None:
                connection.close()
            raise
        return connection

    def _body(
        self, origin: Origin, connection: Connection, request: httpx.Request, timeout: float | None
    ) -> httpx.AsyncByteStream:
        """Return the body; raise RefusedResponseError, at the cost of the connection, if it may not be read."""
        most = request.extensions.get("max_answer_bytes", self._max_answer_bytes)
        try:
            is_packed = check_encoding(connection.headers, request.headers.get("accept-encoding", ""), PACKINGS)
            check_length(connection.headers, None if request.method == "HEAD" else most)
        except BaseException:
            connection.close()
            self._give_back(origin, connection)
            raise
        body: httpx.AsyncByteStream
        if connection.is_complete and (most is None or connection.buffered <= most):
            body = httpx.ByteStream(connection.take())
            self._give_back(origin, connection)
        else:
            body = _Body(self, origin, connection, timeout, most)
        return Unpacked(body, most) if is_packed else body

    async def _take_slot(self, timeout: float | None) -> None:
        if self._slots.locked():
            await within(self._slots.acquire(), timeout, httpx.PoolTimeout)
        else:
            await self._slots.acquire()
        self._active += 1

    def _release_slot(self) -> None:
        self._active -= 1
        self._slots.release()

    async def _connect(self, origin: Origin, timeout: float | None) -> Connection:
        scheme, host, port = origin
        context = None if scheme == "http" else self._ssl_context or self._default_context()
        if self._active + len(self._idle) > self._max_connections:
            self._idle.close_oldest()
        create = partial(Connection, partial(self._idle.distrust, origin))
        try:
            opening = asyncio.get_running_loop().create_connection(create, host, port, ssl=context)
            _, connection = await within(opening, timeout, httpx.ConnectTimeout)
        except OSError as error:
            raise httpx.ConnectError(str(error)) from error
        return connection

    def _default_context(self) -> ssl.SSLContext:
        self._ssl_context = httpx.create_ssl_context()
        return self._ssl_context

    def _give_back(self, origin: Origin, connection: Connection) -> None:
        self._release_slot()
        if self._may_keep(origin):
            self._idle.put(origin, connection)
        else:
            connection.close()

    def _may_keep(self, origin: Origin) -> bool:
        return self._keep_plain or origin[0] != "http"


class _Body(httpx.AsyncByteStream):
    """The rest of a response; its connection goes back when it ends or is closed."""

    def __init__(
        self, pool: LeanTransport, origin: Origin, connection: Connection, timeout: float | None, most: int | None
    ) -> None:
        self._pool = pool
        self._origin = origin
        self._connection: Connection | None = connection
        self._timeout = timeout
        self._most = most
        self._received = 0
        self._is_large = False
        self._owner = ""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        connection = self._connection
        while connection is not None and not (connection.is_complete and connection.is_empty):
            await within(connection.more(), self._timeout, httpx.ReadTimeout)
            if chunk := connection.take():
                await self._count(len(chunk))
                yield chunk

    async def _count(self, size: int) -> None:
        """Raise RefusedResponseError above the limit; wait for a place among the large bodies."""
        self._received += size
        if self._most is None:
            return
        if self._received > self._most:
            raise too_large(self._most)
        if self._received > LARGE_BYTES and not self._is_large:
            self._owner = OWNER.get()
            if not await within(self._pool._large.acquire(self._owner), self._timeout, httpx.PoolTimeout):
                raise httpx.PoolTimeout("too many large responses wait already")
            self._is_large = True

    async def aclose(self) -> None:
        if self._is_large:
            self._is_large = False
            self._pool._large.release(self._owner)
        if self._connection is not None:
            connection, self._connection = self._connection, None
            self._pool._give_back(self._origin, connection)


async def within(waiting: Awaitable[T], timeout: float | None, error: type[httpx.TimeoutException]) -> T:
    if timeout is None:
        return await waiting
    try:
        async with asyncio.timeout(timeout):
            return await waiting
    except TimeoutError as expired:
        raise error(f"not within {timeout:g} s") from expired


def origin_of(request: httpx.Request) -> Origin:
    """Return the origin; raises httpx.UnsupportedProtocol for anything but http and https."""
    scheme = request.url.scheme
    if scheme not in PORTS:
        raise httpx.UnsupportedProtocol(f"not an http:// or https:// URL: {scheme}", request=request)
    return scheme, request.url.host, request.url.port or PORTS[scheme]
