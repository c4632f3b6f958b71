"""Pairs that wait for a judge in a real Redis: sealed, bounded, each taken once, and gone with their writers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sentinel_core.cache.ports import Purge
from sentinel_core.learning.waiting import WaitingPair
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import RedisConnection
from sentinel_core.stores.redis.waiting_pairs import KEEP_SECONDS, MOST_WAITING
from tests.stores.conftest import MakeStore
from tests.stores.contract import query

pytestmark = pytest.mark.anyio

ASKED = query("one")
PAIR = WaitingPair(ASKED, "d" * 64, "score:3", False, "/v1/query", "someone", "k1")


async def test_a_pair_is_taken_once_by_any_instance(make_store: MakeStore) -> None:
    here, there = make_store(), make_store()
    for _ in range(3):
        here.waiting.put(PAIR)
    here.waiting.put(audit := replace(PAIR, is_audit=True, author=None))
    await here.load(ASKED)

    assert sorted(await there.waiting.take(10), key=lambda each: each.is_audit) == [PAIR, audit]
    assert [*await here.waiting.take(10), *await there.waiting.take(10)] == []


async def test_a_tenants_flood_is_bounded_and_leaves_others_their_turn(
    make_store: MakeStore, wire: RedisConnection
) -> None:
    here = make_store()
    for number in range(MOST_WAITING + 20):
        here.waiting.put(replace(PAIR, query=query(f"prompt {number}")))
    other = replace(ASKED, namespace="other")
    here.waiting.put(replace(PAIR, query=other))
    await here.load(ASKED)

    [count, seconds] = await wire.run(
        [("ZCARD", key_names.judging(ASKED.namespace)), ("TTL", key_names.judging(ASKED.namespace))]
    )
    assert (count, seconds) == (MOST_WAITING, KEEP_SECONDS)
    first, second = await here.waiting.take(4), await here.waiting.take(4)
    assert other in [each.query for each in first]
    assert (len(first), len(second)) == (3, 4)


async def test_prompts_of_erased_writers_and_purged_namespaces_are_dropped(
    make_store: MakeStore, wire: RedisConnection
) -> None:
    here = make_store()
    for purge in (Purge(ASKED.namespace, author="someone"), Purge(ASKED.namespace)):
        here.waiting.put(PAIR)
        await here.load(ASKED)
        await make_store().purge(purge)
        assert await here.waiting.take(10) == []
    here.waiting.put(replace(PAIR, author="another"))
    await here.load(ASKED)
    removal = await here.removals.begin(Purge(ASKED.namespace, author="someone"))
    await here.removals.work(within=100.0)
    assert removal.purge.is_erasure
    assert await wire.run([("EXISTS", key_names.judging(ASKED.namespace))]) == [0]


async def test_a_forged_or_foreign_text_is_not_read(make_store: MakeStore, wire: RedisConnection) -> None:
    here, stranger = make_store(), make_store(secret=b"another server's secret")
    stranger.waiting.put(PAIR)
    await stranger.load(ASKED)
    await wire.run([("ZADD", key_names.judging(ASKED.namespace), "1", "rubbish")])

    assert await here.waiting.take(10) == []
    assert here.faults.forged == 2
