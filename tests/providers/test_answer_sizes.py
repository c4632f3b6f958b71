"""Answers of any size and encoding: the largest is read, one byte more refused."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from sentinel_core.chat.messages import ChatRequest
from sentinel_core.errors import ProviderProtocolError
from sentinel_core.providers.catalogue import KNOWN
from sentinel_core.providers.openai_compatible import OpenAICompatible
from sentinel_core.providers.retries import Retries
from sentinel_core.support.http import LeanTransport

pytestmark = pytest.mark.anyio

REQUEST = ChatRequest(provider="groq", model="m", messages=({"role": "user", "content": "Hi"},))


async def plain(provider: OpenAICompatible) -> str:
    return (await provider.complete(REQUEST, timeout=20.0)).text


async def streamed(provider: OpenAICompatible) -> str:
    return str([chunk async for chunk in provider.stream(REQUEST, timeout=20.0)])


def sized(size: int) -> bytes:
    """A plain answer of `size` characters and its frame."""
    return json.dumps({"choices": [{"message": {"content": "x" * size}, "finish_reason": "stop"}]}).encode()


async def whole_answer(writer: asyncio.StreamWriter, body: bytes, *headers: bytes, frame: str) -> None:
    lines = [b"HTTP/1.1 200 OK", b"content-type: application/json", *headers]
    if frame == "length":
        lines.append(b"content-length: %d" % len(body))
    elif frame == "chunks":
        lines.append(b"transfer-encoding: chunked")
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    writer.write(b"\r\n".join(lines) + b"\r\n\r\n" + body)
    with suppress(ConnectionError):
        await writer.drain()
    writer.close()


@asynccontextmanager
async def answering(body: bytes, *headers: bytes, frame: str, limit: int) -> AsyncIterator[OpenAICompatible]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await whole_answer(writer, body, *headers, frame=frame)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    transport = LeanTransport(max_answer_bytes=limit)
    try:
        yield OpenAICompatible(
            replace(KNOWN["groq"], base_url=address),
            key="k",
            transport=transport,
            retries=Retries(attempts=1),
            max_answer_bytes=limit,
        )
    finally:
        await transport.aclose()
        server.close()


FRAMES = ("length", "chunks", "until it closes")


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("limit", [2_000, 200_000])
async def test_an_answer_of_the_largest_size_is_read_and_one_byte_more_refused(frame: str, limit: int) -> None:
    frames = len(sized(0))
    async with answering(sized(limit - frames), frame=frame, limit=limit) as provider:
        assert len(await plain(provider)) == limit - frames
    async with answering(sized(limit - frames + 1), frame=frame, limit=limit) as provider:
        with pytest.raises(ProviderProtocolError, match=f"larger than {limit} bytes"):
            await plain(provider)


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("encoding", [b"br", b"zstd", b"gzip, br", b"gzip, deflate"])
async def test_an_encoding_that_was_not_asked_for_is_refused(frame: str, encoding: bytes) -> None:
    packed = gzip.compress(sized(100_000), mtime=0)
    async with answering(packed, b"content-encoding: " + encoding, frame=frame, limit=1_000_000) as provider:
        for ask in (plain, streamed):
            with pytest.raises(ProviderProtocolError, match="encoding"):
                await ask(provider)


async def test_a_huge_answer_in_place_of_a_stream_is_not_read() -> None:
    async with answering(sized(3_000_000), frame="chunks", limit=1_000) as provider:
        with pytest.raises(ProviderProtocolError, match="did not stream"):
            await streamed(provider)


def deflated(raw: bytes, bits: int = zlib.MAX_WBITS) -> bytes:
    packer = zlib.compressobj(wbits=bits)
    return packer.compress(raw) + packer.flush()


PACKED = {
    "gzip": gzip.compress(sized(100_000), mtime=0),
    "X-GZIP": gzip.compress(sized(100_000), mtime=0),
    "deflate;q=1": deflated(sized(100_000)),
    "identity, deflate": deflated(sized(100_000), -zlib.MAX_WBITS),
}


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("encoding", PACKED)
async def test_a_packed_answer_that_was_not_asked_for_is_unpacked(frame: str, encoding: str) -> None:
    header = f"content-encoding: {encoding}".encode()
    async with answering(PACKED[encoding], header, frame=frame, limit=200_000) as provider:
        assert len(await plain(provider)) == 100_000
        assert "x" * 1_000 in await streamed(provider)


@pytest.mark.parametrize(
    ("packed", "problem"),
    [
        (gzip.compress(sized(50_000_000), mtime=0), "larger than 200000 bytes"),
        (PACKED["gzip"][:-20], "ends early"),
        (b"no gzip at all", "cannot be read"),
    ],
)
async def test_a_packed_answer_that_is_too_large_or_broken_is_refused(packed: bytes, problem: str) -> None:
    async with answering(packed, b"content-encoding: gzip", frame="length", limit=200_000) as provider:
        with pytest.raises(ProviderProtocolError, match=problem):
            await plain(provider)
