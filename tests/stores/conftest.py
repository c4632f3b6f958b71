from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeAlias

import pytest

from scripts.devtools.redis.bridge import Bridge
from scripts.devtools.redis.server import RedisServer
from sentinel_core.cache.events import NO_EVENTS, Events
from sentinel_core.stores.redis.connection import RedisConnection
from sentinel_core.stores.redis.scope_index import IndexOptions
from sentinel_core.stores.redis.store import RedisOptions, RedisStore
from sentinel_core.stores.redis.tcp import TcpConnection
from sentinel_core.stores.redis.upstash import UpstashConnection
from sentinel_core.support.breaker import Breaker
from sentinel_core.support.clock import SYSTEM_CLOCK, Clock
from sentinel_core.support.http import LeanTransport
from tests.stores.contract import GRACE
from tests.stores.servers import TOKEN, bridge_before

MakeStore: TypeAlias = Callable[..., RedisStore]
SECRET = b"a secret of the server's"
PATIENCE = 10.0
"""Seconds for a round trip of tests that run beside others; the default is for a database of one's own."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"), durable=False)
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def bridge_and_url(server: RedisServer) -> Iterator[tuple[Bridge, str]]:
    with bridge_before(server.address) as both:
        yield both


@pytest.fixture
def bridge(bridge_and_url: tuple[Bridge, str]) -> Bridge:
    """The session's bridge, its counters at zero."""
    bridge, _ = bridge_and_url
    bridge.requests = bridge.commands = 0
    bridge.by_name.clear()
    return bridge


@pytest.fixture
def bridge_url(bridge_and_url: tuple[Bridge, str]) -> str:
    return bridge_and_url[1]


@pytest.fixture
def database(server: RedisServer) -> RedisServer:
    """The session's server, emptied."""
    assert server.ask("FLUSHALL") == "+OK"
    return server


@pytest.fixture(params=["tcp", "upstash"])
async def wire(
    request: pytest.FixtureRequest, database: RedisServer, bridge_url: str
) -> AsyncIterator[RedisConnection]:
    wire: RedisConnection = (
        TcpConnection(database.url, timeout=PATIENCE)
        if request.param == "tcp"
        else UpstashConnection(bridge_url, TOKEN, timeout=PATIENCE, transport=LeanTransport())
    )
    yield wire
    await wire.aclose()


@pytest.fixture
async def make_store(wire: RedisConnection) -> AsyncIterator[MakeStore]:
    """Build stores that share the database, each as an instance of its own."""
    stores: list[RedisStore] = []

    def make(
        *,
        grace: float = GRACE,
        breaker: Breaker | None = None,
        embedder_id: str = "e1",
        clock: Clock = SYSTEM_CLOCK,
        secret: bytes = SECRET,
        events: Events = NO_EVENTS,
        **index: Any,
    ) -> RedisStore:
        store = RedisStore(
            wire,
            embedder_id=embedder_id,
            options=RedisOptions(grace=grace, index=IndexOptions(**index), breaker=breaker or Breaker()),
            clock=clock,
            secret=secret,
            events=events,
        )
        stores.append(store)
        return store

    yield make
    for store in stores:
        await store.aclose()
