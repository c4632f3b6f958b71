"""The socket edge of the server, over real sockets: sizes, times, and callers that do not read."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from sentinel_core.app.connections import Connections, EdgeLimits
from sentinel_core.app.http_protocol import LEAST_PIECE_BYTES, MOST_PIECES, MOST_PIPELINED, BoundedHttp

pytestmark = pytest.mark.anyio

GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class App:
    """Answers each request with the size of its body; with `size`, with so many bytes in pieces."""

    size: int = 2
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    running: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.running += 1
        self.headers = scope["headers"]
        try:
            while scope["method"] == "POST" and (await receive()).get("more_body"):
                pass
            await self.gate.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _ in range(self.size // 50_000):
                await send({"type": "http.response.body", "body": b"x" * 50_000, "more_body": True})
            await send({"type": "http.response.body", "body": b"ok"})
        finally:
            self.running -= 1


@dataclass
class Edge:
    app: App
    port: int
    registry: Connections
    state: ServerState
    opened: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def stalled(self) -> int:
        """Number of connections whose caller does not read."""
        return sum(isinstance(each, BoundedHttp) and each.flow.write_paused for each in self.state.connections)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.opened.append(writer)
        return reader, writer

    async def send(self, data: bytes) -> bytes:
        """Send bytes on a new connection; return everything until it closes."""
        reader, writer = await self.connect()
        writer.write(data)
        with suppress(ConnectionError):
            return await asyncio.wait_for(reader.read(), 30)
        return b""


async def slowly(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while data := await asyncio.wait_for(reader.read(200_000), 30):
        yield data
        await asyncio.sleep(0.01)


@asynccontextmanager
async def edge(app: App | None = None, **limits: Any) -> AsyncIterator[Edge]:
    app = app or App()
    chosen = EdgeLimits(**{"linger_seconds": 0.05, **limits})
    config = uvicorn.Config(app, log_config=None, ws="none", timeout_keep_alive=75, access_log=False)
    config.load()
    state, registry = ServerState(), Connections(chosen.connections)

    def protocol() -> BoundedHttp:
        return BoundedHttp(limits=chosen, registry=registry, config=config, server_state=state, app_state={})

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    it = Edge(app, server.sockets[0].getsockname()[1], registry, state)
    try:
        yield it
    finally:
        server.close()
        for writer in it.opened:
            writer.transport.abort()
            writer.close()
        for connection in list(state.connections):
            connection.transport.abort()
        await settled(state, 0)


async def until(condition: Callable[[], bool]) -> None:
    """Return once the condition holds, or after half a minute."""
    for _ in range(3_000):
        if condition():
            return
        await asyncio.sleep(0.01)


async def settled(state: ServerState, count: int) -> int:
    """Return the open connections, at once when they are `count`, else after half a minute."""
    await until(lambda: len(state.connections) == count)
    return len(state.connections)


def shown(answer: bytes) -> tuple[bytes, str]:
    """Return status and error code of an answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.split(b" ")[1], json.loads(body)["error"]["code"]


def head_of(size: int) -> bytes:
    """A head whose URL and headers have `size` bytes together."""
    name = b"x: " + b"y" * (size - len(b"/hostxconnectioncloseX")) + b"\r\n"
    return b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n" + name + b"\r\n"


async def test_the_largest_head_is_served_and_one_byte_more_refused() -> None:
    async with edge(header_bytes=5_000) as it:
        assert (await it.send(head_of(5_000))).startswith(b"HTTP/1.1 200")
        assert shown(await it.send(head_of(5_001))) == (b"431", "headers_too_large")


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"u" * 6_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"".join(b"h%d: v\r\n" % number for number in range(101)) + b"\r\n",
        b"GET / HTTP/1.1\r\nx: " + b"v" * 400_000,
        b"GET / HTTP/1.1\r\n" + b"n" * 400_000,
        b"\r\n" * 200_000,
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1;x=" + b"e" * 400_000,
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\nb\r\n0\r\n" + b"t: v\r\n" * 100_000,
    ],
    ids=["URL", "count", "value without end", "name without end", "line ends", "chunk extension", "trailers"],
)
async def test_an_oversized_head_is_refused_and_closed(head: bytes) -> None:
    async with edge(header_bytes=5_000, headers=100) as it:
        answer = await it.send(head)
        assert answer[:12] in (b"HTTP/1.1 431", b"HTTP/1.1 400", b"")
        assert await settled(it.state, 0) == 0
        assert (len(it.registry), it.app.running) == (0, 0)


async def test_trailers_are_counted_and_dropped() -> None:
    async with edge() as it:
        head = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
        assert (await it.send(head + b"1\r\nb\r\n0\r\nx-late: y\r\n\r\n")).startswith(b"HTTP/1.1 200")
        assert b"x-late" not in dict(it.app.headers)


@pytest.mark.parametrize("sent", [b"", b"\r\n", b"GET / HT", b"GET / HTTP/1.1\r\nhost: x\r\n"])
async def test_a_head_must_arrive_in_time_however_it_drips(sent: bytes) -> None:
    async with edge(head_seconds=0.15) as it:
        reader, writer = await it.connect()
        writer.write(sent)
        answering = asyncio.create_task(reader.read())
        while not answering.done():
            await asyncio.wait({answering}, timeout=0.03)
            writer.write(b"" if answering.done() or b"HTTP" not in sent else b"a")
        answer = answering.result()
        assert await settled(it.state, 0) == 0
        assert answer == b"" if len(sent) < 3 else shown(answer) == (b"408", "head_timeout")


async def test_the_second_head_of_a_connection_must_arrive_in_time() -> None:
    async with edge(head_seconds=0.1) as it:
        reader, writer = await it.connect()
        writer.write(GET)
        await reader.readuntil(b"0\r\n\r\n")
        await asyncio.sleep(0.15)
        writer.write(GET[:10])
        assert shown(await asyncio.wait_for(reader.read(), 30)) == (b"408", "head_timeout")


async def test_a_body_that_no_answer_waits_for_ends_in_time() -> None:
    async with edge(body_seconds=0.1) as it:
        answer = await it.send(b"GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf")
        assert answer.startswith(b"HTTP/1.1 200")


async def test_an_early_answer_keeps_the_connection_when_the_body_follows() -> None:
    async with edge() as it:
        reader, writer = await it.connect()
        for _ in range(2):
            writer.write(b"GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nha")
            assert (await reader.readuntil(b"0\r\n\r\n")).startswith(b"HTTP/1.1 200")
            writer.write(b"lf")
        writer.close()


async def test_a_full_server_closes_the_oldest_connection_without_a_request() -> None:
    async with edge(connections=4) as it:
        kept = await it.connect()
        kept[1].write(GET)
        await kept[0].readuntil(b"0\r\n\r\n")
        silent = [await it.connect() for _ in range(10)]
        await settled(it.state, 4)
        reader, writer = await it.connect()
        writer.write(GET)
        assert (await reader.readuntil(b"0\r\n\r\n")).startswith(b"HTTP/1.1 200")
        kept[1].write(GET)
        assert (await kept[0].readuntil(b"0\r\n\r\n")).startswith(b"HTTP/1.1 200")
        assert await settled(it.state, 3) == 3  # nearly full: a new connection is not kept after its answer
        assert len(silent) == 10


async def test_a_server_full_of_answers_refuses_a_new_connection() -> None:
    async with edge(connections=2) as it:
        it.app.gate.clear()
        busy = [await it.connect() for _ in range(2)]
        for _, writer in busy:
            writer.write(GET)
        await until(lambda: it.app.running == 2)
        assert shown(await it.send(b"")) == (b"503", "too_many_connections")
        it.app.gate.set()
        for reader, _ in busy:
            assert (await reader.readuntil(b"0\r\n\r\n")).startswith(b"HTTP/1.1 200")


async def test_a_caller_that_does_not_read_is_cut_off() -> None:
    async with edge(App(size=50_000_000), write_seconds=0.1) as it:
        _, writer = await it.connect()
        writer.write(GET)
        await until(lambda: it.app.running == 1)
        assert await settled(it.state, 0) == 0
        await until(lambda: it.app.running == 0)
        assert it.app.running == 0


async def test_a_slow_reader_is_cut_off_after_the_deadline_of_its_request() -> None:
    async with edge(App(size=100_000_000), write_seconds=0.2, answer_seconds=0.1) as it:
        reader, writer = await it.connect()
        writer.write(GET)
        with suppress(ConnectionError):
            async for _ in slowly(reader):
                pass
        assert await settled(it.state, 0) == 0


async def test_a_stalled_caller_makes_room_for_a_new_connection() -> None:
    async with edge(App(size=50_000_000), connections=2) as it:
        for _ in range(2):
            _, writer = await it.connect()
            writer.write(GET)
        await until(lambda: it.stalled == 2)
        it.app.size = 2
        assert (await it.send(GET.replace(b"host", b"connection: close\r\nhost"))).startswith(b"HTTP/1.1 200")


async def test_close_is_announced_near_the_end_of_the_idle_time() -> None:
    async with edge(idle_seconds=2.0, ending_seconds=1.2) as it:
        reader, writer = await it.connect()
        heads = []
        for pause in (0, 0.05, 0.9):
            await asyncio.sleep(pause)
            writer.write(GET)
            heads.append(b"connection: close" in await reader.readuntil(b"\r\n\r\n"))
            await reader.readuntil(b"0\r\n\r\n")
        assert heads == [False, False, True]
        assert await reader.read() == b""


async def test_an_idle_connection_with_a_request_in_the_socket_is_not_closed() -> None:
    async with edge() as it:
        reader, writer = await it.connect()
        writer.write(GET)
        await reader.readuntil(b"0\r\n\r\n")
        [connection] = it.state.connections
        assert isinstance(connection, BoundedHttp)
        os.write(writer.get_extra_info("socket").fileno(), GET)  # the server's loop has not read it yet
        connection.timeout_keep_alive_handler()
        assert (await reader.readuntil(b"0\r\n\r\n")).startswith(b"HTTP/1.1 200")


async def test_a_bad_second_request_does_not_spoil_the_answer_under_way() -> None:
    async with edge(App(size=100_000)) as it:
        it.app.gate.clear()
        asking = asyncio.create_task(it.send(GET + b"\x00\x01 nonsense\r\n\r\n"))
        await until(lambda: it.app.running == 1)
        it.app.gate.set()
        answer = await asking
        assert answer.startswith(b"HTTP/1.1 200")
        assert answer.endswith(b"2\r\nok\r\n0\r\n\r\n")


async def test_bytes_that_are_no_request_are_refused_in_our_shape() -> None:
    async with edge() as it:
        assert shown(await it.send(b"\x16\x03\x01 TLS\r\n\r\n")) == (b"400", "invalid_http")


async def test_shutdown_does_not_wait_for_a_caller_that_does_not_read() -> None:
    async with edge(App(size=50_000_000)) as it:
        _, writer = await it.connect()
        writer.write(GET)
        await until(lambda: it.stalled == 1)
        [connection] = it.state.connections
        connection.shutdown()
        assert await settled(it.state, 0) == 0


def pieces(count: int, size: int, extension: bytes = b"") -> bytes:
    return b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n" + (
        (b"%x%s\r\n" % (size, extension) + b"x" * size + b"\r\n") * count + b"0\r\n\r\n"
    )


async def test_a_body_of_very_many_tiny_chunks_is_refused() -> None:
    async with edge() as it:
        assert (await it.send(pieces(MOST_PIECES, 1))).startswith(b"HTTP/1.1 200")
        assert (await it.send(pieces(MOST_PIECES + 1, LEAST_PIECE_BYTES + 8))).startswith(b"HTTP/1.1 200")
        assert shown(await it.send(pieces(MOST_PIECES + 1, LEAST_PIECE_BYTES - 8))) == (b"400", "tiny_pieces")


async def test_chunk_extensions_longer_than_the_body_are_refused() -> None:
    async with edge() as it:
        few = pieces(20, 100, b";a=" + b"b" * 3_000)
        assert (await it.send(few)).startswith(b"HTTP/1.1 200")
        assert (await it.send(pieces(20, 20_000, b";a=" + b"b" * 15_000))).startswith(b"HTTP/1.1 200")
        many = pieces(100, 100, b";a=" + b"b" * 15_000)
        assert shown(await it.send(many)) == (b"400", "chunk_extensions")


async def test_pipelined_requests_are_answered_up_to_a_bound() -> None:
    async with edge() as it:
        it.app.gate.clear()
        asking = asyncio.create_task(it.send(GET * 500))
        await until(lambda: it.app.running == 1)
        [connection] = it.state.connections
        assert isinstance(connection, BoundedHttp)
        waiting = len(connection.pipeline)
        it.app.gate.set()

        assert waiting == MOST_PIPELINED
        assert (await asking).count(b"HTTP/1.1 200") == MOST_PIPELINED + 1


async def test_an_upgrade_is_answered_as_without_it_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with edge() as it:
        reader, writer = await it.connect()
        writer.write(GET.replace(b"host: x", b"host: x\r\nconnection: upgrade\r\nupgrade: websocket"))
        answer = await asyncio.wait_for(reader.readuntil(b"0\r\n\r\n"), 30)

    assert answer.startswith(b"HTTP/1.1 200")
    assert not caplog.records
