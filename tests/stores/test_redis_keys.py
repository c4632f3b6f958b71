from __future__ import annotations

import pytest

from scripts.lib.server import RedisServer
from sentinel_core.errors import StoreError
from sentinel_core.stores.redis_keys import RedisKeys
from sentinel_core.stores.wires import Wire
from tests.tenants.doors import key_of, shown_to

pytestmark = pytest.mark.anyio


async def test_keys_are_there_for_every_instance(wire: Wire) -> None:
    mine, theirs = RedisKeys(wire), RedisKeys(wire)
    first = key_of("acme", created=2.5, expires=9.25, models=("small", "a/b"), providers=("groq",), name="ci")
    second = key_of("globex", created=1.0)
    assert await theirs.all() == []
    await mine.put(first)
    await theirs.put(second)
    assert await theirs.all() == [second, first]
    await mine.put(first.revoked())

    assert await theirs.get(first.sha256) == first.revoked()
    assert await mine.get("0" * 64) is None


async def test_the_database_holds_no_key_that_could_be_used(wire: Wire, database: RedisServer) -> None:
    await RedisKeys(wire).put(key_of("acme"))
    name = f"sentinel:v1:key:{key_of('acme').sha256}"

    [listed, kept] = await wire.run([("KEYS", "*"), ("HGETALL", name)])

    assert isinstance(listed, list)
    assert sorted(map(str, listed)) == sorted([name, "sentinel:v1:keys"])
    assert shown_to("acme") not in f"{listed}{kept}"


@pytest.mark.parametrize(
    "command",
    [
        ("SET", "x"),
        ("HSET", "tenant", '"acme"'),
        ("HSET", "tenant", "acme"),
        ("HSET", "sha256", f'"{"0" * 64}"', "tenant", '"acme"'),
        ("HSET", "sha256", f'"{"1" * 64}"', "tenant", '"acme"', "rate", "1"),
    ],
)
async def test_what_is_not_a_key_of_ours_opens_nothing(
    wire: Wire, database: RedisServer, command: tuple[str, ...]
) -> None:
    name, *rest = command
    await wire.run([(name, f"sentinel:v1:key:{'1' * 64}", *rest)])

    with pytest.raises(StoreError):
        await RedisKeys(wire).get("1" * 64)
