"""Checks that Redis takes and returns every kind of value that Sentinel stores."""

from __future__ import annotations

import asyncio
import math
import secrets
from collections.abc import Awaitable, Sequence

from sentinel_core.errors import RefusedError, StoreError
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import Command, RedisConnection, Reply
from sentinel_core.stores.redis.refusals import explained
from sentinel_core.stores.redis.round_trips import Trips
from sentinel_core.support.clock import Clock

REUSE_SECONDS = 1.0
"""How long one outcome answers all callers: `/health` is open to everyone, and a managed Redis bills by command."""


class Probe:
    """Writes, reads back and deletes a value of each type, under keys of its own, in one round trip."""

    def __init__(self, trips: Trips, clock: Clock) -> None:
        self._trips = trips
        self._monotonic = clock.monotonic
        self._running = asyncio.Lock()
        self._at = -math.inf
        self._failure: StoreError | None = None

    async def check(self) -> None:
        """Raise StoreError with the code of Redis and a remedy, unless all of it works; the breaker is not asked."""
        async with self._running:
            if self._monotonic() - self._at >= REUSE_SECONDS:
                self._failure = await self._outcome()
                self._at = self._monotonic()
        if self._failure is not None:
            raise self._failure

    async def _outcome(self) -> StoreError | None:
        token = secrets.token_hex(8)
        commands = _commands(token)
        return await _judged(self._trips.watched(commands), commands, token)


async def first_failure(connection: RedisConnection) -> StoreError | None:
    """Return why a connection does not serve the store, by its first round trip; None if it does."""
    token = secrets.token_hex(8)
    commands = _commands(token)
    return await _judged(connection.run(commands), commands, token)


async def _judged(sent: Awaitable[Sequence[Reply]], commands: Sequence[Command], token: str) -> StoreError | None:
    try:
        return _verdict(commands, await sent, token)
    except RefusedError as error:
        return StoreError(explained(error))
    except StoreError as error:
        return error


def _commands(token: str) -> list[Command]:
    """Return one command of each kind that requests send; the value of the token expires if its DEL gets lost."""
    value = key_names.check(token)
    stream, count, ranks, fields = map(key_names.check, ("stream", "count", "ranks", "fields"))
    return [
        ("PING",),
        ("SET", value, token, "EX", "60"),
        ("GET", value),
        ("XADD", stream, "MAXLEN", "1", "*", "d", token),
        ("XRANGE", stream, "-", "+", "COUNT", "1"),
        ("INCRBY", count, "1"),
        ("EXPIRE", count, "60"),
        ("ZADD", ranks, "0", "d"),
        ("HINCRBY", fields, "d", "1"),
        ("MGET", value, count),
        ("DEL", value, stream, count, ranks, fields),
    ]


def _verdict(commands: Sequence[Command], replies: Sequence[Reply], token: str) -> StoreError | None:
    for command, reply in zip(commands, replies, strict=True):
        if isinstance(reply, RefusedError) and not (command == ("PING",) and reply.code == "NOPERM"):
            return StoreError(explained(reply, command[0]))
        if isinstance(reply, StoreError) and not isinstance(reply, RefusedError):
            return reply
        if command[0] == "GET" and reply != token:
            return StoreError("a value that was just written reads back differently")
    return None
