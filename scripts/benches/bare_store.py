"""The bare limit of a stored answer: a FastAPI route that validates the same body and makes one raw round trip."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

import httpx
import redis.asyncio
import uvicorn
from fastapi import FastAPI

from sentinel_core.web.routes.query import QueryRequest, QueryResponse

KEY = "bare:entry"
ANSWER = "An answer of the usual length. " * 20


class RawUpstash:
    """One GET over a kept connection, written and parsed by hand: nothing can be faster in Python."""

    def __init__(self, url: str, token: str) -> None:
        address = urlsplit(url)
        self._address = address.hostname or "", address.port or 80
        body = json.dumps(["GET", KEY]).encode()
        head = f"POST / HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: {len(body)}\r\n\r\n"
        self._request = head.encode() + body
        httpx.post(url, headers={"authorization": f"Bearer {token}"}, json=["SET", KEY, ANSWER]).raise_for_status()
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def __call__(self) -> str:
        link = self._idle.pop() if self._idle else await asyncio.open_connection(*self._address)
        reader, writer = link
        writer.write(self._request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        body = await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
        self._idle.append(link)
        return str(json.loads(body)["result"])


def raw_redis(url: str) -> Callable[[], Awaitable[str]]:
    redis.Redis.from_url(url).set(KEY, ANSWER)
    client = redis.asyncio.Redis.from_url(url, decode_responses=True)

    async def get() -> str:
        return str(await client.get(KEY))

    return get


def create(get: Callable[[], Awaitable[str]]) -> FastAPI:
    app = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False})

    @app.post("/v1/query")
    async def query(body: QueryRequest) -> QueryResponse:
        return QueryResponse(
            response=await get(),
            cache_hit=True,
            similarity_score=1.0,
            matched_prompt=body.prompt,
            provider="groq",
            model="stub",
            tokens_used=0,
            latency_ms=0.123,
            cost_usd=0.0,
            saved_usd=0.0001275,
            outcome="hit_exact",
            reason="exact",
            age_seconds=12,
            finish_reason="stop",
        )

    return app


def main(argv: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.benches.bare_store", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--redis", default="")
    parser.add_argument("--upstash", default="")
    parser.add_argument("--token", default="")
    options = parser.parse_args(argv)
    get = raw_redis(options.redis) if options.redis else RawUpstash(options.upstash, options.token)
    uvicorn.run(create(get), port=options.port, access_log=False, log_config=None, server_header=False)


if __name__ == "__main__":
    main(sys.argv[1:])
