"""Redis is away for ten minutes under load: what waits for it adds up, stays small, and arrives whole."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from sentinel_core.cache.events import Alert
from sentinel_core.cache.ports import Count
from sentinel_core.errors import RefusedError, StoreError
from sentinel_core.stores.days import day_of
from sentinel_core.stores.redis import cargo
from sentinel_core.stores.redis.alert_claims import MAX_MARKS
from sentinel_core.stores.redis.connection import Command, RedisConnection, Reply
from sentinel_core.stores.redis.daily_counters import MAX_PENDING, Tally
from sentinel_core.stores.redis.kept_counts import MAX_COUNTERS, KeptCounts
from sentinel_core.stores.redis.store import RedisStore
from tests.stores.contract import query
from tests.support.fakes import FakeClock

pytestmark = pytest.mark.anyio

REQUESTS = 3_000
OUTAGE_SECONDS = 600.0
DAY, MINUTE = 172_800.0, 60.0


class Cable:
    """A connection that can be cut, or refuse writes; counts what passes."""

    def __init__(self, wire: RedisConnection) -> None:
        self.wire = wire
        self.is_cut = self.is_full = False
        self.tried = self.longest = self.failing = 0

    async def run(self, commands: Sequence[Command]) -> list[Reply]:
        self.tried += 1
        self.longest = max(self.longest, len(commands))
        if self.is_cut or self.failing > 0:
            self.failing -= 1
            raise StoreError("cut")
        if self.is_full:
            return [RefusedError("OOM") if command[0] == "INCRBY" else 0 for command in commands]
        return await self.wire.run(commands)

    async def aclose(self) -> None:
        """The test closes the wire."""


@pytest.fixture
def cable(wire: RedisConnection) -> Cable:
    return Cable(wire)


@pytest.fixture
def clock() -> FakeClock:
    """Moved by hand, from about the time of the server, which sets expiries by it; the outages end on the same day."""
    start = time.time()
    is_late = day_of(start) != day_of(start + 2 * OUTAGE_SECONDS)
    return FakeClock(start - 4 * OUTAGE_SECONDS if is_late else start)


@pytest.fixture
def store(cable: Cable, clock: FakeClock) -> RedisStore:
    return RedisStore(cable, embedder_id="e1", clock=clock)


async def stands_at(wire: RedisConnection, *names: str) -> list[Reply]:
    return await wire.run([("GET", f"sentinel:v1:count:{name}") for name in names])


async def attempt(store: RedisStore) -> None:
    try:
        await store.load(query())
    except StoreError:
        return


async def test_ten_minutes_of_outage_lose_no_charge_and_pile_up_nothing(
    store: RedisStore, cable: Cable, wire: RedisConnection, clock: FakeClock
) -> None:
    counts = store.counts()
    cable.is_cut = True
    for number in range(REQUESTS):
        clock.advance(OUTAGE_SECONDS / REQUESTS)
        charge = [Count(f"key{number % 4}:usd:day", number, DAY), Count(f"key{number % 4}:usd:month", 1, 16 * DAY)]
        adding = counts.add(charge, keep=True)
        await attempt(store)
        with pytest.raises(StoreError):
            await adding.totals()

    assert len(counts._kept) == 8
    assert cable.longest < 50
    assert cable.tried <= OUTAGE_SECONDS / store._options.breaker.pause + 5

    cable.is_cut = False
    clock.advance(10.0)
    await store.load(query())
    days = [sum(range(start, REQUESTS, 4)) for start in range(4)]
    assert await stands_at(wire, *(f"key{number}:usd:day" for number in range(4))) == [str(day) for day in days]
    assert await stands_at(wire, *(f"key{number}:usd:month" for number in range(4))) == [str(REQUESTS // 4)] * 4
    assert len(counts._kept) == 0


async def test_a_charge_that_redis_refuses_is_sent_again(
    store: RedisStore, cable: Cable, wire: RedisConnection, clock: FakeClock
) -> None:
    counts = store.counts()
    cable.is_full = True
    with pytest.raises(StoreError):
        await counts.add([Count("k:usd", 5, DAY)], keep=True).totals()
    cable.is_full = False
    [total] = await counts.add([Count("k:usd", 0, DAY)]).totals()

    assert (total.amount, await stands_at(wire, "k:usd")) == (5, ["5"])


@pytest.mark.parametrize("failing", [0, 1])
async def test_closing_the_store_sends_the_charges_that_wait(
    store: RedisStore, cable: Cable, wire: RedisConnection, clock: FakeClock, failing: int
) -> None:
    counts = store.counts()
    cable.is_cut = True
    for number in range(3 * cargo.CARRIED):
        with pytest.raises(StoreError):
            await counts.add([Count(f"k{number}", 1, DAY)], keep=True).totals()
    counts.add([Count("last", 7, DAY)], keep=True)
    cable.is_cut, cable.failing = False, failing
    await store.aclose()

    assert await stands_at(wire, "k0", f"k{3 * cargo.CARRIED - 1}", "last") == ["1", "1", "7"]


async def test_a_store_that_cannot_send_closes_after_two_tries(store: RedisStore, cable: Cable) -> None:
    cable.is_cut = True
    store.counts().add([Count("k", 1, DAY)], keep=True)
    await store.aclose()

    assert cable.tried == 2


async def test_hits_noted_in_an_outage_are_ranked_after_it(store: RedisStore, cable: Cable, clock: FakeClock) -> None:
    tops = store.tops()
    cable.is_cut = True
    for _ in range(REQUESTS):
        clock.advance(OUTAGE_SECONDS / REQUESTS)
        tops.note("ns", "often", 0.5)
        await attempt(store)
    cable.is_cut = False
    clock.advance(10.0)

    [first] = await tops.top("ns", rank="hits", day=day_of(clock.now()), limit=5)
    assert first == ("often", REQUESTS, 0.5 * REQUESTS)


async def test_the_fleets_counters_add_up_in_an_outage(store: RedisStore, cable: Cable, clock: FakeClock) -> None:
    today = day_of(clock.now())
    cable.is_cut = True
    for number in range(REQUESTS):
        clock.advance(OUTAGE_SECONDS / REQUESTS)
        store.add_counters({"hits": 1}, f"owner{number % 5}")
        await attempt(store)
    assert len(store._trips.tally) == 6
    cable.is_cut = False
    clock.advance(10.0)

    assert await store.read_counters(today) == [{"hits": float(REQUESTS)}]
    assert await store.read_counters(today, owner="owner1") == [{"hits": REQUESTS / 5}]


async def test_claims_without_an_answer_are_bounded(store: RedisStore, cable: Cable, clock: FakeClock) -> None:
    claims = store.claims()
    cable.is_cut = True
    for number in range(2 * MAX_MARKS):
        with pytest.raises(StoreError):
            await claims.claim(Alert(f"provider:p{number}", "provider", "p failed", 900.0))

    assert len(claims._marks) <= MAX_MARKS


def test_kept_charges_drop_rates_whose_minute_is_over() -> None:
    kept = KeptCounts()
    kept.add([Count("k:tokens", 900, MINUTE), Count("k:usd", 5, DAY)], 0.0)
    kept.add([Count("k:usd", 6, DAY)], 30.0)
    load = kept.take(61.0)

    assert load is not None
    assert load.commands == [
        ("INCRBY", "sentinel:v1:count:k:usd", "11"),
        ("EXPIRE", "sentinel:v1:count:k:usd", "172739", "NX"),
    ]


def test_kept_charges_are_bounded_and_the_loss_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    kept = KeptCounts()
    kept.add([Count(f"rate{number}", 1, MINUTE) for number in range(100)], 0.0)
    kept.add([Count(f"day{number}", 1, DAY) for number in range(MAX_COUNTERS)], 0.0)

    assert len(kept) <= MAX_COUNTERS
    [line] = caplog.records
    assert (line.msg, line.fields) == ("charges.lost", {"counters": 100 + MAX_COUNTERS // 10})  # type: ignore[attr-defined]


def test_past_the_bound_the_fleets_counters_stay_and_owners_go() -> None:
    tally = Tally()
    for number in range(MAX_PENDING + 100):
        tally.add({"hits": 1}, 0.0, 0.0, f"owner{number}")
    amounts = 0
    while (load := tally.take(0.0, is_flush=True)) is not None:
        assert len(load.commands) <= 2 * cargo.CARRIED
        fleet = [command for command in load.commands if command[:2] == ("HINCRBY", "sentinel:v1:stats:1970-01-01")]
        amounts += sum(int(command[3]) for command in fleet)
        load.unload([1] * len(load.commands))

    assert amounts == MAX_PENDING + 100
