"""Servers for the store's tests: the bridge in its own thread, and one that misbehaves."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TypeAlias

from scripts.devtools.redis.bridge import Bridge

TOKEN = "bridge-token"
Behaviour: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextmanager
def bridge_before(address: tuple[str, int]) -> Iterator[tuple[Bridge, str]]:
    """Serve a bridge from a thread of its own; yields it and its URL."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    bridge = Bridge(address, TOKEN)
    port = asyncio.run_coroutine_threadsafe(bridge.start(), loop).result(30)
    try:
        yield bridge, f"http://127.0.0.1:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(bridge.close(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


@asynccontextmanager
async def serving(behaviour: Behaviour) -> AsyncIterator[int]:
    """Yield the port of a server that treats each connection so, then closes it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.CancelledError):
            await behaviour(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()


async def be_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(65536):
        pass


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(65536)


def answering(*answers: bytes) -> Behaviour:
    """Answer each thing that arrives with the next of `answers`, then hang up."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            if not await reader.read(65536):
                return
            writer.write(answer)
            await writer.drain()

    return behave
