"""The audit log in a real Redis."""

from __future__ import annotations

import pytest

from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.audit_log import RedisAudit
from sentinel_core.stores.redis.connection import RedisConnection
from sentinel_core.support.signing_key import FixedKey
from sentinel_core.telemetry.audit import Action, AuditTrail
from sentinel_core.telemetry.audit_check import check
from tests.support.fakes import FakeClock

pytestmark = pytest.mark.anyio
KEY = b"a key of the audit log"


async def test_records_of_two_instances_are_read_in_pages(wire: RedisConnection, clock: FakeClock) -> None:
    store = RedisAudit(wire)
    trails = [AuditTrail(store, FixedKey(KEY), clock) for _ in range(2)]
    records = [await trail.record(Action("admin", "x")) for _ in range(3) for trail in trails]
    first = await store.read(None, 4)
    rest = await store.read(first[-1][0], 4)
    assert [line for _, line in [*first, *rest]] == [record.line() for record in records]
    assert await store.count() == 6


async def test_old_records_are_trimmed_to_checkpoints(wire: RedisConnection, clock: FakeClock) -> None:
    store = RedisAudit(wire)
    trail = AuditTrail(store, FixedKey(KEY), clock, days=1)
    for _ in range(3):
        await trail.record(Action("admin", "old"))
    clock.advance(2 * 86_400)
    new = await trail.record(Action("admin", "new"))
    await trail.retain()
    lines = [line for _, line in await store.read(None, 9)]
    assert lines == [new.line()]
    assert list(check(lines, await store.checkpoints(), {}, KEY)) == []


async def test_an_item_removed_in_redis_is_found(wire: RedisConnection, clock: FakeClock) -> None:
    store = RedisAudit(wire)
    trail = AuditTrail(store, FixedKey(KEY), clock, chain="a" * 16)
    for _ in range(3):
        await trail.record(Action("admin", "x"))
    cursors = [cursor for cursor, _ in await store.read(None, 9)]
    await wire.run([("XDEL", key_names.AUDIT, cursors[1])])
    lines = [line for _, line in await store.read(None, 9)]
    assert list(check(lines, [], {}, KEY)) == [f"chain {'a' * 16}: records 1 to 1 are missing"]
