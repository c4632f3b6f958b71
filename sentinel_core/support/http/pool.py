"""A lean HTTP/1.1 transport behind httpx's seam: asyncio's sockets, httptools' parser, a pool of kept connections."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from typing import TypeAlias, TypeVar

import httpx

from sentinel_core.support.http.connection import Connection

T = TypeVar("T")
Origin: TypeAlias = tuple[str, str, int]
PORTS = {"http": 80, "https": 443}


class LeanTransport(httpx.AsyncBaseTransport):
    """
    Serves httpx clients at a fraction of the CPU time of its stock transport; HTTP/1.1 only.

    Honours the connect, read and pool timeouts of a request. The write timeout does not apply: a body
    that is not taken shows as a read timeout. Raises httpx's own exceptions. A response that was not
    read to its end costs its connection. May be used again after `aclose`.
    """

    def __init__(
        self, *, ssl_context: ssl.SSLContext | None = None, max_connections: int = 100, keep_seconds: float = 60.0
    ) -> None:
        self._ssl_context = ssl_context
        self._keep_seconds = keep_seconds
        self._slots = asyncio.Semaphore(max_connections)
        self._idle: dict[Origin, list[Connection]] = {}
        self._posts: dict[str, tuple[bytes, Origin]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        timeouts: Mapping[str, float | None] = request.extensions.get("timeout", {})
        message = head_of(request) + framed(request, await request.aread())
        origin = origin_of(request)
        try:
            connection = await self._ask(origin, message, request.method, timeouts)
        except httpx.RequestError as error:
            error.request = request
            raise
        return httpx.Response(
            connection.status,
            headers=connection.headers,
            stream=self._body(origin, connection, timeouts.get("read")),
            extensions={"http_version": b"HTTP/1.1", "reason_phrase": connection.reason},
        )

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        """
        Post without httpx's objects, which cost more than the rest; returns headers (in lower case) and body.

        The status is not looked at, and there is no time limit. Raises httpx's exceptions.
        """
        request_line, origin = self._posts.get(url) or self._parsed(url)
        message = whole(request_line, {**headers, "content-length": str(len(body))}) + body
        connection = await self._ask(origin, message, "POST", {})
        try:
            parts = [connection.take()]
            while not (connection.is_complete and connection.is_empty):
                await connection.more()
                parts.append(connection.take())
            return _as_text(connection.headers), b"".join(parts)
        finally:
            self._give_back(origin, connection)

    async def aclose(self) -> None:
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
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
        """Send a request on a connection of its own and return it when the response's head is there."""
        await self._take_slot(timeouts.get("pool"))
        connection = None
        try:
            connection = self._kept(origin) or await self._connect(origin, timeouts.get("connect"))
            await within(connection.ask(message, method), timeouts.get("read"), httpx.ReadTimeout)
        except BaseException:
            self._slots.release()
            if connection is not None:
                connection.close()
            raise
        return connection

    def _body(self, origin: Origin, connection: Connection, timeout: float | None) -> httpx.AsyncByteStream:
        if connection.is_complete:
            body = connection.take()
            self._give_back(origin, connection)
            return httpx.ByteStream(body)
        return _Body(self, origin, connection, timeout)

    async def _take_slot(self, timeout: float | None) -> None:
        if self._slots.locked():
            await within(self._slots.acquire(), timeout, httpx.PoolTimeout)
        else:
            await self._slots.acquire()

    def _kept(self, origin: Origin) -> Connection | None:
        """Return the connection used last, which is the likeliest to be alive."""
        idle = self._idle.get(origin, [])
        while idle:
            connection = idle.pop()
            if connection.is_usable(self._keep_seconds):
                return connection
            connection.close()
        return None

    async def _connect(self, origin: Origin, timeout: float | None) -> Connection:
        scheme, host, port = origin
        context = None if scheme == "http" else self._ssl_context or self._default_context()
        loop = asyncio.get_running_loop()
        try:
            opening = loop.create_connection(Connection, host, port, ssl=context)
            _, connection = await within(opening, timeout, httpx.ConnectTimeout)
        except OSError as error:
            raise httpx.ConnectError(str(error)) from error
        return connection

    def _default_context(self) -> ssl.SSLContext:
        self._ssl_context = httpx.create_ssl_context()
        return self._ssl_context

    def _give_back(self, origin: Origin, connection: Connection) -> None:
        self._slots.release()
        if connection.is_reusable:
            connection.rest()
            self._idle.setdefault(origin, []).append(connection)
        else:
            connection.close()


class _Body(httpx.AsyncByteStream):
    """What is still to come of a response; its connection goes back when it ends or is closed."""

    def __init__(self, pool: LeanTransport, origin: Origin, connection: Connection, timeout: float | None) -> None:
        self._pool = pool
        self._origin = origin
        self._connection: Connection | None = connection
        self._timeout = timeout

    async def __aiter__(self) -> AsyncIterator[bytes]:
        connection = self._connection
        while connection is not None and not (connection.is_complete and connection.is_empty):
            await within(connection.more(), self._timeout, httpx.ReadTimeout)
            if chunk := connection.take():
                yield chunk

    async def aclose(self) -> None:
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
    """Raises httpx.UnsupportedProtocol for anything but http and https."""
    scheme = request.url.scheme
    if scheme not in PORTS:
        raise httpx.UnsupportedProtocol(f"not an http:// or https:// URL: {scheme}", request=request)
    return scheme, request.url.host, request.url.port or PORTS[scheme]


def head_of(request: httpx.Request) -> bytes:
    """Raises httpx.LocalProtocolError where a header would end its line and begin another."""
    lines = [b"%s %s HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
    lines += [name + b": " + value for name, value in request.headers.raw]
    return _checked(b"\r\n".join(lines) + b"\r\n\r\n", len(lines))


def whole(request_line: bytes, headers: Mapping[str, str]) -> bytes:
    """Add headers to a request line and a host header; raises httpx.LocalProtocolError as `head_of` does."""
    lines = "".join([f"\r\n{name}: {value}" for name, value in headers.items()])
    return _checked(request_line + lines.encode("ascii", "replace") + b"\r\n\r\n", len(headers) + 2)


def _checked(head: bytes, lines: int) -> bytes:
    if head.count(b"\n") != lines + 1 or head.count(b"\r") != lines + 1 or b"\0" in head:
        raise httpx.LocalProtocolError("a line end in a header")
    return head


def _as_text(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def framed(request: httpx.Request, body: bytes) -> bytes:
    """Frame the body as the headers promise: whole, or as one chunk where httpx did not know its length."""
    if "transfer-encoding" not in request.headers:
        return body
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
