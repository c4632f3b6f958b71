"""Keeps the audit log in Redis: a stream of records, and a hash of checkpoints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from sentinel_core.errors import StoreError
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import Command, RedisConnection, checked, listed, paired
from sentinel_core.telemetry.audit import Checkpoint

MOST_CHECKPOINTS = 1_000
_LINE = "r"


class RedisAudit:
    """An `AuditStore` over one wire; the ids of the stream are its cursors."""

    def __init__(self, wire: RedisConnection) -> None:
        self._wire = wire

    async def append(self, line: str) -> None:
        checked(await self._wire.run([("XADD", key_names.AUDIT, "*", _LINE, line)]))

    async def read(self, after: str | None, limit: int) -> Sequence[tuple[str, str]]:
        start = "-" if after is None else f"({after}"
        [page] = await self._wire.run([("XRANGE", key_names.AUDIT, start, "+", "COUNT", str(limit))])
        items = [listed(item, 2) for item in listed(page)]
        return [(str(cursor), paired(fields).get(_LINE, "")) for cursor, fields in items]

    async def count(self) -> int:
        [length] = checked(await self._wire.run([("XLEN", key_names.AUDIT)]))
        return int(str(length))

    async def checkpoints(self) -> Sequence[Checkpoint]:
        [reply] = await self._wire.run([("HGETALL", key_names.CHECKPOINTS)])
        try:
            return [Checkpoint(**json.loads(text)) for text in paired(reply).values()]
        except (ValueError, TypeError) as error:
            raise StoreError("a checkpoint of the audit log is not ours") from error

    async def trim(self, upto: str, checkpoints: Sequence[Checkpoint]) -> None:
        latest = sorted(checkpoints, key=lambda each: -each.at)
        pairs = [part for each in latest[:MOST_CHECKPOINTS] for part in (each.chain, json.dumps(asdict(each)))]
        writing: list[Command] = [("HSET", key_names.CHECKPOINTS, *pairs)]
        if gone := [each.chain for each in latest[MOST_CHECKPOINTS:]]:
            writing.append(("HDEL", key_names.CHECKPOINTS, *gone))
        checked(await self._wire.run(writing))
        time, _, sequence = upto.partition("-")
        await self._wire.run([("XTRIM", key_names.AUDIT, "MINID", f"{time}-{int(sequence) + 1}")])
