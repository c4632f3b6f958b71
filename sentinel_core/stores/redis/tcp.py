"""Redis or Valkey over TCP, by redis-py with hiredis: one server, or the master that Redis Sentinel names."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

from hiredis import pack_command
from redis.asyncio import Connection, ConnectionPool
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import (
    Sentinel,
    SentinelConnectionPool,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
)
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from sentinel_core.errors import StoreError
from sentinel_core.stores.redis.addresses import Address, address
from sentinel_core.stores.redis.connection import DEFAULT_TIMEOUT, Command, Reply, is_refused, refusal

FOREIGN = (RedisError, OSError, ValueError)
SENTINEL_TRIES = 4
"""Sentinels that one round trip has time to ask."""

Raw: TypeAlias = "Reply | RedisError"
"""A reply, or the error of redis-py that a command was answered with."""


class TcpConnection:
    """
    redis-py's connections, used without its client: that would turn replies into Python shapes by command.
    hiredis writes the commands, in a quarter of redis-py's time.

    A connection whose replies were not all read is closed, lest the next caller read them as its own. So is one to
    a server that turned into a replica: the next connection resolves the address again.
    Raises ConfigurationError for a malformed URL.
    """

    def __init__(self, url: str, *, timeout: float = DEFAULT_TIMEOUT, max_connections: int = 64) -> None:
        self._timeout = timeout
        self._places = asyncio.Semaphore(max_connections)
        self._pool = _pool(address(url), timeout, max_connections)

    async def run(self, commands: Sequence[Command]) -> list[Reply]:
        try:
            async with asyncio.timeout(self._timeout), self._places:
                connection: Connection = await self._pool.get_connection()  # type: ignore[no-untyped-call]
                try:
                    replies = [translated(raw) for raw in await exchange(connection, commands)]
                    if any(is_refused(reply, "READONLY") for reply in replies):
                        await connection.disconnect(nowait=True)
                    return replies
                finally:
                    await self._pool.release(connection)
        except FOREIGN as error:
            raise failure(error) from error

    async def aclose(self) -> None:
        await self._pool.disconnect()
        if isinstance(self._pool, SentinelConnectionPool):
            for sentinel in self._pool.sentinel_manager.sentinels:
                await sentinel.aclose()


async def exchange(connection: Connection, commands: Sequence[Command]) -> list[Raw]:
    """Send commands on a connection and read their replies; the connection is closed unless all were read."""
    is_clean = False
    try:
        packed = [pack_command(command) for command in commands]  # type: ignore[arg-type]  # takes any tuple
        await connection.send_packed_command(packed, check_health=False)
        replies = [await _reply(connection) for _ in commands]
        is_clean = True
        return replies
    finally:
        if not is_clean:
            await connection.disconnect(nowait=True)


def common_options(timeout: float) -> dict[str, Any]:
    """Return the keyword arguments that every connection gets; they win over those of the URL."""
    return {
        "protocol": 2,
        "decode_responses": True,
        "encoding_errors": "replace",
        "socket_timeout": None,  # the budget of `run` covers the wait
        "socket_connect_timeout": timeout,
        "driver_info": None,
    }


def translated(raw: Raw) -> Reply:
    """Turn an error of redis-py into ours, and pass everything else on."""
    return failure(raw) if isinstance(raw, RedisError) else raw


def failure(error: BaseException) -> StoreError:
    """Translate an error of redis-py or the network; one that Redis sent keeps its code, its cause's if it has none."""
    if isinstance(error, StoreError):
        return error
    each: BaseException | None = error
    while each is not None:
        if is_reply(each):
            return refusal(getattr(each, "status_code", None) or each)
        each = each.__cause__ or each.__context__
    return StoreError(f"no answer: {type(error).__name__}")


def is_reply(error: BaseException) -> bool:
    """Whether Redis sent this error as a reply; redis-py raises its own network errors by the same classes."""
    return getattr(error, "status_code", None) is not None or type(error) is ResponseError


async def _reply(connection: Connection) -> Raw:
    try:
        return cast("Reply", await connection.read_response(disconnect_on_error=False))
    except RedisError as error:
        if not is_reply(error):
            raise
        return error


def _pool(where: Address, timeout: float, max_connections: int) -> ConnectionPool:
    options = {**where.options, **common_options(timeout), "retry": Retry(NoBackoff(), 0)}
    if where.sentinels:
        return _sentinel_pool(where, options, timeout, max_connections)
    return ConnectionPool(**{**options, "max_connections": max_connections})


def _sentinel_pool(where: Address, options: Mapping[str, Any], timeout: float, max_connections: int) -> ConnectionPool:
    share = timeout / SENTINEL_TRIES
    asking = {"socket_timeout": share, "socket_connect_timeout": share, "retry": Retry(NoBackoff(), 0)}
    sentinel = Sentinel(  # type: ignore[no-untyped-call]
        list(where.sentinels), sentinel_kwargs={**where.sentinel_options, **asking, "driver_info": None}
    )
    is_encrypted = "connection_class" in options
    kind = SentinelManagedSSLConnection if is_encrypted else SentinelManagedConnection
    pool: ConnectionPool = SentinelConnectionPool(  # type: ignore[no-untyped-call]
        where.service, sentinel, **{**options, "connection_class": kind, "max_connections": max_connections}
    )
    return pool
