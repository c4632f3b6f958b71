"""Idle connections: how long they are kept, how many, and which one is reused."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from sentinel_core.support.http import LeanTransport
from sentinel_core.support.http.idle import IdleConnections
from tests.support.fakes import FakeClock
from tests.support.http.test_transport import ok, peer

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Counting:
    """Answers every request, all of a burst at once, and counts the connections that are open."""

    def __init__(self) -> None:
        self.open = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                await self.gate.wait()
                writer.write(ok())
        finally:
            self.open -= 1

    async def burst(self, transport: LeanTransport, url: str, size: int) -> None:
        """Make `size` requests that all are under way at once."""
        self.gate.clear()
        asking = [asyncio.create_task(get(transport, url)) for _ in range(size)]
        await settled(self, size)
        self.gate.set()
        await asyncio.gather(*asking)


async def get(transport: LeanTransport, url: str) -> bytes:
    request = httpx.Request("GET", url)
    return await (await transport.handle_async_request(request)).aread()


async def settled(counting: Counting, *counts: int) -> int:
    """Return the open connections, at once when they are one of `counts`, else after half a minute."""
    for _ in range(3_000):
        if counting.open in counts:
            break
        await asyncio.sleep(0.01)
    return counting.open


async def test_expired_connections_are_closed_under_light_traffic() -> None:
    counting, transport = Counting(), LeanTransport(keep_seconds=0.1)
    async with peer(counting) as seen:
        await counting.burst(transport, seen.url, 20)
        for _ in range(5):
            await asyncio.sleep(0.04)
            await get(transport, seen.url)
        assert await settled(counting, 1, 0) <= 1
        await transport.aclose()


async def test_expired_connections_are_closed_without_traffic() -> None:
    counting, transport = Counting(), LeanTransport(keep_seconds=0.05)
    async with peer(counting) as seen:
        await counting.burst(transport, seen.url, 5)
        assert await settled(counting, 0) == 0
        await transport.aclose()


async def test_idle_connections_make_room_for_another_origin() -> None:
    first, second, transport = Counting(), Counting(), LeanTransport(max_connections=4)
    async with peer(first) as one, peer(second) as other:
        await first.burst(transport, one.url, 4)
        await second.burst(transport, other.url, 3)
        assert (await settled(first, 1), second.open) == (1, 3)
        await transport.aclose()


async def test_a_connection_is_reused_only_after_its_silence() -> None:
    counting, transport, clock = Counting(), LeanTransport(), FakeClock()
    transport._idle = IdleConnections(keep_seconds=60.0, silent_seconds=0.1, clock=clock)
    async with peer(counting) as seen:
        for _ in range(3):
            await get(transport, seen.url)
        assert counting.open == 3
        clock.advance(0.11)
        for _ in range(3):
            await get(transport, seen.url)
        assert counting.open == 3
        await transport.aclose()
