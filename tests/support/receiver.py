"""A receiver of alerts on a real socket: keeps every call, and takes them as the script says."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

HANG = 0
"""In place of a status: the call is never answered."""


@dataclass(frozen=True)
class Call:
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told


@dataclass
class Receiver:
    """`statuses` are answered in turn, after that 204."""

    statuses: deque[int] = field(default_factory=deque)
    calls: list[Call] = field(default_factory=list)
    url: str = ""
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    @classmethod
    @asynccontextmanager
    async def running(cls, *statuses: int) -> AsyncIterator[Receiver]:
        receiver = cls(deque(statuses))
        server = await asyncio.start_server(receiver._serve, "127.0.0.1", 0)
        receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook?token=canary-token"
        async with server:
            yield receiver
            server.close()

    async def have(self, calls: int) -> list[Call]:
        """Wait until as many have come."""
        async with asyncio.timeout(10), self.arrived:
            await self.arrived.wait_for(lambda: len(self.calls) >= calls)
        return self.calls

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        status = self.statuses.popleft() if self.statuses else 204
        if status != HANG:
            writer.write(f"HTTP/1.1 {status} x\r\nlocation: {self.url}\r\ncontent-length: 0\r\n\r\n".encode())
        async with self.arrived:
            self.calls.append(Call(headers, body))
            self.arrived.notify_all()
        if status == HANG:
            await reader.read()
        writer.close()
