"""Curated answers in a real Redis, over TCP and over Upstash's protocol."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from scripts.devtools.redis.bridge import Bridge
from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.curated import Record
from sentinel_core.cache.ports import Purge
from sentinel_core.cache.scope import split
from sentinel_core.gateway.curated_book import CuratedBook
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import RedisConnection
from sentinel_core.stores.redis.store import RedisStore
from sentinel_core.stores.redis.upstash import UpstashConnection
from tests.stores.conftest import MakeStore
from tests.support.fakes import FakeClock, WordEmbedder, chat

pytestmark = pytest.mark.anyio

RECORD = Record("hours", ("when are you open",), "From nine to five.")
ASK = CacheRequest(chat("when are you open"), "ns", 10.0)


def book(store: RedisStore) -> CuratedBook:
    return CuratedBook(store.curated, WordEmbedder(), FakeClock())


async def answer(store: RedisStore, shelf: CuratedBook) -> str | None:
    query = split(ASK.request, "ns")
    shelf.begin("ns")
    await store.load(query)
    found = await shelf.find(ASK, query)
    return None if found is None else found.completion.text


async def test_other_instances_serve_a_curated_answer_and_purges_leave_it(make_store: MakeStore) -> None:
    here, there = make_store(), make_store()
    await book(here).put("ns", [RECORD])
    await here.purge(Purge())

    assert await answer(there, book(there)) == "From nine to five."


async def test_the_question_for_changes_rides_in_the_first_round_trip(make_store: MakeStore, bridge: Bridge) -> None:
    store = make_store()
    if not isinstance(store._wire, UpstashConnection):
        pytest.skip("the bridge counts round trips of Upstash only")

    assert await answer(store, book(store)) is None

    assert bridge.requests == 1


async def test_a_forged_record_answers_nothing(make_store: MakeStore, wire: RedisConnection) -> None:
    store = make_store()
    await book(store).put("ns", [RECORD])
    [value] = await wire.run([("HGET", key_names.curated("ns"), "hours")])
    await wire.run([("HSET", key_names.curated("ns"), "hours", str(value).replace("nine", "ten"))])

    assert await answer(store, book(store)) is None


async def test_many_records_are_read_and_written_page_by_page(make_store: MakeStore) -> None:
    store = make_store()
    records = [Record(f"r{n}", (f"question number{n}",), "x") for n in range(230)]

    assert len(await book(store).put("ns", records)) == 230
    assert len(await book(store).load("ns")) == 230


async def test_a_request_that_waits_no_longer_leaves_the_reading_to_the_next_one(
    make_store: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentinel_core.gateway.curated_book.LOAD_SECONDS", 0.0)
    here, there = make_store(), make_store()
    await book(here).put("ns", [RECORD])
    late = book(there)

    assert await answer(there, late) is None
    await asyncio.gather(*late._loading.values())
    assert await answer(there, late) == "From nine to five."
    assert late._loading == {}


async def test_another_instance_reads_the_changed_records_only(make_store: MakeStore, wire: RedisConnection) -> None:
    here, there = make_store(), make_store()
    await book(here).put("ns", [Record(f"r{n}", (f"question number{n}",), "x") for n in range(60)])
    first = await there.curated.read("ns")
    writer = book(here)
    await writer.put("ns", [Record("r1", ("another question",), "y"), RECORD])
    await writer.delete("ns", "r2")

    then = await there.curated.read("ns", first.place)
    whole = await there.curated.read("ns")

    assert (first.is_whole, len(first.records)) == (True, 60)
    assert (then.is_whole, {name: text is None for name, text in then.records.items()}) == (
        False, {"r1": False, "hours": False, "r2": True},
    )  # fmt: skip
    assert (then.version, then.place) == (whole.version, whole.place)
    assert {**first.records, **then.records, "r2": None} == {**whole.records, "r2": None}

    await wire.run([("XTRIM", key_names.curated_log("ns"), "MAXLEN", "0")])
    assert (await there.curated.read("ns", first.place)) == replace(whole, place="")
    await writer.delete("ns", "r3")
    assert len((await there.curated.read("ns", "")).records) == 59
