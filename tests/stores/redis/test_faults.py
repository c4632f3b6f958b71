"""Redis breaks under load in every way it can: callers see StoreError and nothing else, and it comes back by itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass

import pytest

from scripts.devtools.redis.server import RedisServer
from sentinel_core.errors import StoreError
from sentinel_core.stores.redis.connection import RedisConnection
from sentinel_core.stores.redis.store import RedisOptions, RedisStore
from sentinel_core.stores.redis.tcp import TcpConnection
from sentinel_core.stores.redis.upstash import UpstashConnection
from sentinel_core.support.breaker import Breaker
from sentinel_core.support.clock import SYSTEM_CLOCK
from sentinel_core.support.http import LeanTransport
from tests.stores.contract import entry, query, unit
from tests.stores.servers import TOKEN, answering, bridge_before, serving

pytestmark = pytest.mark.anyio

BUDGET = 0.15
CALLERS = 16
RECOVERY_SECONDS = 30.0


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("fragile"))
    server.start()
    yield server
    server.resume()
    server.kill()


@pytest.fixture(scope="module")
def fragile_bridge(fragile: RedisServer) -> Iterator[str]:
    with bridge_before(fragile.address) as (_, url):
        yield url


@pytest.fixture(params=["tcp", "upstash"])
async def make_wire(
    request: pytest.FixtureRequest, fragile: RedisServer, fragile_bridge: str
) -> AsyncIterator[Callable[[float], RedisConnection]]:
    wires: list[RedisConnection] = []

    def make(timeout: float) -> RedisConnection:
        if request.param == "tcp":
            wires.append(TcpConnection(fragile.url, timeout=timeout))
        else:
            wires.append(UpstashConnection(fragile_bridge, TOKEN, timeout=timeout, transport=LeanTransport()))
        return wires[-1]

    yield make
    for wire in wires:
        await wire.aclose()


@pytest.fixture
def store(make_wire: Callable[[float], RedisConnection]) -> RedisStore:
    """A store that gives up soon."""
    return store_on(make_wire(BUDGET))


@pytest.fixture
def patient(make_wire: Callable[[float], RedisConnection]) -> RedisStore:
    """A store that a busy machine cannot make give up."""
    return store_on(make_wire(10.0))


def store_on(wire: RedisConnection) -> RedisStore:
    options = RedisOptions(breaker=Breaker(threshold=3, pause=0.2))
    return RedisStore(wire, embedder_id="e1", options=options, clock=SYSTEM_CLOCK)


@dataclass
class Seen:
    hits: int = 0
    misses: int = 0
    unavailable: int = 0
    unsaved: int = 0


async def one_request(store: RedisStore, prompt: str, seen: Seen) -> None:
    """What the gateway does; anything but StoreError fails the test."""
    try:
        if await store.load(query(prompt)) is not None:
            seen.hits += 1
            return
        await store.refresh(query(prompt), lease_seconds=1.0)
        await store.nearest(query(prompt), unit(1), floor=0.9, limit=4)
    except StoreError:
        seen.unavailable += 1
        return
    seen.misses += 1
    try:
        await store.save(query(prompt), entry(prompt), unit(2))
    except StoreError:
        seen.unsaved += 1


async def under_load(store: RedisStore, rounds: int = 4) -> Seen:
    """Each caller asks for what is stored and for what is not, in turn."""
    seen = Seen()

    async def caller(number: int) -> None:
        for turn in range(rounds):
            await one_request(store, "stored", seen)
            await one_request(store, f"new {number} {turn} {time.monotonic()}", seen)

    async with asyncio.timeout(rounds * 2 * 3 * BUDGET + 25.0):
        await asyncio.gather(*(caller(number) for number in range(CALLERS)))
    return seen


async def recovers(store: RedisStore) -> None:
    async with asyncio.timeout(RECOVERY_SECONDS):
        while True:
            try:
                assert await store.load(query("stored")) is not None
                await store.save(query("after"), entry("after"), None)
            except StoreError:
                await asyncio.sleep(0.02)
            else:
                return


ALL = CALLERS * 4 * 2
BREAKS: dict[str, tuple[Callable[[RedisServer], None], Callable[[RedisServer], None]]] = {
    "killed": (lambda server: server.kill(), lambda server: server.start()),
    "frozen": (lambda server: server.pause(), lambda server: server.resume()),
}


@pytest.mark.parametrize(("breaking", "mending"), BREAKS.values(), ids=BREAKS)
async def test_a_dead_redis_is_store_errors_until_it_is_back(
    store: RedisStore,
    fragile: RedisServer,
    breaking: Callable[[RedisServer], None],
    mending: Callable[[RedisServer], None],
) -> None:
    await recovers_with_entry(store)
    breaking(fragile)
    try:
        assert await under_load(store) == Seen(unavailable=ALL)
        assert store.is_resting
    finally:
        mending(fragile)
    await recovers(store)
    assert not store.is_resting


SET = ("CONFIG", "SET")
REFUSALS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "read-only": (("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE")),
    "out of memory": (("CONFIG", "SET", "maxmemory", "1"), ("CONFIG", "SET", "maxmemory", "0")),
    "too few replicas": (
        ("CONFIG", "SET", "min-replicas-to-write", "1"),
        ("CONFIG", "SET", "min-replicas-to-write", "0"),
    ),
}


@pytest.mark.parametrize(("breaking", "mending"), REFUSALS.values(), ids=REFUSALS)
async def test_a_redis_that_takes_nothing_still_serves_what_it_has(
    patient: RedisStore, fragile: RedisServer, breaking: tuple[str, ...], mending: tuple[str, ...]
) -> None:
    await recovers_with_entry(patient)
    assert fragile.ask(*breaking) == "+OK"
    try:
        half = ALL // 2
        assert await under_load(patient) == Seen(hits=half, misses=half, unsaved=half)
        assert not patient.is_resting
    finally:
        fragile.ask(*mending)
    await recovers(patient)


async def recovers_with_entry(store: RedisStore) -> None:
    async with asyncio.timeout(RECOVERY_SECONDS):
        while True:
            try:
                await store.save(query("stored"), entry("stored"), unit(3))
            except StoreError:
                await asyncio.sleep(0.02)
            else:
                return


@pytest.mark.parametrize(
    "refusal",
    [b"-MISCONF Redis is configured to save RDB snapshots", b"-LOADING Redis is loading", b"-NOAUTH Authentication"],
)
async def test_a_redis_that_answers_errors_only_is_store_errors(refusal: bytes) -> None:
    async with serving(answering(*[refusal + b"\r\n" + refusal + b"\r\n"] * 999)) as port:
        store = store_on(TcpConnection(f"redis://127.0.0.1:{port}", timeout=BUDGET))
        assert await under_load(store) == Seen(unavailable=ALL)
        await store.aclose()


async def test_a_wrong_token_is_store_errors_that_say_so(fragile_bridge: str) -> None:
    store = store_on(UpstashConnection(fragile_bridge, "wrong", timeout=BUDGET, transport=LeanTransport()))
    assert await under_load(store) == Seen(unavailable=ALL)
    with pytest.raises(StoreError, match="refused: WRONGPASS"):
        await store.check()
    await store.aclose()


async def test_every_acknowledged_entry_survives_a_kill(patient: RedisStore, fragile: RedisServer) -> None:
    await recovers_with_entry(patient)
    made = [entry(f"kept {number}") for number in range(50)]
    await asyncio.gather(*(patient.save(query(one.prompt), one, unit(100 + number)) for number, one in enumerate(made)))
    fragile.kill()
    fragile.start()
    await recovers(patient)
    assert [await patient.load(query(one.prompt)) for one in made] == made
    cold = store_on(patient._wire)
    await cold.refresh(query())
    nearest = [await cold.nearest(query(), unit(100 + number), floor=0.99, limit=1) for number in range(50)]
    assert [candidate.entry for [candidate] in nearest] == made
