"""
Two tenants at once on a real Redis, also while somebody exchanges their values by hand.

`CROSSINGS=10000` asks for as many requests instead of a few hundred.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextvars import ContextVar
from typing import cast

import pytest

from scripts.devtools.redis.server import RedisServer
from sentinel_core.chat.messages import ChatRequest, Completion
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import Reply
from sentinel_core.stores.redis.scope_index import IndexOptions
from sentinel_core.stores.redis.store import RedisOptions, RedisStore
from sentinel_core.stores.redis.tcp import TcpConnection
from sentinel_core.tenants import api_key
from tests.support.fakes import CountingProvider, FakeClock, TwoClocks, completion
from tests.tenants.doors import SECRET, MemoryKeys, directory, key_of
from tests.web.conftest import Api
from tests.web.crossing import TENANTS, any_attempt, ask, other_than

pytestmark = pytest.mark.anyio

REQUESTS = int(os.environ.get("CROSSINGS", "300"))
AT_ONCE = 10
ENOUGH = 30
MARKS = {"acme": "m4c1f0", "globex": "m9e27b"}
SPACES = {tenant: api_key.namespace(SECRET, tenant) for tenant in TENANTS}
ASKING: ContextVar[str] = ContextVar("asking")


class Marking(CountingProvider):
    """Writes the mark of whoever is asking into answer and model, one of which every route shows."""

    async def complete(self, request: ChatRequest, *, timeout: float) -> Completion:
        mark = MARKS[ASKING.get()]
        return completion(f"for {mark}", model=f"{request.model}-{mark}")


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("border"), durable=False)
    server.start()
    yield server
    server.kill()


@pytest.fixture
async def wire(redis: RedisServer) -> AsyncIterator[TcpConnection]:
    assert redis.ask("FLUSHALL") == "+OK"
    wire = TcpConnection(redis.url, timeout=10.0)
    yield wire
    await wire.aclose()


@pytest.fixture
def store(wire: TcpConnection, clock: FakeClock) -> RedisStore:
    options = RedisOptions(index=IndexOptions(sync_seconds=0.0))
    return RedisStore(wire, embedder_id="words", options=options, clock=TwoClocks(now=clock.now), secret=SECRET)


@pytest.fixture
def shared(api: Callable[..., Api], clock: FakeClock, store: RedisStore) -> Api:
    kept = MemoryKeys(*(key_of(tenant) for tenant in TENANTS))
    return api(directory=directory(clock, kept), provider=Marking(), store=store)


async def cross(it: Api, draw: random.Random, told: Counter[str]) -> None:
    """Ask once as either tenant; nothing of the other's may be anywhere in what is told."""
    tenant = draw.choice(TENANTS)
    other = other_than(tenant)
    ASKING.set(tenant)
    tried = any_attempt(draw, other)
    response = await ask(it.app, tenant, tried)
    shown = f"{response.headers}\n{response.text}"
    assert MARKS[other] not in shown, tried
    if response.status_code != 200:
        told[str(response.status_code)] += 1
        return
    is_hit = any(word in shown for word in ("; hit", "hit_exact", "hit_semantic"))
    assert MARKS[tenant] in shown or tried.path == "/v1/cache/explain" or '"not_cached"' in shown, tried
    told["hit" if is_hit else "miss"] += 1


async def hammered(it: Api, between: Callable[[random.Random], object]) -> Counter[str]:
    draw = random.Random(6)  # noqa: S311  the same tries each time
    told: Counter[str] = Counter()
    for _ in range(0, REQUESTS, AT_ONCE):
        await asyncio.gather(*(cross(it, draw, told) for _ in range(AT_ONCE)))
        waiting = between(draw)
        if asyncio.iscoroutine(waiting):
            await waiting
    assert sum(told.values()) >= REQUESTS
    return told


async def test_no_answer_crosses_the_border(shared: Api, store: RedisStore) -> None:
    told = await hammered(shared, lambda draw: None)

    assert min(told["hit"], told["miss"]) > ENOUGH, told
    assert (store.faults.forged, store.faults.corrupt) == (0, 0)


async def test_none_does_while_somebody_exchanges_what_is_in_redis(
    shared: Api, store: RedisStore, wire: TcpConnection
) -> None:
    told = await hammered(shared, lambda draw: exchange(wire, draw))

    assert min(told["hit"], told["miss"]) > ENOUGH, told
    assert store.faults.forged > ENOUGH


async def exchange(wire: TcpConnection, draw: random.Random) -> None:
    """Swap values of different tenants, put one where the other prompt is looked for, and mix up their indexes."""
    entries = [await found(wire, f"{key_names.ROOT}{SPACES[tenant]}:entry:*") for tenant in TENANTS]
    indexes = [await found(wire, f"{key_names.ROOT}{SPACES[tenant]}:index:*") for tenant in TENANTS]
    if not all([*entries, *indexes]):
        return
    for _ in range(3):
        here, there = (draw.choice(names) for names in entries)
        one, other = (str(value) for value in await wire.run([("GET", here), ("GET", there)]))
        in_place = f"{there.rpartition(':')[0]}:{here.rpartition(':')[2]}"
        await wire.run([("SET", here, other), ("SET", there, one), ("SET", in_place, one)])
    source, target = draw.sample([draw.choice(names) for names in indexes], 2)
    [items] = await wire.run([("XRANGE", source, "-", "+", "COUNT", "3")])
    for item in cast("list[list[list[str]]]", items):
        await wire.run([("XADD", target, "*", *item[1])])


async def found(wire: TcpConnection, pattern: str) -> list[str]:
    [names] = await wire.run([("KEYS", pattern)])
    return sorted(str(name) for name in cast("list[Reply]", names))
