"""Sends one request after the other over one keep-alive connection, for latencies."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """`first_seconds` is until the first byte of the body, `seconds` until its last."""

    status: int
    head: bytes
    body: bytes
    first_seconds: float
    seconds: float

    def json(self) -> Any:
        return json.loads(self.body)


class Connection:
    """One keep-alive HTTP/1.1 connection on plain sockets: what is measured should not be the client."""

    def __init__(self, port: int, *, timeout: float = 60) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def exchange(self, request: bytes) -> Reply:
        """Send a request as `post` writes it, and read the whole answer."""
        begun = time.perf_counter()
        self._socket.sendall(request)
        data = self._receive_until(b"", lambda data: b"\r\n\r\n" in data)
        head, _, body = data.partition(b"\r\n\r\n")
        if not body:
            body = self._receive_until(body, bool) if _expects_body(head) else body
        first = time.perf_counter() - begun
        body = self._receive_until(body, _is_whole(head))
        seconds = time.perf_counter() - begun
        return Reply(int(head[9:12]), head, body, first, seconds)

    def close(self) -> None:
        self._socket.close()

    def _receive_until(self, data: bytes, enough: Callable[[bytes], bool]) -> bytes:
        while not enough(data):
            part = self._socket.recv(65_536)
            if not part:
                raise ConnectionError("the server closed the connection")
            data += part
        return data


def post(path: str, body: object, headers: Mapping[str, str] | None = None) -> bytes:
    """Write a whole request with a JSON body."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"host": "127.0.0.1", "content-type": "application/json", **(headers or {}), "content-length": len(data)}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + data


def get(path: str) -> bytes:
    """Write a whole request without a body."""
    return f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".encode()


def once(port: int, request: bytes) -> Reply:
    """Send one request over a connection of its own."""
    connection = Connection(port)
    try:
        return connection.exchange(request)
    finally:
        connection.close()


def sequence(port: int, requests: Sequence[bytes], *, pause: float = 0.0) -> list[Reply]:
    """Send requests one after the other, each after a pause; raises RuntimeError for an answer that is an error."""
    connection, replies = Connection(port), list[Reply]()
    try:
        for request in requests:
            if pause:
                time.sleep(pause)
            replies.append(connection.exchange(request))
    finally:
        connection.close()
    failed = next((reply for reply in replies if reply.status != 200), None)
    if failed is not None:
        raise RuntimeError(f"status {failed.status}: {failed.body[:200]!r}")
    return replies


def _expects_body(head: bytes) -> bool:
    return _size(head) != 0


def _is_whole(head: bytes) -> Callable[[bytes], bool]:
    size = _size(head)
    if size is None:
        return lambda body: body.endswith(b"0\r\n\r\n")
    return lambda body: len(body) >= size


def _size(head: bytes) -> int | None:
    """The declared length of the body, or None where it comes in chunks."""
    _, found, after = head.lower().partition(b"content-length:")
    return int(after.partition(b"\r\n")[0]) if found else None
