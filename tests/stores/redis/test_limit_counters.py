from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from scripts.devtools.redis.bridge import Bridge
from scripts.devtools.redis.server import RedisServer
from sentinel_core.cache.ports import Count, Total
from sentinel_core.errors import StoreError
from sentinel_core.stores.redis.connection import Command, RedisConnection, Reply
from sentinel_core.stores.redis.limit_counters import RedisCounts
from sentinel_core.stores.redis.store import RedisStore
from sentinel_core.support.clock import SYSTEM_CLOCK
from tests.stores.conftest import MakeStore
from tests.stores.contract import query
from tests.support.fakes import FakeClock

pytestmark = pytest.mark.anyio

ONE = Count("k:requests", 1, 60.0)


async def test_instances_add_to_the_same_counter_which_ends_after_its_first_amount(
    make_store: MakeStore, wire: RedisConnection
) -> None:
    mine, theirs = make_store().counts(), make_store().counts()
    amounts = []
    for counts in (mine, theirs, mine):
        [total] = await counts.add([ONE]).totals()
        assert 0 < total.resets <= 60
        amounts.append(total.amount)
    [read, absent] = await theirs.add([ONE._replace(amount=0), Count("other", 0, 9.0)]).totals()

    assert amounts == [1, 2, 3]
    assert (read.amount, absent) == (3, (0, 9.0))


async def test_a_count_travels_with_the_round_trip_that_is_made_anyway(
    bridge: Bridge, database: RedisServer, make_store: MakeStore, wire: RedisConnection
) -> None:
    store = make_store()
    await store.load(query("warm"))
    before = bridge.requests
    adding = store.counts().add([ONE])
    await store.load(query("a"))
    [total] = await adding.totals()

    assert total.amount == 1
    assert bridge.requests - before in (0, 1)  # over TCP the bridge sees nothing


async def test_of_many_at_once_each_gets_a_number_of_its_own(make_store: MakeStore) -> None:
    stores = [make_store() for _ in range(4)]

    async def ask(store: RedisStore) -> int:
        adding = store.counts().add([ONE])
        await store.load(query("a"))
        return (await adding.totals())[0].amount

    numbers = await asyncio.gather(*(ask(stores[number % 4]) for number in range(160)))

    assert sorted(numbers) == list(range(1, 161))


async def test_what_is_foreign_under_a_counters_name_is_trouble_and_not_a_number(
    make_store: MakeStore, wire: RedisConnection
) -> None:
    await wire.run([("SET", "sentinel:v1:count:k:requests", "hush")])

    with pytest.raises(StoreError):
        await make_store().counts().add([ONE]).totals()
    with pytest.raises(StoreError):
        await make_store().counts().add([ONE._replace(amount=0)]).totals()


async def test_what_is_to_be_kept_arrives_when_redis_is_back(make_store: MakeStore, wire: RedisConnection) -> None:
    class Cut:
        """The wire, cut."""

        is_cut = True

        async def run(self, commands: object) -> object:
            if self.is_cut:
                raise StoreError("cut")
            return await wire.run(commands)  # type: ignore[arg-type]

        async def aclose(self) -> None:
            """The wire's own affair."""

    cut = Cut()
    store = RedisStore(cut, embedder_id="e1", clock=SYSTEM_CLOCK)  # type: ignore[arg-type]
    counts = store.counts()
    with pytest.raises(StoreError):
        await counts.add([ONE._replace(amount=5)], keep=True).totals()
    with pytest.raises(StoreError):
        await counts.add([ONE._replace(amount=100)]).totals()
    cut.is_cut = False
    [total] = await counts.add([ONE._replace(amount=2)]).totals()

    assert total.amount == 7


class Noting:
    """The wire, and the commands it was given."""

    def __init__(self, wire: RedisConnection) -> None:
        self.wire = wire
        self.names: list[str] = []

    async def run(self, commands: Sequence[Command]) -> list[Reply]:
        self.names += [command[0] for command in commands]
        return await self.wire.run(commands)

    async def aclose(self) -> None:
        """The wire's own affair."""


def counts_on(noting: Noting, clock: FakeClock) -> RedisCounts:
    return RedisStore(noting, embedder_id="e1", clock=clock).counts()


async def told(noting: Noting, counts: RedisCounts, *asked: Count) -> tuple[list[str], list[Total]]:
    """The commands that a round trip carried for these counts, and the totals."""
    noting.names.clear()
    totals = await counts.add(asked).totals()
    return [name for name in noting.names if name != "XRANGE"], list(totals)


async def test_when_a_counter_ends_is_asked_once(wire: RedisConnection, clock: FakeClock) -> None:
    noting, read = Noting(wire), [Count("k:tokens", 0, 60.0), Count("k:usd", 0, 90.0)]
    counts = counts_on(noting, clock)
    names, totals = await told(noting, counts, ONE, *read)
    assert names == ["MGET", "INCRBY", "EXPIRE", "PTTL"]
    assert ([total.amount for total in totals], totals[1:]) == ([1, 0, 0], [(0, 60.0), (0, 90.0)])

    clock.advance(20.0)
    names, totals = await told(noting, counts, ONE, *read)
    assert (names, totals[0].amount) == (["MGET", "INCRBY"], 2)
    assert totals[0].resets == pytest.approx(40.0, abs=2.0)


async def test_the_end_of_what_others_began_is_asked_when_it_was_seen(wire: RedisConnection, clock: FakeClock) -> None:
    noting, read = Noting(wire), ONE._replace(amount=0)
    counts = counts_on(noting, clock)
    await told(noting, counts, read)
    await counts_on(Noting(wire), clock).add([ONE]).totals()

    seen = [await told(noting, counts, read) for _ in range(3)]
    assert [names for names, _ in seen] == [["MGET"], ["MGET", "PTTL"], ["MGET"]]
    assert [total.amount for _, [total] in seen] == [1, 1, 1]
    assert [total.resets for _, [total] in seen] == pytest.approx([60.0] * 3, abs=2.0)


async def test_a_counter_that_lost_its_end_gets_one_when_it_should_have_ended(
    wire: RedisConnection, database: RedisServer, clock: FakeClock
) -> None:
    noting = Noting(wire)
    counts = counts_on(noting, clock)
    await told(noting, counts, ONE)
    database.ask("PERSIST", "sentinel:v1:count:k:requests")
    await told(noting, counts, ONE)
    assert database.ask("TTL", "sentinel:v1:count:k:requests") == ":-1"

    clock.advance(59.0)
    assert (await told(noting, counts, ONE))[0] == ["INCRBY", "EXPIRE", "PTTL"]
    assert int(database.ask("TTL", "sentinel:v1:count:k:requests").removeprefix(":")) > 0
