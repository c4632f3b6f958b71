"""Judged pairs in a real Redis: shared by instances, sealed, and free of round trips of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sentinel_core.cache.pairs import JudgedPair, Labeller, Relation, key_of
from sentinel_core.cache.ports import Purge
from sentinel_core.cache.scope import digest
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import RedisConnection
from tests.stores.conftest import MakeStore
from tests.stores.contract import entry, query

pytestmark = pytest.mark.anyio

PAIR = JudgedPair(key_of(digest("one"), digest("two")), Relation.DIFFERENT, Labeller.FEEDBACK, 1.0, 4e9, "numbers")
ASKED = query("one")


async def test_other_instances_know_a_pair_and_entries_stay_listed(make_store: MakeStore) -> None:
    here, there = make_store(), make_store(sync_seconds=0.0)
    await here.save(ASKED, entry("one"), None)
    await here.pairs.note(ASKED, PAIR)
    await here.save(query("two"), entry("two"), None)
    await there.refresh(ASKED)

    assert dict(there.pairs.of(ASKED.scope)) == dict(here.pairs.of(ASKED.scope)) == {PAIR.key: PAIR}
    listed = (await there.entries(ASKED.namespace)).entries
    assert sorted(each.entry.prompt for each in listed) == ["one", "two"]
    assert (here.faults.corrupt, there.faults.corrupt, there.faults.forged) == (0, 0, 0)


async def test_a_pair_noted_soon_travels_with_the_next_round_trip(make_store: MakeStore) -> None:
    here, there = make_store(), make_store()
    await here.pairs.note(ASKED, PAIR, soon=True)
    await there.refresh(ASKED)
    assert there.pairs.of(ASKED.scope) == {}

    await here.load(ASKED)
    await (later := make_store()).refresh(ASKED)
    assert later.pairs.of(ASKED.scope) == {PAIR.key: PAIR}


async def test_a_pair_without_our_seal_is_not_believed(make_store: MakeStore, wire: RedisConnection) -> None:
    here = make_store()
    await here.pairs.note(ASKED, replace(PAIR, relation=Relation.SAME))
    key = key_names.index(ASKED.namespace, "e1", ASKED.fingerprint)
    other = key_names.index(ASKED.namespace, "e1", "e" * 64)
    replies: Any = await wire.run([("XRANGE", key, "-", "+")])
    for text in (replies[0][0][1][1], "rubbish", ""):
        await wire.run([("XADD", other, "*", "p", text)])

    there = make_store()
    moved = replace(ASKED, fingerprint="e" * 64)
    await there.refresh(moved)
    assert (there.pairs.of(moved.scope), there.faults.forged) == ({}, 3)
    stranger = make_store(secret=b"another server's secret")
    await stranger.refresh(ASKED)
    assert (stranger.pairs.of(ASKED.scope), stranger.faults.forged) == ({}, 1)


async def test_a_purged_namespace_has_no_pairs_anywhere(make_store: MakeStore) -> None:
    here = make_store()
    await here.save(ASKED, entry("one"), None)
    await here.pairs.note(ASKED, PAIR)
    await here.purge(Purge(ASKED.namespace))
    await (there := make_store()).load(ASKED)
    await there.refresh(ASKED)

    assert (here.pairs.of(ASKED.scope), there.pairs.of(ASKED.scope)) == ({}, {})


async def test_pairs_are_paged_merged_and_put_back_once(make_store: MakeStore) -> None:
    here, there = make_store(sync_seconds=0.0), make_store(sync_seconds=0.0)
    pairs = [replace(PAIR, key=key_of(digest(str(number)), digest("two"))) for number in range(5)]
    over = replace(PAIR, key=key_of(digest("over"), digest("two")), expires=1.0)
    same = replace(pairs[0], relation=Relation.SAME, by=Labeller.JUDGE)
    placed = [(scope, pair) for scope in ("a" * 64, "b" * 64) for pair in pairs]

    assert await here.pairs.restore("ns", [*placed, ("c" * 64, over)]) == len(placed)
    assert await there.pairs.restore("ns", [*placed, ("a" * 64, same)]) == 0

    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        more, cursor = await there.pairs.page("ns", cursor, 3)
        assert len(more) <= 3
        found += more
    assert found == sorted(placed, key=lambda each: (each[0], each[1].key))
    await there.purge(Purge("ns"))
    assert await there.pairs.page("ns", "", 9) == ([], None)
