from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from sentinel_core.app.http_cycle import Cycle

pytestmark = pytest.mark.anyio

LOG = logging.getLogger("test")
LENGTH, KIND = (b"content-length", b"2"), (b"content-type", b"application/json")


class Written:
    """A transport, and a flow that is not paused."""

    write_paused = False

    def __init__(self) -> None:
        self.bytes = b""

    def write(self, data: bytes) -> None:
        self.bytes += data

    def close(self) -> None:
        self.bytes += b"CLOSED"


async def sent(cycle: type[RequestResponseCycle], headers: list[tuple[bytes, bytes]], **state: Any) -> object:
    """All that one cycle writes of an answer and knows after it, or the error it raises."""
    written: Any = Written()
    scope: Any = {"method": state.pop("method", "POST")}
    date = [(b"date", b"Sun, 29 Nov 2026 06:41:54 GMT")]
    it = cycle(scope, written, written, LOG, LOG, False, date, asyncio.Event(), False, True, lambda: None)
    for name, value in state.items():
        setattr(it, name, value)
    try:
        await it.send({"type": "http.response.start", "status": 200, "headers": headers})
        await it.send({"type": "http.response.body", "body": b"{}"})
    except RuntimeError as error:
        return str(error)
    return written.bytes, it.response_complete, it.keep_alive


@pytest.mark.parametrize(
    ("headers", "state"),
    [
        ([LENGTH, KIND], {}),
        ([LENGTH, KIND], {"method": "HEAD"}),
        ([LENGTH, KIND], {"keep_alive": False}),
        ([LENGTH, KIND], {"disconnected": True}),
        ([LENGTH, KIND], {"response_complete": True, "response_started": True}),
        ([LENGTH, KIND, (b"x-request-id", b"a\r\nset-cookie: b")], {}),
        ([LENGTH, KIND, (b"x-request-id", b"a\x7f")], {}),
        ([LENGTH, KIND, (b"x-request-id", b"a\tb \xff")], {}),
        ([LENGTH, (b"content-type\n", b"a")], {}),
        ([(b"Content-Length", b"2"), (b"X-Other", b"a")], {}),
        ([LENGTH, (b"vary", b"origin"), (b"vary", b"accept")], {}),
        ([LENGTH, (b"connection", b"close")], {}),
        ([(b"content-length", b"1")], {}),
        ([(b"content-length", b"3")], {}),
        ([(b"content-length", b"two")], {}),
        ([KIND], {}),
        ([KIND, (b"transfer-encoding", b"chunked")], {}),
        ([], {}),
    ],
)
async def test_a_cycle_writes_the_bytes_that_uvicorn_writes(
    headers: list[tuple[bytes, bytes]], state: dict[str, Any]
) -> None:
    try:
        expected = await sent(RequestResponseCycle, headers, **state)
    except ValueError as error:
        with pytest.raises(ValueError, match=str(error)[:20]):
            await sent(Cycle, headers, **state)
        return
    assert await sent(Cycle, headers, **state) == expected
