"""The lean transport against real sockets: what httpx promises its callers must hold through it."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeAlias

import httpx
import pytest

from sentinel_core.support.http import LeanTransport
from sentinel_core.support.http.pool import MAX_LARGE_ANSWERS
from sentinel_core.support.turns import OWNER

pytestmark = pytest.mark.anyio

Behaviour: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Peer:
    """A server that does as told with each connection, and counts them."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.connections = 0
        self.received: list[bytes] = []
        self.url = ""
        self._behaviour = behaviour
        self._serving: set[asyncio.Task[None]] = set()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)

    async def end(self) -> None:
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._behaviour(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    async def request(self, reader: asyncio.StreamReader) -> bytes:
        """Read one request whose length is given or that has no body."""
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        self.received.append(head + await reader.readexactly(length))
        return self.received[-1]


def repeating(*answers: bytes) -> Behaviour:
    """Answer each request on a connection with the next of `answers`, then hang up."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()

    return behave


@asynccontextmanager
async def peer(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> AsyncIterator[Peer]:
    peer = Peer(behaviour)
    server = await asyncio.start_server(peer.accept, "127.0.0.1", 0, ssl=tls)
    peer.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield peer
    finally:
        server.close()
        await peer.end()


@asynccontextmanager
async def client(timeout: float | httpx.Timeout = 5.0, **options: object) -> AsyncIterator[httpx.AsyncClient]:
    transport = LeanTransport(**options)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, timeout=timeout) as client:
        yield client


def ok(body: bytes = b"hi", *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 200 OK", b"content-length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


async def test_a_request_arrives_as_httpx_made_it() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await seen.request(reader)
        writer.write(ok())

    async with peer(echo) as seen, client() as http:
        response = await http.post(f"{seen.url}/a%2Fb?x=1", json={"k": "ü"}, headers={"x-one": "1"})
    assert (response.status_code, response.reason_phrase, response.text) == (200, "OK", "hi")
    head, _, body = seen.received[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /a%2Fb?x=1 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nx-one: 1\r\n" in head
    assert body == '{"k":"ü"}'.encode()


async def test_a_kept_connection_carries_one_request_after_another() -> None:
    async with peer(repeating(ok(b"1"), ok(b"2"), ok(b"3"))) as seen, client() as http:
        assert [(await http.get(seen.url)).text for _ in range(3)] == ["1", "2", "3"]
        assert seen.connections == 1


async def test_a_connection_the_other_side_closed_is_not_used_again() -> None:
    async with peer(repeating(ok())) as seen, client() as http:
        for _ in range(3):
            assert (await http.get(seen.url)).text == "hi"
            await asyncio.sleep(0.01)
        assert seen.connections == 3


async def test_a_close_the_event_loop_has_not_heard_of_is_seen_at_the_socket() -> None:
    closed = asyncio.Event()

    async def answer_and_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await repeating(ok())(reader, writer)
        writer.close()
        closed.set()

    async with peer(answer_and_close) as seen, client() as http:
        await http.get(seen.url)
        await closed.wait()
        assert (await http.get(seen.url)).text == "hi"


async def test_a_connection_is_not_kept_for_ever() -> None:
    async with peer(repeating(ok(), ok())) as seen, client(keep_seconds=0.0) as http:
        await http.get(seen.url)
        await http.get(seen.url)
        assert seen.connections == 2


async def test_a_connection_that_is_to_be_closed_is_closed() -> None:
    async with peer(repeating(ok(b"", b"connection: close"), ok())) as seen, client() as http:
        await http.get(seen.url)
        await http.get(seen.url)
        assert seen.connections == 2


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (CHUNKED + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde"),
        (CHUNKED + b"0\r\n\r\n", ""),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil it closes", "until it closes"),
        (b"HTTP/1.0 200 OK\r\n\r\nold", "old"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + ok(b"after an interim answer"), "after an interim answer"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", ""),
        (ok(gzip.compress(b"packed", mtime=0), b"content-encoding: gzip"), "packed"),
        (ok(b""), ""),
    ],
)
async def test_every_way_of_framing_a_body_is_read(answer: bytes, body: str) -> None:
    async with peer(repeating(answer)) as seen, client() as http:
        assert (await http.get(seen.url)).text == body


async def test_an_answer_to_head_has_no_body() -> None:
    async with peer(repeating(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n")) as seen, client() as http:
        response = await http.head(seen.url)
    assert (response.headers["content-length"], response.content) == ("99", b"")


async def test_an_answer_in_single_bytes_is_the_same_answer() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for byte in CHUNKED.replace(b"OK", b"Fine") + b"3\r\nabc\r\n0\r\n\r\n":
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)

    async with peer(drip) as seen, client() as http:
        response = await http.get(seen.url)
    assert (response.reason_phrase, response.text) == ("Fine", "abc")


async def test_a_stream_is_handed_on_as_it_arrives() -> None:
    read = asyncio.Event()

    async def one_then_wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(CHUNKED + b"5\r\nfirst\r\n")
        await read.wait()
        writer.write(b"6\r\nsecond\r\n0\r\n\r\n")
        await reader.read()

    async with peer(one_then_wait) as seen, client() as http, http.stream("GET", seen.url) as response:
        chunks = []
        async for chunk in response.aiter_bytes():
            chunks.append(chunk)
            read.set()
    assert chunks == [b"first", b"second"]


async def test_a_stream_read_to_its_end_gives_its_connection_back() -> None:
    answer = CHUNKED + b"1\r\na\r\n0\r\n\r\n"
    async with peer(repeating(answer, answer)) as seen, client(max_connections=1) as http:
        for _ in range(2):
            async with http.stream("GET", seen.url) as response:
                assert await response.aread() == b"a"
        assert seen.connections == 1


async def test_a_stream_left_early_costs_its_connection_and_no_more() -> None:
    async with peer(repeating(CHUNKED + b"1\r\na\r\n", ok())) as seen, client(max_connections=1) as http:
        async with http.stream("GET", seen.url) as response:
            async for _ in response.aiter_bytes():
                break
        async with http.stream("GET", seen.url):
            assert seen.connections == 2


async def test_a_sender_waits_for_a_slow_reader() -> None:
    sent = 0
    size = 65_536

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(CHUNKED)
        for _ in range(1000):
            writer.write(b"%x\r\n%s\r\n" % (size, b"x" * size))
            await writer.drain()
            sent += size
        writer.write(b"0\r\n\r\n")

    async with peer(flood) as seen, client() as http, http.stream("GET", seen.url) as response:
        before = -1
        while before != sent or not sent:
            before = sent
            await asyncio.sleep(0.05)
        assert sent < 1000 * size
        assert sum([len(chunk) async for chunk in response.aiter_bytes()]) == 1000 * size


async def test_a_body_of_unknown_length_is_sent_as_a_chunk() -> None:
    async def generate() -> AsyncIterator[bytes]:
        yield b"abc"
        yield b"de"

    async def until_the_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.received.append(await reader.readuntil(b"0\r\n\r\n"))
        writer.write(ok())

    async with peer(until_the_end) as seen, client() as http:
        await http.post(seen.url, content=generate())
        await http.post(seen.url, content=b"", headers={"transfer-encoding": "chunked"})
    assert [request.partition(b"\r\n\r\n")[2] for request in seen.received] == [
        b"5\r\nabcde\r\n0\r\n\r\n",
        b"0\r\n\r\n",
    ]


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (silent, httpx.ReadTimeout),
        (repeating(CHUNKED + b"5\r\nfi"), httpx.RemoteProtocolError),
        (repeating(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\ncut"), httpx.RemoteProtocolError),
        (repeating(b"HTTP/1.1 200 OK\r\ncontent-le"), httpx.RemoteProtocolError),
        (repeating(b""), httpx.RemoteProtocolError),
        (repeating(b"\x00\x01\x02 rubbish\r\n\r\n"), httpx.RemoteProtocolError),
        (repeating(CHUNKED + b"zz\r\nnot a chunk\r\n"), httpx.RemoteProtocolError),
        (repeating(b"HTTP/1.1 200 OK\r\n" + b"x: %s\r\n" % (b"y" * 1000) * 100), httpx.RemoteProtocolError),
    ],
)
async def test_what_goes_wrong_is_httpx_s_own_error_with_its_request(
    behaviour: Behaviour, error: type[httpx.RequestError]
) -> None:
    async with peer(behaviour) as seen, client(timeout=httpx.Timeout(1.0, connect=5.0), max_connections=1) as http:
        for _ in range(2):
            with pytest.raises(error) as raised:
                await http.get(seen.url)
            assert raised.value.request.url == seen.url


async def test_a_stream_that_stalls_times_out() -> None:
    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED + b"1\r\na\r\n")
        await reader.read()

    async with peer(stall) as seen, client(timeout=httpx.Timeout(0.1, connect=5.0)) as http:
        with pytest.raises(httpx.ReadTimeout):
            await http.get(seen.url)


async def test_nobody_listening_is_a_connect_error() -> None:
    async with peer(silent) as seen:
        pass
    async with client() as http:
        for _ in range(2):
            with pytest.raises(httpx.ConnectError):
                await http.get(seen.url)


async def test_a_handshake_that_hangs_is_a_connect_timeout() -> None:
    async with peer(silent) as seen, client(timeout=0.1) as http:
        with pytest.raises(httpx.ConnectTimeout):
            await http.get(seen.url.replace("http:", "https:"))


async def test_waiting_for_a_free_connection_is_a_pool_timeout() -> None:
    async with peer(silent) as seen, client(timeout=0.1, max_connections=1) as http:
        waiting = [http.get(seen.url, timeout=httpx.Timeout(0.3, pool=0.1)) for _ in range(2)]
        first, second = await asyncio.gather(*waiting, return_exceptions=True)
    assert (type(first), type(second)) == (httpx.ReadTimeout, httpx.PoolTimeout)


async def test_a_cancelled_request_leaves_nothing_to_the_next() -> None:
    arrived = asyncio.Event()

    async def slow_then_quick(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if not arrived.is_set():
            arrived.set()
            await reader.read()
        writer.write(ok(b"mine"))

    async with peer(slow_then_quick) as seen, client(max_connections=1) as http:
        leaving = asyncio.create_task(http.get(seen.url))
        await arrived.wait()
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        assert (await http.get(seen.url)).text == "mine"


async def test_a_header_cannot_smuggle_another() -> None:
    async with peer(repeating(ok())) as seen, client() as http:
        for value in ("a\r\nx-evil: 1", "a\nb", "a\rb", "a\0b"):
            with pytest.raises(httpx.LocalProtocolError):
                await http.get(seen.url, headers={"x": value})
        assert seen.connections == 0


async def test_other_schemes_are_refused() -> None:
    async with client() as http:
        with pytest.raises(httpx.UnsupportedProtocol):
            await http.get("ftp://127.0.0.1/")


async def test_a_closed_transport_opens_again() -> None:
    transport = LeanTransport()
    async with peer(repeating(ok(), ok())) as seen:
        for _ in range(2):
            request = httpx.Request("GET", seen.url)
            assert await (await transport.handle_async_request(request)).aread() == b"hi"
            await transport.aclose()
        assert seen.connections == 2


async def test_a_bare_post_is_a_request_like_any_other() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in (ok(b"1", b"X-One: 1"), CHUNKED + b"1\r\na\r\n1\r\nb\r\n0\r\n\r\n"):
            await seen.request(reader)
            writer.write(answer)

    transport = LeanTransport()
    async with peer(echo) as seen:
        url = f"{seen.url}/a%2Fb?x=1"
        assert await transport.post(url, {"x-two": "2"}, b"body") == ({"content-length": "1", "x-one": "1"}, b"1")
        assert await transport.post(url, {}, b"") == ({"transfer-encoding": "chunked"}, b"ab")
        with pytest.raises(httpx.LocalProtocolError):
            await transport.post(url, {"x": "a\r\nb: c"}, b"")
        assert seen.connections == 1
    host = seen.url.removeprefix("http://").encode()
    assert seen.received == [
        b"POST /a%%2Fb?x=1 HTTP/1.1\r\nhost: %s\r\nx-two: 2\r\ncontent-length: 4\r\n\r\nbody" % host,
        b"POST /a%%2Fb?x=1 HTTP/1.1\r\nhost: %s\r\ncontent-length: 0\r\n\r\n" % host,
    ]
    await transport.aclose()


async def test_a_bare_post_that_is_cut_off_or_cancelled_costs_its_connection() -> None:
    transport = LeanTransport(max_connections=1)
    async with peer(repeating(CHUNKED + b"5\r\nfi")) as seen:
        with pytest.raises(httpx.RemoteProtocolError):
            await transport.post(seen.url, {}, b"")
    async with peer(silent) as seen:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(transport.post(seen.url, {}, b""), 0.05)
    async with peer(repeating(ok())) as seen:
        assert await transport.post(seen.url, {}, b"") == ({"content-length": "2"}, b"hi")
    await transport.aclose()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of 127.0.0.1 with its key, in one file."""
    import trustme

    path = tmp_path_factory.mktemp("tls") / "server.pem"
    authority = trustme.CA()
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(path))
    authority.cert_pem.write_to_path(str(path.with_name("ca.pem")))
    return path


async def test_tls_is_checked_against_the_context_given(certificate: Path) -> None:
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=str(certificate.with_name("ca.pem")))
    async with peer(repeating(ok(), ok()), tls=serving) as seen:
        async with client(ssl_context=trusting) as http:
            assert [(await http.get(seen.url)).text for _ in range(2)] == ["hi", "hi"]
            assert seen.connections == 1
        async with client() as http:
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                await http.get(seen.url)


async def test_large_answers_of_one_key_leave_places_for_another() -> None:
    large, is_over = b"x" * 200_000, asyncio.Event()

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        whole, is_slow = ok(large), b"GET /slow" in await reader.readuntil(b"\r\n\r\n")
        writer.write(whole[:150_000] if is_slow else whole)
        await writer.drain()
        if is_slow:
            await is_over.wait()

    async def ask(http: httpx.AsyncClient, path: str, owner: str) -> int:
        OWNER.set(owner)
        return len((await http.get(f"{seen.url}/{path}")).content)

    async with peer(behave) as seen, client() as http:
        slow = [asyncio.create_task(ask(http, "slow", "a")) for _ in range(2 * MAX_LARGE_ANSWERS)]
        for _ in range(3_000):
            await asyncio.sleep(0.01)
            if seen.connections == len(slow):
                break
        found = await asyncio.wait_for(asyncio.create_task(ask(http, "fast", "b")), 30)
        is_over.set()
        ends = await asyncio.gather(*slow, return_exceptions=True)

    assert found == len(large)
    assert all(isinstance(end, httpx.RemoteProtocolError) for end in ends)
