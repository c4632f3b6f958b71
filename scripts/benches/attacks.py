"""What a hostile key does to its neighbours: ten ways, each one operation at a time over a connection of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import TypeAlias

from scripts.benches import client
from scripts.benches.blocks import CHAT, QUERY

Operation: TypeAlias = Callable[[int, str, int], Awaitable[None]]
"""Port, API key and running number."""

HELD_SECONDS = 8.0
"""How long callers that do not read, or do not write, stay."""
AT_ONCE = 20
WORDS = ("quick", "brown", "fox", "jumps", "lazy", "dog", "rain", "falls", "green", "hills", "near", "old", "towns")


def posted(path: str, body: object, key: str) -> bytes:
    return client.post(path, body, {"authorization": f"Bearer {key}", "connection": "close"})


async def exchange(port: int, data: bytes, *, reads: bool = True, seconds: float = HELD_SECONDS) -> None:
    """Send bytes, and read until the connection closes or the time is over; without `reads` only wait."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(seconds):
            writer.write(data)
            await writer.drain()
            while await (reader.read(65_536) if reads else asyncio.sleep(seconds)):
                pass
    writer.transport.abort()


def asking(body: Callable[[int], Mapping[str, object]], path: str = QUERY) -> Operation:
    """Post one body and read the whole answer."""

    async def operation(port: int, key: str, number: int) -> None:
        await exchange(port, posted(path, body(number), key))

    return operation


def prompt(number: int) -> dict[str, object]:
    return {"prompt": f"Attacker's question {number}: what is {number} squared?", "model": "stub-50ms"}


def chat(model: str, content: str, *, stream: bool = False) -> dict[str, object]:
    return {"model": model, "messages": [{"role": "user", "content": content}], "stream": stream}


def similar(number: int) -> dict[str, object]:
    """A long prompt near all others of its kind, so that each is compared with several."""
    words = [WORDS[(number * 7 + at * at) % len(WORDS)] for at in range(150)]
    return {"prompt": f"Summarise this paragraph in one sentence: {' '.join(words)}", "model": "stub-50ms"}


async def unread(port: int, key: str, number: int) -> None:
    body = chat("talk-150-0ms", f"{number} Tell me more. " * 2_000, stream=True)  # about 5 MB, in few events
    body["temperature"] = 2.0  # bypasses the cache: this way is about sockets
    await exchange(port, posted(CHAT, body, key), reads=False)


async def unfinished(port: int, key: str, number: int) -> None:
    await exchange(port, b"POST /v1/query HTTP/1.1\r\nhost: x\r\nx-part: %d" % number, reads=False)


async def endless(port: int, key: str, number: int) -> None:
    await exchange(port, b"GET /health HTTP/1.1\r\nx: " + b"y" * 1_000_000)


async def gone(port: int, key: str, number: int) -> None:
    await exchange(port, posted(QUERY, prompt(number), key), reads=False, seconds=0.01)


async def flood(port: int, key: str, number: int) -> None:
    one = asking(prompt)
    await asyncio.gather(*[one(port, key, number * AT_ONCE + at) for at in range(AT_ONCE)])


ATTACKS: Mapping[str, Operation] = MappingProxyType(
    {
        "unread streams": unread,
        "a model that fails": asking(lambda number: chat("fail-500", f"question {number}"), CHAT),
        "a model that takes 8 s": asking(lambda number: chat("stub-8000ms", f"question {number}"), CHAT),
        "heads without end": endless,
        "heads that never end": unfinished,
        "callers that leave at once": gone,
        "keys that do not exist": lambda port, key, number: exchange(port, posted(QUERY, prompt(number), f"no{key}")),
        "64 KB of combining marks": asking(
            lambda number: {**prompt(number), "prompt": f"a{number}" + "\u0301\u0316" * 16_000}
        ),
        "long prompts alike": asking(similar),
        "a model's name for each request": asking(lambda number: {**prompt(number), "model": f"m{number}" * 20}),
        "900 KB of short messages": asking(
            lambda number: {
                "model": "stub-50ms",
                "messages": [{"role": "user", "content": str(number)} for _ in range(20_000)],
            },
            CHAT,
        ),
    }
)
