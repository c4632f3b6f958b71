from __future__ import annotations

import asyncio
import time

import pytest

from scripts.lib.bridge import Bridge
from scripts.lib.server import RedisServer
from sentinel_core.errors import StoreError
from sentinel_core.ports import Count
from sentinel_core.stores.redis import RedisStore
from sentinel_core.stores.wires import Wire
from tests.stores.conftest import MakeStore
from tests.stores.contract import query

pytestmark = pytest.mark.anyio

ONE = Count("k:requests", 1, 60.0)


async def test_instances_add_to_the_same_counter_which_ends_after_its_first_amount(
    make_store: MakeStore, wire: Wire
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
    bridge: Bridge, database: RedisServer, make_store: MakeStore, wire: Wire
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
    make_store: MakeStore, wire: Wire
) -> None:
    await wire.run([("SET", "sentinel:v1:count:k:requests", "hush")])

    with pytest.raises(StoreError):
        await make_store().counts().add([ONE]).totals()
    with pytest.raises(StoreError):
        await make_store().counts().add([ONE._replace(amount=0)]).totals()


async def test_what_is_to_be_kept_arrives_when_redis_is_back(make_store: MakeStore, wire: Wire) -> None:
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
    store = RedisStore(cut, embedder_id="e1", now=time.time, monotonic=time.monotonic)  # type: ignore[arg-type]
    counts = store.counts()
    with pytest.raises(StoreError):
        await counts.add([ONE._replace(amount=5)], keep=True).totals()
    with pytest.raises(StoreError):
        await counts.add([ONE._replace(amount=100)]).totals()
    cut.is_cut = False
    [total] = await counts.add([ONE._replace(amount=2)]).totals()

    assert total.amount == 7
