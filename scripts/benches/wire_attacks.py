"""More ways of a hostile key: HTTP itself, routes beside the answers, names without end, and callers that leave."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from scripts.benches.attacks import HELD_SECONDS, Operation, asking, chat, exchange, posted, prompt, similar
from scripts.benches.blocks import CHAT, QUERY

REQUESTS = {"streams that are left": 10, "one prompt twenty times at once": 20, "idle connections": 20}
"""Requests of one operation, of ways that make several; a batch is one."""

BOMB = gzip.compress(b"a" * 50_000_000)
MANY = 100
"""Requests of one operation that are cheap each."""


def sent(data: Callable[[int, str], bytes], *, seconds: float = HELD_SECONDS) -> Operation:
    """Send bytes made of number and key, and read to the end."""

    async def operation(port: int, key: str, number: int) -> None:
        await exchange(port, data(number, key), seconds=seconds)

    return operation


def head(method: str, path: str, key: str, *headers: str, version: str = "1.1") -> bytes:
    lines = (f"{method} {path} HTTP/{version}", "host: x", f"authorization: Bearer {key}", *headers)
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def many(method: str, path: str, *headers: str) -> Operation:
    """Send many requests in one segment, the last of which closes."""

    def data(number: int, key: str) -> bytes:
        one = head(method, path, key, *headers)
        return one * (MANY - 1) + head(method, path, key, *headers, "connection: close")

    return sent(data)


def chunked(extension: bytes, size: int, count: int) -> Operation:
    """Send a body in chunks of `size` bytes."""

    def data(number: int, key: str) -> bytes:
        text = json.dumps({**prompt(number), "prompt": f"{number}" + "a" * size * count}).encode()[: size * count]
        parts = (text[at : at + size] for at in range(0, len(text), size))
        body = b"".join(b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in parts)
        headers = ("content-type: application/json", "transfer-encoding: chunked", "connection: close")
        return head("POST", QUERY, key, *headers) + body + b"0\r\n\r\n"

    return sent(data)


async def dripped(port: int, key: str, number: int) -> None:
    """Announce a large body, and send a byte of it twice a second."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return
    writer.write(head("POST", QUERY, key, "content-length: 5000000", "content-type: application/json"))
    try:
        for _ in range(int(HELD_SECONDS * 2)):
            writer.write(b" ")
            await asyncio.sleep(0.5)
    finally:
        writer.transport.abort()


async def cancelled(port: int, key: str, number: int) -> None:
    """Leave ten streams as soon as they have begun."""
    body = chat("talk-500-20ms", f"{number} Tell me more.", stream=True)
    for _ in range(REQUESTS["streams that are left"]):
        await exchange(port, posted(CHAT, body, key), seconds=0.08)


async def crowd(port: int, key: str, number: int) -> None:
    """Ask one prompt of a slow model twenty times at once."""
    body = {**prompt(number // 10), "model": "stub-8000ms"}
    await asyncio.gather(
        *[exchange(port, posted(QUERY, body, key)) for _ in range(REQUESTS["one prompt twenty times at once"])]
    )


async def hoarded(port: int, key: str, number: int) -> None:
    """Hold twenty idle connections after a request each."""
    await asyncio.gather(*[exchange(port, head("GET", "/health", key)) for _ in range(REQUESTS["idle connections"])])


def tools(number: int) -> dict[str, object]:
    one = {"type": "function", "function": {"name": f"f{number}", "parameters": {"type": "object", "properties": {}}}}
    return {**chat("stub-50ms", f"question {number}"), "tools": [one] * 5_000}


def batch(number: int) -> dict[str, object]:
    text = "Say of this paragraph what it says. " + "rain falls on green hills near old towns " * 45
    return {"items": [{**prompt(number), "prompt": f"{text} {number} {at}"} for at in range(256)]}


def curated(number: int) -> dict[str, object]:
    questions = [f"How may customer {number} return a desk of kind {at}?" for at in range(100)]
    return {"entries": [{"id": f"desk{number % 50}", "questions": questions, "answer": "In 30 days."}]}


def put(number: int, key: str) -> bytes:
    return posted("/v1/cache/entries", curated(number), key).replace(b"POST", b"PUT", 1)


def named(number: int) -> dict[str, object]:
    return {**prompt(number), "user": f"user {number}" * 10, "tags": [f"tag{number}.{at}" for at in range(16)]}


def feedback(number: int) -> dict[str, object]:
    return {"entry_id": f"{number:064x}:{number:064x}", "prompt": f"question {number}", "verdict": "wrong-match"}


def answered_at_length(number: int) -> dict[str, object]:
    """Fetch a stored answer of about 2 MB."""
    return {"prompt": "Tell me more. " * 150_000, "model": "stub-50ms"}


def turns(number: int) -> dict[str, object]:
    """Eight long turns of a named user, all of which are read for what belongs to that user."""
    said = [f"How do I {'=' * 1_400} {'my ' * 400} {number} {at} please" for at in range(8)]
    messages = [{"role": role, "content": text} for text in said for role in ("assistant", "user")]
    return {"model": "stub-50ms", "user": f"user {number}", "messages": messages}


def inputs(number: int) -> dict[str, object]:
    return {"model": "sentinel/minilm", "input": [f"input {number} {at}" for at in range(500)]}


ATTACKS: Mapping[str, Operation] = MappingProxyType(
    {
        "bodies that drip": dripped,
        "streams that are left": cancelled,
        "5,000 tools": asking(tools, CHAT),
        "batches of 256 long prompts": asking(batch, "/v1/query/batch"),
        "explain of long prompts": asking(lambda number: {"query": similar(number)}, "/v1/cache/explain"),
        "comparison of long prompts": asking(
            lambda number: {"first": similar(number)["prompt"], "second": similar(number + 1)["prompt"]},
            "/v1/cache/compare",
        ),
        "feedback on pairs without end": asking(feedback, "/v1/cache/feedback"),
        "100 curated questions": sent(put),
        "500 inputs to embed": asking(inputs, "/v1/embeddings"),
        "a user and 16 tags for each request": asking(named),
        "eight long turns of a user": asking(turns, CHAT),
        "a stored answer of 2 MB": asking(answered_at_length),
        "one prompt twenty times at once": crowd,
        "idle connections": hoarded,
        "pages without a key": many("GET", "/openapi.json"),
        "pipelined health checks": many("GET", "/health"),
        "HEAD of the guide": many("HEAD", "/guide"),
        "preflights": many("OPTIONS", CHAT, "origin: https://a.example", "access-control-request-method: POST"),
        "upgrades": many("GET", "/v1/models", "connection: upgrade", "upgrade: websocket"),
        "HTTP/1.0": sent(lambda number, key: head("GET", "/v1/models", key, "connection: keep-alive", version="1.0")),
        "256 headers": many("GET", "/health", *(f"x-{at}: {at}" for at in range(250))),
        "gzip bombs": sent(
            lambda number, key: (
                head("POST", QUERY, key, "content-encoding: gzip", f"content-length: {len(BOMB)}", "connection: close")
                + BOMB
            )
        ),
        "chunks of one byte": chunked(b"", 1, 200_000),
        "chunk extensions of 30 KB": chunked(b";a=" + b"b" * 30_000, 100, 200),
        "metrics": sent(lambda number, key: head("GET", "/v1/metrics", key, "connection: close")),
    }
)
