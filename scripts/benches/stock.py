"""Sentinel with the upstash-redis SDK as it comes: its own httpx client, for comparison only."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

from upstash_redis.asyncio import Redis

from sentinel_core import __main__
from sentinel_core.app import stores
from sentinel_core.app.settings import Settings
from sentinel_core.stores.redis import upstash
from sentinel_core.stores.redis.connection import Command, Reply


class StockWire:
    def __init__(self, url: str, token: str, *, timeout: float, transport: object) -> None:
        self._redis = Redis(url, token, rest_encoding=None, rest_retries=0, allow_telemetry=False)

    async def run(self, commands: Sequence[Command]) -> list[Reply]:
        pipeline = self._redis.pipeline()
        replies: Any = await self._redis._http.execute(
            pipeline._url, pipeline._headers, [list(command) for command in commands], from_pipeline=True
        )
        return list(replies)

    async def aclose(self) -> None:
        await self._redis.close()


if __name__ == "__main__":
    setattr(upstash, "UpstashWire", StockWire)  # noqa: B010  a stand-in, which the types need not know of
    if not isinstance(stores.wire(Settings.from_environ(os.environ)), StockWire):
        sys.exit("the wire is chosen elsewhere by now: nothing would be compared")
    sys.exit(__main__.main(sys.argv[1:]))
