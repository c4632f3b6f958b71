"""Ways in which an upstream abuses HTTP/1.1 so that a careless client takes one response for another's."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

Answer: TypeAlias = Callable[[bytes], bytes]
"""A request (head and body) to the body of its answer."""
Way: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter, Answer], Awaitable[None]]

DELAY_SECONDS = 0.02
STRAY = b"stray"


def ok(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, b"content-length: %d" % len(body), *headers]) + b"\r\n\r\n" + body


def chunked(body: bytes, *, extension: bytes = b"", trailer: bytes = b"") -> bytes:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    return head + b"%x%s\r\n%s\r\n0\r\n%s\r\n" % (len(body), extension, body, trailer)


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """Return one request, b"" after the last."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
        return head + await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


def written(made: Callable[[bytes], bytes]) -> Way:
    """Answer each request with `made(body)`, in one segment."""

    async def way(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
        while request := await read_request(reader):
            writer.write(made(answer(request)))

    return way


def followed(surplus: Callable[[bytes], bytes], *, after: int = 1) -> Way:
    """Answer each request; from answer `after` on, `surplus(body)` follows each answer a little later."""

    async def way(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
        number = 0
        while request := await read_request(reader):
            number += 1
            body = answer(request)
            writer.write(ok(body))
            if number >= after:
                asyncio.get_running_loop().call_later(DELAY_SECONDS, _write, writer, surplus(body))

    return way


async def banner(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
    """Answer before the request was sent, as a proxy that is about to give up."""
    writer.write(ok(STRAY, status=b"408 Request Timeout"))
    await written(ok)(reader, writer, answer)


async def early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
    """Answer the head, and once more when the body is there."""
    while request := await read_request(reader):
        writer.write(ok(answer(request)))
        await writer.drain()
        writer.write(ok(answer(request)))


async def dripped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
    """Send two responses byte by byte."""
    while request := await read_request(reader):
        for byte in ok(answer(request)) * 2:
            writer.write(bytes([byte]))
            await asyncio.sleep(0)


async def half_closed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
    """End the sending side in the middle of every second answer, and go on reading."""
    number = 0
    while request := await read_request(reader):
        number += 1
        whole = ok(answer(request))
        writer.write(whole if number % 2 else whole[:-3])
        if number % 2 == 0:
            writer.write_eof()
            return


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
    """Answer, begin a surplus response, and reset the connection."""
    request = await read_request(reader)
    writer.write(ok(answer(request)))
    await asyncio.sleep(DELAY_SECONDS)
    writer.write(ok(STRAY)[:20])
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def overtaking(after: int = 1) -> Way:
    """From request `after` on, send the answer of a request again while the next one is under way."""

    async def way(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
        number, earlier = 0, b""
        while request := await read_request(reader):
            number += 1
            await asyncio.sleep(DELAY_SECONDS)
            if number > after:
                writer.write(ok(earlier))
                await asyncio.sleep(DELAY_SECONDS)
            earlier = answer(request)
            writer.write(ok(earlier))

    return way


def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    if not writer.is_closing():
        writer.write(data)


def _ambiguous(body: bytes) -> bytes:
    return ok(chunked(body).partition(b"\r\n\r\n")[2], b"transfer-encoding: chunked") + ok(STRAY)


def _interim(body: bytes) -> bytes:
    return b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + ok(body)


def _trailed(body: bytes) -> bytes:
    return chunked(body, extension=b';x="%s"' % STRAY, trailer=b"content-type: text/x\r\n") + chunked(STRAY)


WAYS: Mapping[str, Way] = MappingProxyType(
    {
        "two responses in one segment": written(lambda body: ok(body) * 2),
        "the same response again, later": followed(ok),
        "the same response again, after reuse": followed(ok, after=2),
        "408 on an idle connection": followed(lambda _: ok(STRAY, status=b"408 Request Timeout")),
        "interim responses, then one while idle": followed(_interim),
        "part of a response while idle": followed(lambda _: ok(STRAY)[:12]),
        "line ends after the response": written(lambda body: ok(body) + b"\r\n\r\n"),
        "204 and 304 with bodies": written(lambda body: ok(ok(body), status=b"204 No Content") + ok(body)),
        "length and chunks at once": written(_ambiguous),
        "two lengths": written(lambda body: ok(body + ok(STRAY), b"content-length: %d" % len(body))),
        "chunk extensions, trailers, then more": written(_trailed),
        "folded header lines": written(lambda body: ok(body, b"x: y\r\n content-length: 0") + ok(STRAY)),
        "close announced, then more": written(lambda body: ok(body, b"connection: close") + ok(STRAY)),
        "body longer than its length": written(lambda body: ok(body) + body),
        "switched protocols": written(lambda body: ok(b"", b"upgrade: x", status=b"101 Switching") + ok(body)),
        "a response before the request": banner,
        "a response before the whole request": early,
        "two responses byte by byte": dripped,
        "half closes": half_closed,
        "resets": reset,
    }
)

INVISIBLE_WAYS: Mapping[str, Way] = MappingProxyType(
    {
        "an earlier answer during the next request": overtaking(),
        "an earlier answer during a later request": overtaking(after=3),
    }
)
"""Ways that no client can see on a connection that it uses again: HTTP/1.1 responses have no request's id."""
