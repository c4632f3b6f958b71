"""More ways of an upstream to abuse a connection: lengths, chunks, versions and line ends that lie, and streams."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import MappingProxyType

from scripts.benches.abuse import DELAY_SECONDS, STRAY, Answer, Way, chunked, followed, ok, read_request, written

INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"


def _head(*lines: bytes) -> bytes:
    return b"\r\n".join((b"HTTP/1.1 200 OK", *lines)) + b"\r\n\r\n"


def _raw(body: bytes, *lines: bytes) -> bytes:
    """Return a body under these headers alone, and a stray response."""
    return _head(*lines) + body + ok(STRAY)


def _sized(size: bytes) -> Way:
    """Announce a chunk of a size that is none, or that never comes."""
    return written(lambda body: _raw(size + b"\r\n" + body + b"\r\n0\r\n\r\n", b"transfer-encoding: chunked"))


def _long(length: bytes) -> Way:
    return written(lambda body: _raw(body, b"content-length: " + length % len(body)))


def closing(made: Callable[[bytes], bytes]) -> Way:
    """Answer one request with `made(body)`, and close."""

    async def way(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
        if request := await read_request(reader):
            writer.write(made(answer(request)))
            writer.close()

    return way


async def uploading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
    """Answer while the request is under way, with a stray response, and read no more of it."""
    with suppress(asyncio.IncompleteReadError):
        await reader.readuntil(b"\r\n")
        writer.write(ok(STRAY, status=b"413 Too Large"))
        await asyncio.sleep(DELAY_SECONDS)
        writer.write(ok(STRAY))


async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
    """Answer so late that many callers have left, in pieces; then the same answer again."""
    while request := await read_request(reader):
        whole = ok(answer(request)) * 2
        for at in range(0, len(whole), 100):
            await asyncio.sleep(DELAY_SECONDS / 4)
            if writer.is_closing():
                return
            writer.write(whole[at : at + 100])


async def pieces_across(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
    """Begin the next answer with the end of each, and go on with it when the next request comes."""
    begun = b""
    while request := await read_request(reader):
        body = answer(request)
        writer.write(ok(body)[len(begun) :] + ok(STRAY)[:40])
        begun = ok(STRAY)[:40]


def _after_done(body: bytes) -> bytes:
    """Return an answer whose chunks go on after their end with those of another."""
    return chunked(body) + b"%x\r\ndata: %s\r\n0\r\n\r\n" % (6 + len(STRAY), STRAY)


WAYS: Mapping[str, Way] = MappingProxyType(
    {
        "a thousand interim responses": written(lambda body: INTERIM * 1_000 + ok(body) + INTERIM + ok(STRAY)),
        "interim responses while idle": followed(lambda _: INTERIM * 50),
        "a length too long": closing(lambda body: ok(body).replace(b"content-length: ", b"content-length: 1")),
        "a negative length": _long(b"-%d"),
        "a length with a sign": _long(b"+%d"),
        "a list of lengths": written(lambda body: _raw(body, b"content-length: %d, 0" % len(body))),
        "a space before the colon": written(lambda body: _raw(body, b"content-length : %d" % len(body))),
        "a negative chunk": _sized(b"-5"),
        "a chunk beyond all numbers": _sized(b"f" * 17),
        "a chunk in C's notation": _sized(b"0x5"),
        "chunked twice": written(lambda body: chunked(body).replace(b": chunked", b": chunked, chunked") + ok(STRAY)),
        "chunked, then not": written(
            lambda body: chunked(body).replace(b": chunked", b": chunked, identity") + ok(STRAY)
        ),
        "trailers of another length": written(
            lambda body: chunked(body, trailer=b"content-length: 0\r\ntransfer-encoding: x\r\n") + ok(STRAY)
        ),
        "bare line feeds": written(lambda body: (ok(b"") + ok(STRAY)).replace(b"\r\n", b"\n") + ok(body)),
        "bare carriage returns": written(lambda body: ok(body).replace(b"\r\n", b"\r", 1) + ok(STRAY)),
        "HTTP/1.0 kept alive": written(
            lambda body: (ok(body, b"connection: keep-alive") + ok(STRAY)).replace(b"HTTP/1.1", b"HTTP/1.0")
        ),
        "HTTP/1.0 without a length": closing(lambda body: b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\n\r\n" + body),
        "HTTP/2 by its first line": written(lambda body: ok(body).replace(b"HTTP/1.1", b"HTTP/2.0") + ok(STRAY)),
        "a NUL in a header": written(lambda body: ok(body, b"x: a\x00b") + ok(STRAY)),
        "events after the end": written(_after_done),
        "a response during the upload": uploading,
        "answers after callers have left": late,
        "pieces across requests": pieces_across,
    }
)
