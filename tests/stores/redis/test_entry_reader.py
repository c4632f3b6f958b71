"""Somebody else writes to the Redis: what they put there is never served, and is told of once."""

from __future__ import annotations

import logging
from typing import cast

import pytest

from sentinel_core.cache.scope import Query
from sentinel_core.matching import vectors
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import RedisConnection
from sentinel_core.stores.redis.store import RedisStore
from tests.stores.conftest import MakeStore
from tests.stores.contract import entry, query, unit
from tests.support.fakes import NotedEvents, counted

pytestmark = pytest.mark.anyio

MINE = query("what is mine")
PLACES = [
    query("what is theirs"),
    query(fingerprint="e" * 64),
    query(namespace="other"),
    query("what is", namespace="o"),
]


async def copied(wire: RedisConnection, source: Query, target: Query) -> None:
    [text] = await wire.run([("GET", key_names.entry_of(source))])
    await wire.run([("SET", key_names.entry_of(target), cast("str", text))])


@pytest.mark.parametrize("place", PLACES, ids=repr)
async def test_a_value_moved_elsewhere_is_a_miss_told_of_once_and_overwritten(
    make_store: MakeStore, wire: RedisConnection, place: Query, caplog: pytest.LogCaptureFixture
) -> None:
    events = NotedEvents()
    store = make_store(events=events)
    await store.save(MINE, entry("mine"), unit(1))
    await copied(wire, MINE, place)
    with caplog.at_level(logging.ERROR, "sentinel"):
        assert [await store.load(place), await store.load(place)] == [None, None]

    where = {"namespace": place.namespace, "fingerprint": place.fingerprint, "digest": place.digest}
    assert [(record.msg, getattr(record, "fields", None)) for record in caplog.records] == [("entry.forged", where)]
    assert (events.forgeries, store.faults.forged, store.faults.corrupt) == ([where], 1, 0)
    assert (await counted(store))["forged"] == 1
    made = entry("anew")
    await store.save(place, made, None)
    assert await store.load(place) == made


async def test_two_forgeries_in_one_place_are_told_of_both(make_store: MakeStore, wire: RedisConnection) -> None:
    store = make_store()
    await store.save(MINE, entry("mine"), None)
    for source in PLACES[:2]:
        await store.save(source, entry("another's"), None)
        await copied(wire, source, MINE)
        assert await store.load(MINE) is None

    assert store.faults.forged == 2


async def test_a_value_of_another_secret_is_a_miss(make_store: MakeStore) -> None:
    await make_store(secret=b"another secret").save(MINE, entry("mine"), unit(1))
    store = make_store()

    assert await store.load(MINE) is None
    assert await near(store, 1) == []
    assert store.faults.forged == 1


async def test_a_forged_value_is_not_listed_and_nobody_waits_for_it(
    make_store: MakeStore, wire: RedisConnection
) -> None:
    store = make_store()
    for each in (MINE, PLACES[0]):
        await store.save(each, entry(each.prompt), unit(1))
    await copied(wire, MINE, PLACES[0])

    assert [listed.entry.prompt for listed in (await store.entries("ns")).entries] == ["what is mine"]
    assert await store.refresh(PLACES[0], lease_seconds=5.0)
    assert store.faults.forged == 1


async def test_a_forged_vector_names_an_entry_and_does_not_make_it_alike(
    make_store: MakeStore, wire: RedisConnection
) -> None:
    await make_store().save(MINE, entry("mine"), unit(1))
    index = key_names.index("ns", "e1", MINE.fingerprint)
    [items] = await wire.run([("XRANGE", index, "-", "+")])
    fields = cast("list[str]", cast("list[list[object]]", items)[0][1])
    forged = ["d", MINE.digest, "v", vectors.encode(unit(2)), "x", fields[5]]
    await wire.run([("XADD", index, "*", *forged)])
    store = make_store()

    assert await near(store, 2) == []
    [candidate] = await store.nearest(MINE, unit(2), floor=-1.0, limit=1)
    assert candidate.similarity == pytest.approx(float(unit(1) @ unit(2)), abs=0.005)


async def test_an_item_of_the_index_names_nothing_of_another_scope(
    make_store: MakeStore, wire: RedisConnection
) -> None:
    theirs = query("what is theirs", namespace="other")
    store = make_store()
    await store.save(theirs, entry("theirs"), unit(1))
    [items] = await wire.run([("XRANGE", key_names.index("other", "e1", theirs.fingerprint), "-", "+")])
    fields = cast("list[str]", cast("list[list[object]]", items)[0][1])
    await wire.run([("XADD", key_names.index("ns", "e1", theirs.fingerprint), "*", *fields)])
    await copied(wire, theirs, query("what is theirs"))

    assert await near(store, 1) == []
    assert store.faults.forged == 1


async def near(store: RedisStore, seed: int) -> list[str]:
    await store.refresh(MINE)
    return [found.entry.prompt for found in await store.nearest(MINE, unit(seed), floor=0.5, limit=4)]
