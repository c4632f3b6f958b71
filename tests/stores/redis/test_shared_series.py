"""Time series in a real Redis: the sums of all instances, sealed, each counted once, and gone after their time."""

from __future__ import annotations

import os
from collections.abc import Iterable

import pytest
import redis

from scripts.devtools.redis.bridge import Bridge
from scripts.devtools.redis.server import RedisServer
from sentinel_core.errors import StoreError
from sentinel_core.stores.days import day_of
from sentinel_core.stores.redis.encryption import Cipher
from sentinel_core.stores.redis.shared_series import MOST_OWNERS, RedisSeries
from sentinel_core.stores.redis.store import RedisStore
from sentinel_core.support.clock import SYSTEM_CLOCK
from sentinel_core.telemetry.cost_ledger import CostLedger
from sentinel_core.telemetry.observed import Observed
from sentinel_core.telemetry.records import Answered
from sentinel_core.telemetry.series import Point, Step
from tests.stores.conftest import MakeStore
from tests.stores.contract import query

pytestmark = pytest.mark.anyio
STEPS: tuple[Step, ...] = ("minute", "hour", "day")


def observed(store: RedisStore) -> Observed:
    """Return an instance's memory of the latest requests, over this store."""
    built = Observed(SYSTEM_CLOCK, CostLedger(day_of), shared_series=store.series)
    store.series.follow(built)
    return built


def answer(outcome: str = "miss", tenant: str | None = "acme", cost: float | None = 0.5) -> Answered:
    return Answered("/v1/query", outcome, 200, 12.5, cost_usd=cost, saved_usd=0.0, tenant=tenant)


async def total(here: Observed, tenant: str | None = None, step: Step = "day") -> Point:
    points, is_fleet = await here.points(tenant, step, 2)
    assert is_fleet
    return summed(points)


def summed(points: Iterable[Point]) -> Point:
    whole = Point(0)
    for point in points:
        whole.add(point)
    return whole


async def test_two_instances_show_the_sums_of_both(make_store: MakeStore) -> None:
    here, there = observed(make_store()), observed(make_store())
    here.note(answer(), None)
    here.note(answer("hit_exact", "globex", 0.0), None)
    there.note(answer(cost=None), None)
    there.judge("acme", "wrong")
    there.spend(0.25)
    await total(there)

    for step in STEPS:
        pictures = [[await total(each, tenant, step) for each in (here, there)] for tenant in (None, "acme", "globex")]
        for one, other in pictures:
            assert one == other
        everyone, acme, globex = (one for one, _ in pictures)
        assert everyone.outcomes == {"miss": 2, "hit_exact": 1}
        assert (everyone.cost_usd, everyone.unpriced, everyone.own_usd, everyone.verdicts) == (
            0.5,
            1,
            0.25,
            {"wrong": 1},
        )
        assert (acme.outcomes, acme.verdicts, acme.own_usd) == ({"miss": 2}, {"wrong": 1}, 0.0)
        assert (globex.outcomes, globex.cost_usd) == ({"hit_exact": 1}, 0.0)
        assert acme.latency_of("miss").total == 2


async def test_sums_are_written_again_and_never_counted_twice(make_store: MakeStore) -> None:
    here = observed(make_store())
    for number in range(1, 6):
        here.note(answer(), None)
        assert (await total(here)).outcomes == {"miss": number}
        assert (await total(here, "acme")).cost_usd == 0.5 * number
    again = observed(make_store())
    again.note(answer(), None)
    assert (await total(again, "acme")).outcomes == {"miss": 6}


async def test_sums_of_a_lost_round_trip_travel_with_the_next(
    make_store: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_store()
    here = observed(store)

    async def refuse(_: object) -> None:
        raise StoreError("away")

    here.note(answer(), None)
    with monkeypatch.context() as patch:
        patch.setattr(store._trips, "watched", refuse)
        points, is_fleet = await here.points(None, "day", 2)
        assert (summed(points).outcomes, is_fleet) == ({"miss": 1}, False)
    assert (await total(here)).outcomes == {"miss": 1}


async def test_sums_ride_with_other_round_trips(make_store: MakeStore, bridge: Bridge) -> None:
    store = make_store()
    here = observed(store)
    for number in range(MOST_OWNERS + 5):
        here.note(answer(tenant=f"t{number}"), None)
    await store.load(query("one"))
    before = bridge.requests
    await store.load(query("one"))

    assert before in (0, 1)  # over TCP the bridge sees nothing
    other = observed(make_store())
    assert (await total(other)).outcomes == {"miss": MOST_OWNERS + 5}
    assert (await total(other, f"t{MOST_OWNERS + 4}")).outcomes == {"miss": 1}


async def test_sums_are_sealed_encrypted_and_expire(make_store: MakeStore, database: RedisServer) -> None:
    store, stranger = make_store(), make_store(secret=b"another server's secret")
    for each in (store, stranger):
        here = observed(each)
        here.note(answer(tenant=None), None)
        await here.points(None, "day", 1)
    host, port = database.address
    with redis.Redis(host=host, port=port, decode_responses=True) as raw:
        keys = list(raw.scan_iter("*:series:*"))
        assert {key.split(":")[4] for key in keys} == set(STEPS)
        assert all(0 < raw.ttl(key) <= 78 * 86_400 for key in keys)
        raw.hset(keys[0], "rubbish", "rubbish")

    assert (await total(observed(store))).outcomes == {"miss": 1}
    assert store.faults.forged >= 1
    series = RedisSeries(store._trips, b"secret", Cipher({"k1": os.urandom(32)}), store.faults, SYSTEM_CLOCK)
    there = Observed(SYSTEM_CLOCK, CostLedger(day_of), shared_series=series)
    series.follow(there)
    there.note(answer("hit_semantic", "acme"), None)
    assert (await total(there, "acme")).outcomes == {"hit_semantic": 1}
    with redis.Redis(host=host, port=port, decode_responses=True) as raw:
        assert "hit_semantic" not in str([raw.hgetall(key) for key in raw.scan_iter("*:series:*")])
        assert not [key for key in raw.scan_iter("*") if "acme" in key]


async def test_an_owners_sums_take_one_command_for_each_step(make_store: MakeStore) -> None:
    store = make_store()
    here, sent = observed(store), []
    for _ in range(2):
        here.note(answer(tenant=None), None)
        load = store.series.take(0.0, is_flush=True)
        assert load is not None
        sent.append([name for name, *_ in load.commands])
        load.unload(["1"] * len(load.commands))

    assert sent == [["HSET", "EXPIRE"] * 3, ["HSET"] * 3]
