"""An HTTP server that speaks Upstash's REST protocol before a real Redis."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from typing import Any

import httptools

from scripts.devtools.redis import resp, upstash

REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 405: "Method Not Allowed", 502: "Bad Gateway"}


class Bridge:
    """
    Serves `redis` (host, port), whose `password` the bridge knows, to callers with the `token`.

    `requests` and `commands` count what Upstash would see and bill, `by_name` the same by command, and
    `sent` the bytes of the answers.
    """

    def __init__(self, redis: tuple[str, int], token: str, password: str = "") -> None:
        self.token = token
        self._password = password
        self.requests = 0
        self.commands = 0
        self.sent = 0
        self.by_name: Counter[str] = Counter()
        self._redis = redis
        self._link: resp.RespConnection | None = None
        self._connecting = asyncio.Lock()
        self._server: asyncio.Server | None = None
        self._callers: set[_Caller] = set()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen, and return the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Caller(self, self._callers), host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for caller in tuple(self._callers):
            caller.close()
        if self._link is not None:
            self._link.close()

    def count(self, batch: upstash.Batch) -> None:
        self.requests += 1
        self.commands += len(batch.commands)
        self.by_name.update(command[0].upper() for command in batch.commands)

    def run(self, batch: upstash.Batch, done: resp.Done) -> asyncio.Task[None] | None:
        """Ask Redis; a task is returned where it has to be connected first."""
        if self._link is not None and self._link.is_open:
            self._link.send(upstash.to_send(batch), done)
            return None
        return asyncio.ensure_future(self._connect_and_run(batch, done))

    async def _connect_and_run(self, batch: upstash.Batch, done: resp.Done) -> None:
        try:
            async with self._connecting:
                if self._link is None or not self._link.is_open:
                    self._link = await resp.connect(*self._redis, self._password)
        except OSError:
            done(None)
        else:
            self._link.send(upstash.to_send(batch), done)


class _Caller(asyncio.Protocol):
    """One client's connection; requests are answered one by one, in their order."""

    def __init__(self, bridge: Bridge, callers: set[_Caller]) -> None:
        self._bridge = bridge
        self._callers = callers
        self._parser = httptools.HttpRequestParser(self)
        self._transport: Any = None
        self._queue: deque[tuple[str, str, dict[bytes, bytes], bytes]] = deque()
        self._busy = False
        self._task: asyncio.Task[None] | None = None

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._callers.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._callers.discard(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._write(400, {"error": "ERR malformed request"})
            self.close()

    def on_message_begin(self) -> None:
        self._target, self._body, self._headers = b"", b"", dict[bytes, bytes]()

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        method = self._parser.get_method().decode()
        self._queue.append((method, self._target.decode("latin-1"), self._headers, self._body))
        self._next()

    def _next(self) -> None:
        while self._queue and not self._busy:
            self._answer(*self._queue.popleft())

    def _answer(self, method: str, target: str, headers: dict[bytes, bytes], body: bytes) -> None:
        authorization = headers.get(b"authorization", b"").decode("latin-1")
        try:
            batch = upstash.read(method, target, authorization, body, self._bridge.token)
        except upstash.RequestRefused as refused:
            self._write(refused.status, {"error": str(refused)})
            return
        if batch is None:
            self._write_bytes(200, upstash.WELCOME, b"text/plain")
        else:
            self._ask(batch, base64=headers.get(b"upstash-encoding") == b"base64")

    def _ask(self, batch: upstash.Batch, *, base64: bool) -> None:
        def done(replies: list[resp.Reply] | None) -> None:
            self._busy = False
            if replies is None:
                self._write(502, {"error": "ERR no connection to the database"})
            else:
                self._write(*upstash.answer(batch, replies, base64=base64))
            self._next()

        self._busy = True
        self._bridge.count(batch)
        self._task = self._bridge.run(batch, done)

    def _write(self, status: int, body: Any) -> None:
        self._write_bytes(status, json.dumps(body, separators=(",", ":")).encode())

    def _write_bytes(self, status: int, body: bytes, kind: bytes = b"application/json") -> None:
        if self._transport is not None:
            self._bridge.sent += len(body)
            head = b"HTTP/1.1 %d %s\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n"
            self._transport.write(head % (status, REASONS[status].encode(), kind, len(body)) + body)
