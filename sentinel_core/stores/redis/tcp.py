"""Redis or Valkey over TCP, by redis-py with hiredis."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hiredis import pack_command
from redis.asyncio import BlockingConnectionPool, Connection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoPermissionError, OutOfMemoryError, ReadOnlyError, RedisError, ResponseError

from sentinel_core.errors import ConfigurationError, StoreError
from sentinel_core.stores.redis.connection import DEFAULT_TIMEOUT, Command, Reply, refusal

FOREIGN = (RedisError, OSError, ValueError)

CODES = {ReadOnlyError: "READONLY", OutOfMemoryError: "OOM", NoPermissionError: "NOPERM"}
"""redis-py drops the code of an error it has a class for."""


class TcpConnection:
    """
    redis-py's connections, used without its client: that would turn replies into Python shapes by command.
    hiredis writes the commands, in a quarter of redis-py's time.

    A connection whose replies were not all read is closed, lest the next caller read them as its own.
    Raises ConfigurationError for a malformed URL.
    """

    def __init__(self, url: str, *, timeout: float = DEFAULT_TIMEOUT, max_connections: int = 64) -> None:
        self._timeout = timeout
        try:
            self._pool = BlockingConnectionPool.from_url(
                url,
                max_connections=max_connections,
                timeout=None,  # the budget of `run` covers the wait
                protocol=2,
                decode_responses=True,
                encoding_errors="replace",
                retry=Retry(NoBackoff(), 0),
                socket_timeout=None,
                socket_connect_timeout=timeout,
                driver_info=None,
            )
        except ValueError as error:
            raise ConfigurationError("the Redis URL must be redis://[user:password@]host[:port][/number]") from error

    async def run(self, commands: Sequence[Command]) -> list[Reply]:
        try:
            async with asyncio.timeout(self._timeout):
                connection: Connection = await self._pool.get_connection()  # type: ignore[no-untyped-call]
                try:
                    return await self._exchange(connection, commands)
                finally:
                    await self._pool.release(connection)
        except ResponseError as error:  # on connecting: a wrong password, a database that does not exist
            raise _refusal(error) from error
        except FOREIGN as error:
            raise StoreError(f"no answer: {type(error).__name__}") from error

    async def aclose(self) -> None:
        await self._pool.disconnect()

    async def _exchange(self, connection: Connection, commands: Sequence[Command]) -> list[Reply]:
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


async def _reply(connection: Connection) -> Reply:
    try:
        reply: Reply = await connection.read_response(disconnect_on_error=False)
    except ResponseError as error:
        return _refusal(error)
    return reply


def _refusal(error: ResponseError) -> StoreError:
    return refusal(CODES.get(type(error), error))
