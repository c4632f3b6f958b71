"""Two tenants behind upstreams that abuse HTTP/1.1: how many answers belong to another prompt."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import ssl
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop
from starlette.types import ASGIApp, Message

from scripts.benches import abuse, report, wire_abuse
from scripts.benches.blocks import CHAT
from scripts.benches.report import Row
from sentinel_core.app.build import Sentinel, build
from sentinel_core.app.settings import Settings
from sentinel_core.cache.ports import Vector
from sentinel_core.errors import EmbeddingError
from sentinel_core.tenants import api_key

TENANTS = ("acme", "globex")
VISIBLE_WAYS = {**abuse.WAYS, **wire_abuse.WAYS}
WAYS = {**VISIBLE_WAYS, **abuse.INVISIBLE_WAYS}
TOKEN = re.compile(rb"(?:acme|globex)-[0-9]+-")
CALLERS = 64
PAUSE_SECONDS = 0.3
"""Between two waves of callers: connections that rested become reusable."""
LEAVING = 0.1
"""Share of callers that leave before they have the whole answer."""
LEAVING_SECONDS = 0.1
REPEATED = 0.2
"""Share of prompts that were asked before, and are answered from the cache if their answer was stored."""
SETTINGS = {
    "GROQ_API_KEY": "none",
    "SENTINEL_PROVIDER": "groq",
    "SENTINEL_REQUEST_TIMEOUT_SECONDS": "2",
    "SENTINEL_NAMESPACE_SECRET": "a secret of a server that lives for minutes",
    "SENTINEL_API_KEYS": ", ".join(f"{tenant}:{api_key.digest(tenant)}" for tenant in TENANTS),
}


class NoMeaning:
    """An embedder without a model: the cache answers the same prompt only."""

    id = "none"
    state = "failed"

    async def embed(self, text: str) -> Vector:
        raise EmbeddingError("no model")

    async def embed_many(self, texts: Sequence[str]) -> Sequence[Vector | Exception]:
        return [EmbeddingError("no model") for _ in texts]

    async def aclose(self) -> None:
        """Nothing to give back."""


@dataclass(slots=True)
class Soak:
    """Two tenants that ask through one gateway."""

    app: ASGIApp
    draw: random.Random
    outcomes: Counter[str]
    asked: int = 0

    async def ask(self) -> None:
        """Ask one prompt, fresh or repeated, plain or streamed; count whose answer came."""
        tenant = self.draw.choice(TENANTS)
        self.asked += 1
        number = self.draw.randrange(self.asked) if self.draw.random() < REPEATED else self.asked
        token = f"{tenant}-{number}-"
        body = {
            # Breakers are kept by model: with many models the abuse goes on after failures.
            "model": f"m{number % 499}",
            "messages": [{"role": "user", "content": token}],
            "stream": self.draw.random() < 0.5,
        }
        leaves = self.draw.uniform(0, LEAVING_SECONDS) if self.draw.random() < LEAVING else None
        status, head, answer = await call(self.app, tenant, body, leaves=leaves)
        self.outcomes[judged(token.encode(), status, head, answer)] += 1

    async def wave(self, count: int) -> None:
        await asyncio.gather(*[self._caller(count // CALLERS) for _ in range(CALLERS)])
        await asyncio.sleep(PAUSE_SECONDS)

    async def _caller(self, count: int) -> None:
        for _ in range(count):
            await self.ask()


def judged(token: bytes, status: int, head: bytes, answer: bytes) -> str:
    """Say whose answer it is: own, own from the cache, none, or crossed."""
    found = set(TOKEN.findall(answer))
    if found - {token} or abuse.STRAY in answer:
        return "crossed"
    if status != 200 or token not in found or b'"error"' in answer:
        return "errors"
    return "own, stored" if b"hit" in head else "own"


async def call(app: ASGIApp, tenant: str, body: object, *, leaves: float | None = None) -> tuple[int, bytes, bytes]:
    """Call the application without a socket, and leave after some seconds; return status, `Cache-Status` and body."""
    content, sent = json.dumps(body).encode(), list[Message]()
    has_asked = asyncio.Event()

    async def receive() -> Message:
        if has_asked.is_set():
            if leaves is None:
                await asyncio.Event().wait()
            await asyncio.sleep(leaves or 0)
            return {"type": "http.disconnect"}
        has_asked.set()
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"authorization", f"Bearer {tenant}".encode()), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": CHAT, "raw_path": CHAT.encode(), "query_string": b""}
    await app({**scope, "headers": headers, "scheme": "http", "root_path": ""}, receive, send)
    if not sent:
        return 499, b"", b""
    start, *parts = sent
    status = next((value for name, value in start["headers"] if name == b"cache-status"), b"")
    return start["status"], status, b"".join(part.get("body", b"") for part in parts)


def completion(request: bytes) -> bytes:
    """Answer a request with its own prompt, as a stream where it asks for one."""
    prompt = (TOKEN.search(request) or [b"none"])[0].decode()
    text = f"This is the answer to {prompt} and to no other."
    if re.search(rb'"stream": ?true', request):
        return _events(text)
    message = {"role": "assistant", "content": text}
    choice: dict[str, Any] = {"index": 0, "message": message, "finish_reason": "stop"}
    return json.dumps({"object": "chat.completion", "model": "m", "choices": [choice]}).encode()


def _events(text: str) -> bytes:
    parts = [{"role": "assistant"}, *({"content": word} for word in re.findall(r"\s*\S+", text)), {}]
    ends = [None] * (len(parts) - 1) + ["stop"]
    choices = ([{"index": 0, "delta": part, "finish_reason": end}] for part, end in zip(parts, ends, strict=True))
    chunks = ({"object": "chat.completion.chunk", "model": "m", "choices": each} for each in choices)
    return b"".join(b"data: %s\n\n" % json.dumps(each).encode() for each in chunks) + b"data: [DONE]\n\n"


@asynccontextmanager
async def upstream(way: abuse.Way, tls: ssl.SSLContext | None) -> AsyncIterator[str]:
    """Serve completions in one way of abuse; yield the address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, RuntimeError):  # uvloop raises the second for a closed transport
            await way(reader, writer, completion)
            await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"{'http' if tls is None else 'https'}://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()


@asynccontextmanager
async def gateway(url: str) -> AsyncIterator[Sentinel]:
    built = build(Settings.from_environ({**SETTINGS, "GROQ_BASE_URL": url}), embedder=NoMeaning(), has_background=True)
    try:
        yield built
    finally:
        await built.parts.aclose()


async def soak(way: str, count: int, seconds: float, seed: int, tls: ssl.SSLContext | None) -> Row:
    """Ask `count` times, or for so many seconds where most calls fail."""
    outcomes, begun = Counter[str](), time.monotonic()
    async with upstream(WAYS[way], tls) as url, gateway(url) as built:
        run = Soak(built.app, random.Random(seed), outcomes)
        while run.asked < count and time.monotonic() - begun < seconds:
            await run.wave(max(CALLERS, min(CALLERS * 16, count - run.asked)))
    kinds = {kind: outcomes[kind] for kind in ("own", "own, stored", "errors", "crossed")}
    return {"way": way, "requests": outcomes.total(), **kinds, "seconds": time.monotonic() - begun}


async def _main(requests: int, seconds: float, seed: int, tls: ssl.SSLContext | None) -> list[Row]:
    """Go through the ways in rounds until all together have asked `requests` times."""
    rows: list[Row] = []
    ways = WAYS if tls is None else VISIBLE_WAYS  # reused connections cannot show the others
    total, each = 0, max(CALLERS, min(2_500, -(-requests // len(ways))))
    while total < requests:
        for way in ways:
            if total < requests:
                rows.append(await soak(way, min(each, requests - total), seconds, seed + len(rows), tls))
                total += int(rows[-1]["requests"] or 0)
    return rows


def _certified() -> ssl.SSLContext:
    """Return the context of a server of this machine, which all clients of this process trust from now on."""
    import trustme

    authority, path = trustme.CA(), Path(tempfile.mkdtemp()) / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    os.environ["SSL_CERT_FILE"] = str(path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def summed(rows: Sequence[Row]) -> list[Row]:
    """Add the rounds of each way, and all ways."""
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        for name in (str(row["way"]), "all"):
            kept = found.setdefault(name, {})
            for column, value in row.items():
                if isinstance(value, int | float):
                    kept[column] = kept.get(column, 0) + value
    ordered = sorted(found, key=lambda name: name == "all")
    return [{"way": name, **found[name]} for name in ordered]


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench crossed", description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000, help="of all ways together")
    parser.add_argument("--seconds", type=float, default=20, help="most of one way in one round")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tls", action="store_true", help="https, whose connections are used again")
    arguments = parser.parse_args(argv)
    tls = _certified() if arguments.tls else None
    rows = summed(uvloop.run(_main(arguments.requests, arguments.seconds, arguments.seed, tls)))
    report.publish("crossed", {"Answers to another's prompt; the target is 0": rows})
    return 1 if rows[-1]["crossed"] else 0
