"""One pipelined connection to a Redis server, shared by all who ask."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import hiredis

Reply: TypeAlias = "str | int | list[Reply] | hiredis.HiredisError | None"
Done: TypeAlias = Callable[["list[Reply] | None"], None]


class RespConnection(asyncio.Protocol):
    """Sends batches in order; `done` gets one reply a command, or None if the connection is lost before the last."""

    def __init__(self) -> None:
        self._reader = hiredis.Reader(encoding="utf-8", errors="replace")
        self._waiting: deque[tuple[int, list[Reply], Done]] = deque()
        self._transport: asyncio.Transport | None = None

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def send(self, commands: Sequence[Sequence[str]], done: Done) -> None:
        if self._transport is None or not commands:
            done([] if self._transport else None)
            return
        self._waiting.append((len(commands), [], done))
        self._transport.write(b"".join(pack(command) for command in commands))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        try:
            self._reader.feed(data)
            while (reply := self._reader.gets()) is not False:
                self._take(reply)
        except (hiredis.ProtocolError, IndexError):  # what is no answer, or more answers than questions
            self.close()

    def _take(self, reply: Reply) -> None:
        count, replies, done = self._waiting[0]
        replies.append(reply)
        if len(replies) == count:
            self._waiting.popleft()
            done(replies)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        while self._waiting:
            self._waiting.popleft()[2](None)


def pack(command: Sequence[str]) -> bytes:
    # Its stub wants a tuple of exactly one.
    packed: bytes = hiredis.pack_command(tuple(command))  # type: ignore[arg-type]
    return packed


async def connect(host: str, port: int, password: str = "") -> RespConnection:
    """Connect; a wrong password shows in the replies to later commands."""
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(RespConnection, host, port)
    if password:
        connection.send([("AUTH", password)], lambda replies: None)
    return connection
