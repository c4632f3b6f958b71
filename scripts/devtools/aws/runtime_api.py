"""A local Lambda Runtime API: gives a runtime client its events, and takes its answers."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_PREFIX = "/2018-06-01/runtime"
_ACCEPTED = b'{"status":"OK"}'
MS = 1000.0


@dataclass(slots=True)
class Streamed:
    """
    A streamed response: metadata, and the body's chunks with the milliseconds at which each came.

    `error` is the type in the trailers of a response that was cut off.
    """

    metadata: Any = None
    chunks: list[tuple[float, bytes]] = field(default_factory=list)
    content_type: str = ""
    error: str | None = None
    ended_ms: float = 0.0

    @property
    def body(self) -> bytes:
        """The body as the caller gets it."""
        return b"".join(chunk for _, chunk in self.chunks)


@dataclass(slots=True)
class Exchange:
    """What the HTTP side and the driving side tell each other."""

    arn: str
    events: queue.Queue[tuple[str, bytes, int]] = field(default_factory=queue.Queue)
    answers: queue.Queue[tuple[str, Any, float]] = field(default_factory=queue.Queue)
    idle: threading.Event = field(default_factory=threading.Event)
    frozen: threading.Event = field(default_factory=threading.Event)
    thawed: threading.Event = field(default_factory=threading.Event)
    error: Any = None
    sent_at: float = 0.0

    def fail(self, error: Any) -> None:
        self.error = error
        self.idle.set()
        self.frozen.set()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one segment for each answer: two would wait 40 ms for a delayed acknowledgement
    disable_nagle_algorithm = True
    server: RuntimeApiServer

    def do_GET(self) -> None:
        exchange = self.server.exchange
        if self.path == f"{_PREFIX}/invocation/next":
            exchange.idle.set()
            self._hand_over(*exchange.events.get())
        elif self.path == f"{_PREFIX}/restore/next":
            exchange.frozen.set()
            exchange.thawed.wait()
            self._answer(200)
        else:
            self._answer(404)

    def do_POST(self) -> None:
        if self.headers.get("Lambda-Runtime-Function-Response-Mode") == "streaming":
            streamed = self._streamed()
            self._answer(202, _ACCEPTED)
            self.server.exchange.answers.put(("streamed", streamed, time.perf_counter()))
            return
        body = self._body()
        now = time.perf_counter()
        self._answer(202, _ACCEPTED)
        kind = self.path.rsplit("/", 1)[-1]
        if self.path in (f"{_PREFIX}/init/error", f"{_PREFIX}/restore/error"):
            self.server.exchange.fail(json.loads(body or b"null"))
        elif kind in ("response", "error"):
            self.server.exchange.answers.put((kind, body, now))

    def _hand_over(self, request_id: str, event: bytes, deadline_ms: int) -> None:
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": request_id,
            "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": self.server.exchange.arn,
        }
        self.server.exchange.sent_at = time.perf_counter()
        self._answer(200, event, headers)

    def _answer(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(iter(self._chunk, b""))
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _streamed(self) -> Streamed:
        """Read metadata, eight NULs, chunks and trailers, as the platform passes them on."""
        streamed, held = Streamed(content_type=self.headers.get("Content-Type", "")), b""
        while size := int(self.rfile.readline(), 16):
            chunk = self.rfile.read(size)
            self.rfile.readline()
            if streamed.metadata is None:
                held += chunk
                if (end := held.find(b"\0" * 8)) < 0:
                    continue
                streamed.metadata, chunk = json.loads(held[:end]), held[end + 8 :]
            if chunk:
                streamed.chunks.append((self._elapsed_ms(), chunk))
        for line in iter(self.rfile.readline, b"\r\n"):
            name, _, value = line.decode().strip().partition(": ")
            if name == "Lambda-Runtime-Function-Error-Type":
                streamed.error = value
        streamed.ended_ms = self._elapsed_ms()
        return streamed

    def _elapsed_ms(self) -> float:
        return (time.perf_counter() - self.server.exchange.sent_at) * MS

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline().split(b";")[0], 16)
        chunk = self.rfile.read(size)
        self.rfile.readline()
        return chunk

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is the base class's
        pass


class RuntimeApiServer(ThreadingHTTPServer):
    """The HTTP side of one execution environment, on a free port of this machine."""

    daemon_threads = True

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A runtime that dies leaves its long poll behind; that is no error of ours."""
