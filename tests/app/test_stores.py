from __future__ import annotations

from pathlib import Path

import pytest

from scripts.devtools.redis.server import RedisServer
from sentinel_core.app.settings import Settings
from sentinel_core.app.stores import asks_for_keys, backend, directory, sealing_secret, wire
from sentinel_core.errors import UnauthenticatedError
from sentinel_core.stores.redis.key_names import api_key
from sentinel_core.support.clock import SYSTEM_CLOCK
from tests.support.fakes import NotedEvents, counted
from tests.support.processes import PATIENT
from tests.tenants.doors import key_of, shown_to

SECRET = {"SENTINEL_NAMESPACE_SECRET": "a secret of sixteen"}
KEYS = {"SENTINEL_API_KEYS": f"acme:{'0' * 64}"}


@pytest.fixture
def folder(tmp_path: Path) -> dict[str, str]:
    return {"SENTINEL_KEYS_FILE": str(tmp_path / "keys.json")}


@pytest.mark.parametrize(
    ("environ", "asks", "sealed"),
    [
        ({}, False, b""),
        ({"SENTINEL_OPEN": "true"}, False, b""),
        (SECRET, True, b"a secret of sixteen"),
        (SECRET | {"SENTINEL_OPEN": "true"}, False, b"a secret of sixteen"),
    ],
)
def test_values_are_sealed_under_the_secret_that_is_set(
    folder: dict[str, str], environ: dict[str, str], asks: bool, sealed: bytes
) -> None:
    settings = Settings.from_environ({**folder, **environ})

    assert (asks_for_keys(settings), sealing_secret(settings)) == (asks, sealed)


def test_where_keys_are_asked_for_and_none_is_set_it_is_the_one_kept_beside_them(folder: dict[str, str]) -> None:
    settings = Settings.from_environ({**folder, **KEYS})
    made = sealing_secret(settings)

    assert asks_for_keys(settings)
    assert len(made) == 64
    assert sealing_secret(settings) == made


@pytest.mark.anyio
async def test_a_key_that_somebody_else_wrote_is_told_of_and_counted_as_an_entry_is(tmp_path: Path) -> None:
    redis = RedisServer(tmp_path, durable=False)
    redis.start()
    try:
        settings = Settings.from_environ({**SECRET, **PATIENT, "SENTINEL_REDIS_URL": redis.url})
        heard = NotedEvents()
        built = backend(settings, wire(settings), embedder_id="e1", clock=SYSTEM_CLOCK, events=heard)
        door = directory(settings, built.keys, SYSTEM_CLOCK)
        redis.ask("HSET", api_key(key_of("acme").sha256), "tenant", "acme")
        assert door is not None
        for _ in range(2):
            with pytest.raises(UnauthenticatedError):
                await door.caller(shown_to("acme"))

        assert built.books is not None
        assert (heard.forgeries, await counted(built.books)) == ([{"key": key_of("acme").id}], {"forged": 1.0})
        await built.entries.aclose()
    finally:
        redis.kill()


def test_memory_has_neither_a_fleet_nor_claims(folder: dict[str, str]) -> None:
    built = backend(Settings.from_environ(folder), None, embedder_id="e1", clock=SYSTEM_CLOCK)

    assert (built.books, built.claims) == (None, None)
