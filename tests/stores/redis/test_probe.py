"""Errors of Redis said by their code: at the check, and once in the log."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import pytest

from scripts.devtools.http.ports import free_port
from scripts.devtools.redis.server import RedisServer
from sentinel_core.app.settings import Settings
from sentinel_core.app.start_warnings import start_warnings
from sentinel_core.errors import RefusedError, StoreError
from sentinel_core.stores.redis.connection import Command, RedisConnection, Reply
from sentinel_core.stores.redis.detection import DetectedConnection
from sentinel_core.stores.redis.probe import REUSE_SECONDS, first_failure
from sentinel_core.stores.redis.refusals import REMEDIES, REPEAT_SECONDS, RefusalLog, explained
from sentinel_core.stores.redis.store import RedisStore
from tests.stores.conftest import PATIENCE
from tests.stores.contract import entry, query
from tests.support.fakes import FakeClock

pytestmark = pytest.mark.anyio

Spoil: TypeAlias = Callable[[RedisServer], str]


@pytest.fixture
def spoilt(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path / "spoilt", durable=False)
    server.start()
    yield server
    server.kill()


@pytest.fixture
async def store(wire: RedisConnection, clock: FakeClock) -> AsyncIterator[RedisStore]:
    store = RedisStore(wire, embedder_id="e1", clock=clock)
    yield store
    await store.aclose()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def without_password(server: RedisServer) -> str:
    server.ask("CONFIG", "SET", "requirepass", "secret")
    return server.url


def wrong_password(server: RedisServer) -> str:
    server.ask("CONFIG", "SET", "requirepass", "secret")
    return server.url.replace("://", "://:wrong@")


def without_rights(server: RedisServer) -> str:
    server.ask("ACL", "SETUSER", "app", "on", ">pw", "~sentinel:*", "+@all", "-xadd")
    return server.url.replace("://", "://app:pw@")


def other_keys_only(server: RedisServer) -> str:
    server.ask("ACL", "SETUSER", "app", "on", ">pw", "~cache:*", "+@all")
    return server.url.replace("://", "://app:pw@")


def a_replica(server: RedisServer) -> str:
    server.ask("REPLICAOF", "127.0.0.1", str(free_port()))
    return server.url


def full(server: RedisServer) -> str:
    server.ask("CONFIG", "SET", "maxmemory", "1")
    return server.url


def foreign_values(server: RedisServer) -> str:
    server.ask("SET", "sentinel:v1:check:ranks", "text")
    return server.url


def a_cluster_without_slots(server: RedisServer) -> str:
    server.kill()
    server.start("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
    return server.url


FAULTS: dict[str, tuple[Spoil, str]] = {
    "no password": (without_password, f"refused: NOAUTH: {REMEDIES['NOAUTH']}"),
    "a wrong password": (wrong_password, f"refused: WRONGPASS: {REMEDIES['WRONGPASS']}"),
    "no right to a command": (without_rights, f"refused: NOPERM (XADD): {REMEDIES['NOPERM']}"),
    "no right to our keys": (other_keys_only, f"refused: NOPERM (SET): {REMEDIES['NOPERM']}"),
    "a replica": (a_replica, f"refused: READONLY (SET): {REMEDIES['READONLY']}"),
    "a full database": (full, f"refused: OOM (SET): {REMEDIES['OOM']}"),
    "another type": (foreign_values, f"refused: WRONGTYPE (ZADD): {REMEDIES['WRONGTYPE']}"),
}


@pytest.mark.parametrize(("spoil", "message"), FAULTS.values(), ids=FAULTS)
async def test_a_fault_is_named_by_its_code_and_remedy(spoil: Spoil, message: str, spoilt: RedisServer) -> None:
    wire = DetectedConnection(spoil(spoilt), timeout=PATIENCE)
    store = RedisStore(wire, embedder_id="e1", clock=FakeClock())
    with pytest.raises(StoreError) as failed:
        await store.check()
    await wire.aclose()
    assert str(failed.value) == message


def test_the_start_warns_of_a_redis_that_takes_no_value(spoilt: RedisServer) -> None:
    url = full(spoilt)

    assert start_warnings(Settings.from_environ({"SENTINEL_REDIS_URL": url}), "simulated", {}) == [
        f"Redis does not work (refused: OOM (SET): {REMEDIES['OOM']}): every request goes to the provider until it does"
    ]


async def test_a_redis_that_works_has_no_first_failure(wire: RedisConnection, database: RedisServer) -> None:
    assert await first_failure(wire) is None
    assert database.ask("DBSIZE") == ":0"


async def test_a_cluster_without_its_slots_fails_the_check(spoilt: RedisServer) -> None:
    wire = DetectedConnection(a_cluster_without_slots(spoilt), timeout=PATIENCE)
    with pytest.raises(StoreError, match="refused: CLUSTERDOWN: "):
        await RedisStore(wire, embedder_id="e1", clock=FakeClock()).check()
    await wire.aclose()


async def test_the_check_leaves_nothing_and_is_shared_for_a_second(
    store: RedisStore, database: RedisServer, clock: FakeClock
) -> None:
    await store.check()
    assert database.ask("DBSIZE") == ":0"
    assert database.ask("SET", "sentinel:v1:check:count", "text") == "+OK"
    await store.check()
    clock.advance(REUSE_SECONDS)
    with pytest.raises(StoreError, match=r"refused: ERR \(INCRBY\)"):
        await store.check()
    clock.advance(REUSE_SECONDS)
    await store.check()


class Swapped:
    """A connection whose every GET returns another value, as a cache before Redis might."""

    def __init__(self, wire: RedisConnection) -> None:
        self._wire = wire

    async def run(self, commands: Sequence[Command]) -> list[Reply]:
        replies = await self._wire.run(commands)
        return ["other" if command[0] == "GET" else reply for command, reply in zip(commands, replies, strict=True)]

    async def aclose(self) -> None:
        """The test closes the wire."""


async def test_a_value_that_reads_back_differently_fails_the_check(wire: RedisConnection) -> None:
    store = RedisStore(Swapped(wire), embedder_id="e1", clock=FakeClock())
    with pytest.raises(StoreError, match="reads back differently"):
        await store.check()


async def test_requests_log_a_refusal_once_by_its_code(
    spoilt: RedisServer, caplog: pytest.LogCaptureFixture, clock: FakeClock
) -> None:
    wire = DetectedConnection(full(spoilt), timeout=PATIENCE)
    store = RedisStore(wire, embedder_id="e1", clock=clock)
    with caplog.at_level(logging.ERROR, "sentinel"):
        for _ in range(5):
            with pytest.raises(RefusedError, match="OOM"):
                await store.save(query(), entry(), None)
    await wire.aclose()

    logged = [(record.msg, record.fields) for record in caplog.records]  # type: ignore[attr-defined]
    assert logged == [("store.refused", {"code": "OOM", "reason": REMEDIES["OOM"]})]


def test_a_refusal_is_logged_again_after_an_hour(caplog: pytest.LogCaptureFixture) -> None:
    log = RefusalLog()
    error = RefusedError("READONLY")
    for now in (0.0, 1.0, REPEAT_SECONDS - 1, REPEAT_SECONDS, REPEAT_SECONDS + 1):
        log.note(["OK", None, error, RefusedError("ERR")], now)
    assert len(caplog.records) == 2


def test_an_unknown_code_is_named_without_a_remedy() -> None:
    assert explained(RefusedError("BUSY"), "GET") == "refused: BUSY (GET)"
