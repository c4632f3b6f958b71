"""Finds out whether one server or a cluster is at an address, and connects accordingly."""

from __future__ import annotations

from collections.abc import Sequence

from sentinel_core.errors import RefusedError, StoreError
from sentinel_core.stores.redis.addresses import address
from sentinel_core.stores.redis.cluster import ClusterConnection
from sentinel_core.stores.redis.connection import DEFAULT_TIMEOUT, Command, RedisConnection, Reply, is_refused
from sentinel_core.stores.redis.tcp import TcpConnection


class DetectedConnection:
    """
    A `RedisConnection` that asks the server for its mode before the first batch, once.

    A server that does not know HELLO (before Redis 6) is taken for a single one, until it answers MOVED.
    Raises ConfigurationError for a malformed URL.
    """

    def __init__(self, url: str, *, timeout: float = DEFAULT_TIMEOUT) -> None:
        self._url = url
        self._timeout = timeout
        self._single = TcpConnection(url, timeout=timeout)
        self._found: RedisConnection | None = self._single if address(url).sentinels else None

    async def run(self, commands: Sequence[Command]) -> list[Reply]:
        if self._found is None:
            await self._detect()
        replies = await (self._found or self._single).run(commands)
        if self._found is self._single and any(is_refused(reply, "MOVED") for reply in replies):
            await self._take_cluster()
        return replies

    async def aclose(self) -> None:
        await self._single.aclose()
        if self._found is not None:
            await self._found.aclose()

    async def _detect(self) -> None:
        """Raise StoreError while the server does not say its mode."""
        [reply] = await self._single.run([("HELLO",)])
        if isinstance(reply, RefusedError) and reply.code != "ERR":
            raise reply
        mode = _mode(reply)
        if mode == "sentinel":
            raise StoreError("a Redis Sentinel is no store: use redis+sentinel://host:port/service")
        if mode == "cluster":
            await self._take_cluster()
        else:
            self._found = self._single

    async def _take_cluster(self) -> None:
        if not isinstance(self._found, ClusterConnection):
            self._found = ClusterConnection(self._url, timeout=self._timeout)
        await self._single.aclose()


def _mode(reply: Reply) -> str:
    """Read the mode from the reply to HELLO; empty for anything else."""
    fields = reply if isinstance(reply, list) else []
    named = dict(zip(map(str, fields[::2]), fields[1::2], strict=False))
    return str(named.get("mode", ""))
