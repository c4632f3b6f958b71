"""No response ever answers another request, however the upstream abuses the connection."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TypeAlias

import httpx
import pytest

from scripts.benches import abuse
from scripts.benches.crossed import VISIBLE_WAYS, WAYS
from sentinel_core.support.http import LeanTransport

pytestmark = pytest.mark.anyio

SILENT_SECONDS = abuse.DELAY_SECONDS * 2
Ask: TypeAlias = Callable[[LeanTransport, str, str], Awaitable[bytes]]

ROUNDS = 4
TOGETHER = 8


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def token_of(request: bytes) -> bytes:
    return request.partition(b"/")[2].partition(b" ")[0]


@asynccontextmanager
async def upstream(way: abuse.Way) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.current_task())
        try:
            with suppress(ConnectionError):
                await way(reader, writer, token_of)
                await reader.read()  # until the client closes
        finally:
            writer.close()

    serving: set[asyncio.Task[None] | None] = set()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await asyncio.wait(filter(None, serving), timeout=2)
        await asyncio.sleep(0)  # sockets close in the next round of the loop


async def outcome(ask: Callable[[str], Awaitable[bytes]], token: str) -> str:
    """Return whether a request got its own answer, none, or one that is not its own."""
    try:
        answer = await ask(token)
    except httpx.HTTPError:
        return "error"
    return "own" if answer in (token.encode(), b"") else f"crossed: {answer!r}"


async def ask_httpx(transport: LeanTransport, url: str, token: str) -> bytes:
    timeouts = {"connect": 5.0, "read": 5.0, "pool": 5.0}
    request = httpx.Request("POST", f"{url}/{token}", content=b"x" * 10, extensions={"timeout": timeouts})
    response = await transport.handle_async_request(request)
    try:
        return await response.aread() if response.status_code == 200 else b""
    finally:
        await response.aclose()


async def ask_bare(transport: LeanTransport, url: str, token: str) -> bytes:
    return (await transport.post(f"{url}/{token}", {}, b"x" * 10))[1]


BANNER = "a response before the request"
"""It has status 408, which a bare post leaves to its caller."""


@pytest.mark.parametrize(
    ("ask", "way"),
    [(ask_httpx, way) for way in VISIBLE_WAYS] + [(ask_bare, way) for way in abuse.WAYS if way != BANNER],
)
async def test_abused_connections_never_cross_answers(way: str, ask: Ask) -> None:
    transport = LeanTransport(silent_seconds=SILENT_SECONDS)
    seen = Counter[str]()
    async with upstream(VISIBLE_WAYS[way]) as url:
        bound = partial(ask, transport, url)
        for number in range(ROUNDS):
            tokens = [f"{number}-{position}" for position in range(TOGETHER)]
            seen.update(await asyncio.gather(*[outcome(bound, token) for token in tokens]))
            await asyncio.sleep(SILENT_SECONDS * 1.5 if number % 2 else 0)
        await transport.aclose()
    assert seen.keys() <= {"own", "error"}, seen
    assert seen.total() == ROUNDS * TOGETHER


@pytest.mark.parametrize("way", WAYS)
async def test_a_connection_for_one_request_crosses_no_answers(way: str) -> None:
    transport, seen = LeanTransport(keep_plain=False), Counter[str]()
    async with upstream(WAYS[way]) as url:
        for number in range(ROUNDS):
            tokens = [f"{number}-{position}" for position in range(TOGETHER)]
            seen.update(await asyncio.gather(*[outcome(partial(ask_httpx, transport, url), each) for each in tokens]))
        await transport.aclose()
    assert seen.keys() <= {"own", "error"}, seen


async def test_a_connection_for_one_request_says_so_and_closes() -> None:
    heads: list[bytes] = []

    async def honest(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: abuse.Answer) -> None:
        while request := await abuse.read_request(reader):
            heads.append(request)
            writer.write(abuse.ok(answer(request)))

    transport = LeanTransport(keep_plain=False)
    async with upstream(honest) as url:
        answers = [await ask_httpx(transport, url, str(number)) for number in range(2)]
        await transport.aclose()
    assert answers == [b"0", b"1"]
    assert all(b"connection: close\r\n" in head for head in heads)


async def test_an_origin_that_sent_unasked_bytes_gets_no_reuse() -> None:
    connections = 0

    async def twice_then_honest(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: abuse.Answer
    ) -> None:
        nonlocal connections
        connections += 1
        surplus = 2 if connections == 1 else 1
        await abuse.written(lambda body: abuse.ok(body) * surplus)(reader, writer, answer)

    transport = LeanTransport()
    async with upstream(twice_then_honest) as url:
        answers = [await ask_httpx(transport, url, str(number)) for number in range(4)]
        await transport.aclose()
    assert (answers, connections) == ([b"0", b"1", b"2", b"3"], 4)


async def test_cancelled_requests_leave_no_answer_behind() -> None:
    """Half of the callers leave at every moment of an exchange; the others get their own answers."""

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: abuse.Answer) -> None:
        while request := await abuse.read_request(reader):
            for piece in (abuse.ok(answer(request))[:30], abuse.ok(answer(request))[30:]):
                await asyncio.sleep(0.002)
                writer.write(piece)

    transport = LeanTransport(max_connections=4)
    async with upstream(slow) as url:

        async def ask(number: int) -> str:
            asking = outcome(partial(ask_httpx, transport, url), str(number))
            if number % 2:
                return await asking
            with suppress(TimeoutError):
                async with asyncio.timeout(number % 20 / 1000):
                    await asking
            return "own"

        seen = Counter(await asyncio.gather(*[ask(number) for number in range(200)]))
        await transport.aclose()
    assert seen == {"own": 200}
