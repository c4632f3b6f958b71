"""One connection, fed any bytes in any segments."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.benches.abuse import chunked, ok
from sentinel_core.support.http.connection import MAX_HEADER_BYTES, MAX_HEADERS, MAX_OVERHEAD_BYTES, Connection

BODY = b"the answer"
WHOLE = (
    ok(BODY),
    chunked(BODY),
    b"HTTP/1.1 100 Continue\r\n\r\n" + ok(BODY),
    chunked(BODY, extension=b";x=y", trailer=b"a: b\r\n"),
)


class Socket:
    """A transport without a network."""

    def __init__(self) -> None:
        self.closed = False
        self.unsent = 0

    def write(self, data: bytes) -> None:
        """Nothing is sent."""

    def abort(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def pause_reading(self) -> None:
        """Bytes are fed by hand."""

    resume_reading = pause_reading


def fed(data: bytes, cuts: list[int], *, unsent: int = 0) -> tuple[Connection, Socket, list[bytes]]:
    """Return a connection that was asked once and then received `data`, cut into segments."""
    unasked = list[bytes]()
    connection, socket = Connection(lambda: unasked.append(b"")), Socket()
    socket.unsent = unsent
    connection.connection_made(socket)
    asking = connection.ask(b"GET / HTTP/1.1\r\n\r\n", "GET")
    places = sorted({0, *[cut % (len(data) + 1) for cut in cuts], len(data)})

    async def run() -> None:
        task = asyncio.create_task(asking)
        await asyncio.sleep(0)
        for start, end in itertools.pairwise(places):
            if not socket.closed:
                connection.data_received(data[start:end])
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
    return connection, socket, unasked


@given(st.sampled_from(WHOLE), st.lists(st.integers(0, 300), max_size=12))
def test_a_whole_response_leaves_the_connection_reusable(whole: bytes, cuts: list[int]) -> None:
    connection, _, unasked = fed(whole, cuts)
    assert (connection.take(), connection.is_complete, connection.is_reusable, unasked) == (BODY, True, True, [])


@given(
    st.sampled_from(WHOLE),
    st.one_of(st.binary(min_size=1, max_size=40), st.sampled_from([*WHOLE, b"\r\n", b"\n", b"H", b"\r\n\r\n" * 9])),
    st.lists(st.integers(0, 300), max_size=12),
)
def test_surplus_bytes_close_the_connection_and_are_no_answer(whole: bytes, surplus: bytes, cuts: list[int]) -> None:
    connection, socket, unasked = fed(whole + surplus, cuts)
    assert (connection.take(), connection.is_complete, connection.is_reusable) == (BODY, True, False)
    assert (socket.closed, bool(unasked)) == (True, True)


@given(st.binary(max_size=200), st.lists(st.integers(0, 300), max_size=12))
def test_any_bytes_are_an_error_or_a_response_but_no_exception(data: bytes, cuts: list[int]) -> None:
    connection, _, _ = fed(b"HTTP/1.1 200 OK\r\n" + data, cuts)
    assert len(connection.take()) <= len(data)


@given(st.sampled_from(WHOLE), st.binary(min_size=1, max_size=80))
def test_bytes_while_idle_are_no_answer(whole: bytes, surplus: bytes) -> None:
    connection, socket, _ = fed(whole, [])
    connection.take()
    connection.rest()
    connection.data_received(surplus)
    assert (connection.is_complete, connection.is_empty, socket.closed) == (False, True, True)


def test_a_response_before_the_request_was_sent_costs_the_connection() -> None:
    connection, _, _ = fed(ok(BODY), [], unsent=1)
    assert (connection.take(), connection.is_reusable) == (BODY, False)


@pytest.mark.parametrize(
    "flood",
    [
        b"HTTP/1.1 200 " + b"x" * MAX_HEADER_BYTES * 2,
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * MAX_HEADER_BYTES * 2,
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * (MAX_HEADERS + 1) + b"\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * (MAX_OVERHEAD_BYTES // 25 + 1),
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;" + b"x" * MAX_OVERHEAD_BYTES,
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx: " + b"y" * MAX_OVERHEAD_BYTES * 6,
    ],
    ids=["reason", "header", "headers", "interim responses", "chunk extension", "trailer"],
)
@pytest.mark.parametrize("step", [1000, 200_000])
def test_bytes_outside_the_body_are_bounded(flood: bytes, step: int) -> None:
    connection, socket, _ = fed(flood, list(range(0, len(flood), step)))
    assert (connection.is_complete, connection.is_reusable, socket.closed) == (False, False, True)
    assert sum(len(name) + len(value) for name, value in connection.headers) <= MAX_HEADER_BYTES
