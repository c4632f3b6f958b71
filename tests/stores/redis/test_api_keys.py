"""Keys in Redis; whoever else writes there makes none and brings none back."""

from __future__ import annotations

import logging
from typing import Any, cast

import pytest

from scripts.devtools.redis.server import RedisServer
from sentinel_core.errors import StoreError
from sentinel_core.stores.redis import sealing
from sentinel_core.stores.redis.api_keys import RedisKeys
from sentinel_core.stores.redis.connection import Command, RedisConnection
from sentinel_core.stores.redis.daily_counters import Tally
from sentinel_core.stores.redis.faults import Faults
from sentinel_core.support.clock import SYSTEM_CLOCK
from sentinel_core.tenants import key_operations
from sentinel_core.tenants.api_key import ApiKey
from tests.support.fakes import NotedEvents
from tests.tenants.doors import SECRET, key_of, shown_to

pytestmark = pytest.mark.anyio

MINE = key_of("acme", created=2.5)
NAME = f"sentinel:v1:key:{MINE.sha256}"
FORGED = ApiKey(sha256=MINE.sha256, tenant="nobody", state="forged")


async def record(wire: RedisConnection, key: ApiKey = MINE) -> dict[str, str]:
    [kept] = await wire.run([("HGETALL", f"sentinel:v1:key:{key.sha256}")])
    parts = cast("list[str]", kept)
    return dict(zip(parts[::2], parts[1::2], strict=True))


async def test_keys_are_there_for_every_instance(wire: RedisConnection) -> None:
    mine, theirs = RedisKeys(wire, SECRET), RedisKeys(wire, SECRET)
    first = key_of("acme", created=2.5, expires=9.25, models=("small", "a/b"), providers=("groq",), name="ci")
    second = key_of("globex", created=1.0)
    assert await theirs.all() == []
    await mine.put(first)
    await theirs.put(second)
    assert await theirs.all() == [second, first]
    await mine.put(first.revoked())

    assert await theirs.get(first.sha256) == first.revoked()
    assert await mine.get("0" * 64) is None


async def test_the_database_holds_no_key_that_could_be_used(wire: RedisConnection, database: RedisServer) -> None:
    await RedisKeys(wire, SECRET).put(MINE)

    [listed, kept] = await wire.run([("KEYS", "*"), ("HGETALL", NAME)])

    assert isinstance(listed, list)
    assert sorted(map(str, listed)) == sorted([NAME, "sentinel:v1:keys"])
    assert shown_to("acme") not in f"{listed}{kept}"


async def test_what_redis_refuses_to_tell_nobody_can_judge(wire: RedisConnection, database: RedisServer) -> None:
    database.ask("ACL SETUSER default -hgetall")
    try:
        with pytest.raises(StoreError):
            await RedisKeys(wire, SECRET).get(MINE.sha256)
    finally:
        database.ask("ACL SETUSER default +hgetall")


async def test_nor_a_record_of_ours_with_a_field_that_is_not_known_here(wire: RedisConnection) -> None:
    text = f'{{"sha256":"{MINE.sha256}","tenant":"acme","later":1}}'
    seal = sealing.seal(sealing.derived(SECRET, "api-keys"), NAME, text)
    await wire.run([("HSET", NAME, "record", text, "seal", seal)])

    with pytest.raises(StoreError):
        await RedisKeys(wire, SECRET).get(MINE.sha256)


def unsealed(tenant: str) -> tuple[str, ...]:
    """A record as this service wrote it before there were seals."""
    return ("sha256", f'"{MINE.sha256}"', "tenant", f'"{tenant}"', "state", '"active"')


@pytest.mark.parametrize(
    "command",
    [
        ("SET", NAME, "x"),
        ("HSET", NAME, "tenant", '"acme"'),
        ("HSET", NAME, *unsealed("globex")),
        ("HSET", NAME, "record", MINE.model_dump_json()),
        ("HSET", NAME, "record", MINE.model_dump_json(), "seal", ""),
        ("HSET", NAME, "record", MINE.model_dump_json(), "seal", "0" * 32),
        ("HSET", NAME, "seal", "0" * 32),
        ("HSET", NAME, "record", MINE.model_dump_json(), "seal", "é"),
    ],
)
async def test_a_record_of_another_writer_opens_nothing_and_is_reported(
    wire: RedisConnection, command: Command, caplog: pytest.LogCaptureFixture
) -> None:
    events = NotedEvents()
    store = RedisKeys(wire, SECRET, Faults(Tally(), SYSTEM_CLOCK, events))
    await wire.run([command, ("SADD", "sentinel:v1:keys", MINE.sha256)])

    with caplog.at_level(logging.ERROR, "sentinel"):
        assert await store.get(MINE.sha256) is None

    where = {"key": MINE.id}
    assert [(told.msg, getattr(told, "fields", None)) for told in caplog.records] == [("key.forged", where)]
    assert events.forgeries == [where]
    assert await store.all() == [FORGED]
    assert events.forgeries == [where]


@pytest.mark.parametrize(
    "changed",
    [
        {"tenant": "globex"},
        {"name": "ci"},
        {"created": 3.5},
        {"expires": 9e9},
        {"state": "active"},
        {"models": ("a",)},
        {"providers": ("groq",)},
        {"limits": {"usd_per_day": 1e6}},
    ],
)
async def test_no_field_can_be_changed_and_no_revoked_key_made_active(
    wire: RedisConnection, changed: dict[str, Any]
) -> None:
    store, revoked = RedisKeys(wire, SECRET), MINE.revoked()
    await store.put(revoked)
    other = ApiKey.model_validate({**revoked.model_dump(), **changed})
    await wire.run([("HSET", NAME, "record", other.model_dump_json())])

    assert await store.get(MINE.sha256) is None


async def test_a_record_is_good_for_its_own_key_only(wire: RedisConnection) -> None:
    store, theirs = RedisKeys(wire, SECRET), key_of("globex")
    await store.put(theirs)
    fields = [text for pair in (await record(wire, theirs)).items() for text in pair]
    await wire.run([("HSET", NAME, *fields)])

    assert await store.get(MINE.sha256) is None
    assert await store.get(theirs.sha256) == theirs


@pytest.mark.parametrize(("wrote", "reads"), [(SECRET, b"another"), (b"", SECRET), (b"", b""), (SECRET, b"")])
async def test_without_the_secret_it_was_sealed_with_no_record_is_good(
    wire: RedisConnection, wrote: bytes, reads: bytes
) -> None:
    await RedisKeys(wire, wrote).put(MINE)

    assert await RedisKeys(wire, reads).get(MINE.sha256) is None
    assert await RedisKeys(wire, reads).all() == [FORGED]


async def test_fields_that_somebody_added_change_nothing(wire: RedisConnection) -> None:
    store = RedisKeys(wire, SECRET)
    await store.put(MINE)
    await wire.run([("HSET", NAME, *unsealed("globex"))])

    assert await store.get(MINE.sha256) == MINE


async def test_forged_records_are_listed_last_and_do_not_stand_before_a_key_of_the_same_id(
    wire: RedisConnection,
) -> None:
    store, twin = RedisKeys(wire, SECRET), MINE.id + "0" * 48
    await store.put(MINE)
    names = [("HSET", f"sentinel:v1:key:{twin}", "tenant", '"x"'), ("SET", "sentinel:v1:key:junk", "x")]
    await wire.run([*names, ("SADD", "sentinel:v1:keys", twin, "junk", "0" * 64)])

    assert await store.all() == [MINE, FORGED.model_copy(update={"sha256": twin})]


async def test_a_forged_record_can_be_revoked_and_is_then_one_of_ours(wire: RedisConnection) -> None:
    store = RedisKeys(wire, SECRET)
    await wire.run([("HSET", NAME, *unsealed("globex")), ("SADD", "sentinel:v1:keys", MINE.sha256)])
    [forged] = await store.all()
    assert await key_operations.revoke(store, forged)

    assert await store.get(MINE.sha256) == FORGED.revoked()
