"""Erasures and purges over a real Redis: no byte of what went is left, and everything else stays."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
import redis

from scripts.devtools.redis.server import RedisServer
from sentinel_core.cache import pairs
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.events import Events
from sentinel_core.cache.pairs import JudgedPair, Labeller, Relation
from sentinel_core.cache.purge import Purge, Removal
from sentinel_core.errors import StoreError
from sentinel_core.matching import vectors
from sentinel_core.stores.redis import key_names, removals, stream_rewrite
from sentinel_core.stores.redis.removals import RedisRemovals
from sentinel_core.stores.redis.store import RedisStore
from sentinel_core.stores.redis.sweep import Sweep
from sentinel_core.stores.redis.sweep_place import decode
from tests.stores.conftest import MakeStore
from tests.stores.contract import entry, query, unit

pytestmark = pytest.mark.anyio
ALICE, BOB = "a" * 64, "b" * 64
PACE = RedisRemovals._pace
SHARED, HERS = "f" * 64, "e" * 64


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the waits: these tests write before they erase."""
    monkeypatch.setattr(removals, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(removals, "IDLE_SHARE", 0.0)


@pytest.fixture
def raw(database: RedisServer) -> Iterator[redis.Redis]:
    """A client that returns bytes; dumps are not compressed, so that words can be found in them."""
    client = redis.Redis(port=database.port)
    client.config_set("rdbcompression", "no")
    yield client
    client.close()


def all_bytes(raw: redis.Redis) -> bytes:
    """The name and the dump of every key, deleted items of streams included."""
    return b"\n".join(bytes(key) + b" " + (raw.dump(key) or b"") for key in raw.scan_iter(count=1_000))


def by(author: str, number: int, *, fingerprint: str = SHARED) -> tuple[str, Entry, str]:
    prompt = f"canary-{author[0]}-{number:05}-prompt"
    return prompt, replace(entry(prompt, f"canary-{author[0]}-{number:05}-answer"), author=author), fingerprint


async def fill(store: RedisStore, writers: list[tuple[str, str]], each: int) -> None:
    """Store entries of the writers in turn, so that their items lie side by side in the streams."""

    async def save(number: int) -> None:
        for seed, (author, fingerprint) in enumerate(writers):
            prompt, saved, _ = by(author, number)
            await store.save(query(prompt, fingerprint=fingerprint), saved, unit(1_000 * seed + number))

    for start in range(0, each, 50):
        await asyncio.gather(*(save(number) for number in range(start, min(start + 50, each))))


async def erase(store: RedisStore, purge: Purge) -> Removal:
    begun = await store.removals.begin(purge)
    await store.removals.work(within=30.0)
    done = await store.removals.get(begun.id)
    assert done is not None
    return done


async def test_an_erasure_leaves_no_byte_of_1000_canaries(make_store: MakeStore, raw: redis.Redis) -> None:
    store = make_store()
    await fill(store, [(ALICE, SHARED), (BOB, SHARED)], 800)
    await fill(store, [(ALICE, HERS)], 200)
    assert all_bytes(raw).count(b"canary-a") >= 1_000

    done = await erase(store, Purge("ns", author=ALICE))

    assert (done.entries, done.vectors, done.streams, done.unreadable) == (1_000, 1_000, 2, 0)
    left = all_bytes(raw)
    assert left.count(b"canary-a") == 0
    digests = [query(by(ALICE, number)[0]).digest.encode() for number in range(800)]
    encoded = [vectors.encode(unit(number)).encode() for number in range(800)]
    assert [part for part in [*digests, *encoded] if part in left] == []
    loaded = [await store.load(query(by(BOB, number)[0])) for number in range(800)]
    assert [None if each is None else each.prompt for each in loaded] == [by(BOB, number)[0] for number in range(800)]
    found = await make_store().removals.get(done.id)
    assert found == done


async def test_a_frozen_instance_forgets_before_its_next_answer(make_store: MakeStore) -> None:
    class Erased(Events):
        def __init__(self) -> None:
            self.purges: list[Purge] = []

        def erased(self, purge: Purge) -> None:
            self.purges.append(purge)

    events = Erased()
    store, frozen = make_store(), make_store(events=events, sync_seconds=0.0)
    await fill(store, [(ALICE, SHARED), (BOB, SHARED)], 20)
    await frozen.refresh(query())
    for number in range(20):
        assert await frozen.load(query(by(ALICE, number)[0])) is not None
    await store.removals.begin(Purge("ns", author=ALICE))

    assert await frozen.load(query(by(ALICE, 0)[0])) is None  # one round trip, which brought the erasure along

    gc.collect()
    texts = [each for each in gc.get_objects() if isinstance(each, Entry) and each.author == ALICE]
    known = frozen._scopes.mirrors.get(("ns", SHARED))
    assert events.purges == [Purge("ns", author=ALICE)]
    assert known is not None
    assert len(known) == 20
    assert [query(by(ALICE, number)[0]).digest in known.index for number in range(20)] == [False] * 20
    assert texts == []


async def test_a_key_is_erased_with_its_counters(make_store: MakeStore, raw: redis.Redis) -> None:
    store = make_store()
    for number, key in enumerate(("0" * 16, "1" * 16)):
        await store.save(query(f"p{number}"), replace(entry(f"p{number}"), key=key), unit(number))
    raw.set(key_names.count("sha:requests"), 7)

    await store.removals.begin(Purge("ns", key="0" * 16), ["sha:requests"])
    await store.removals.work(within=100.0)

    assert await store.load(query("p0")) is None
    assert await store.load(query("p1")) is not None
    assert raw.get(key_names.count("sha:requests")) is None


async def test_an_answer_under_way_is_not_stored_after_an_erasure(make_store: MakeStore, raw: redis.Redis) -> None:
    store, other, woken = make_store(), make_store(), make_store(sync_seconds=0.0)
    await other.load(query())  # learns of purges a second later
    await store.removals.begin(Purge("ns", author=ALICE))

    for number, instance in enumerate((store, other, woken)):
        prompt, late, _ = by(ALICE, number)
        await instance.save(query(prompt), late, unit(number))
        await instance._trips.catch_up()
        assert await instance.load(query(prompt)) is None
    await store.removals.work(within=100.0)
    assert b"canary-a" not in all_bytes(raw)


async def test_an_erasure_that_was_cut_goes_on_elsewhere(
    make_store: MakeStore, raw: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make_store(), make_store()
    await fill(first, [(ALICE, SHARED), (BOB, SHARED)], 150)
    begun = await first.removals.begin(Purge("ns", author=ALICE))

    async def fail(*_: object, **__: object) -> bool:
        raise StoreError("cut")

    with monkeypatch.context() as cut:
        cut.setattr(stream_rewrite.Stream, "_swap", fail)
        with pytest.raises(StoreError):
            await first.removals.work(within=30.0)
    half = await second.removals.get(begun.id)
    assert half is not None
    assert half.finished is None
    await second.removals.work(within=30.0)

    done = await second.removals.get(begun.id)
    assert done is not None
    assert done.finished is not None
    left = all_bytes(raw)
    assert [left.count(part) for part in (b"canary-a", b"~new", b"~old")] == [0, 0, 0]
    assert left.count(b"canary-b") >= 150


class Cuts:
    """A pace that ends a sweep after so many steps, as a function's time does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
        self.left = 0

        async def cut(own: RedisRemovals, sweep: Sweep, due: Sequence[Removal]) -> None:
            self.left -= 1
            if self.left < 0:
                own._until = 0.0
            await PACE(own, sweep, due)

        self.most = most
        monkeypatch.setattr(RedisRemovals, "_pace", cut)

    async def work(self, store: RedisStore) -> None:
        self.left = self.most
        await store.removals.work(within=30.0)


@pytest.mark.parametrize("most", [10, 13])
async def test_a_sweep_goes_on_where_the_last_ended(
    make_store: MakeStore, raw: redis.Redis, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    store = make_store()
    await fill(store, [(ALICE, SHARED), (BOB, SHARED)], 150)
    await fill(store, [(ALICE, HERS)], 50)
    cuts, invocations = Cuts(monkeypatch, most), 0
    begun = await store.removals.begin(Purge("ns", author=ALICE))
    while (done := await store.removals.get(begun.id)) is not None and done.finished is None:
        await cuts.work(make_store())  # each invocation is another instance
        invocations += 1
        assert invocations < 200

    assert done is not None
    assert (done.entries, done.vectors) == (200, 200)
    assert invocations > 1
    assert b"canary-a" not in all_bytes(raw)
    assert all_bytes(raw).count(b"canary-b") >= 150
    assert raw.hlen(key_names.SWEEPS) == 0


async def cut_sweep(store: RedisStore, raw: redis.Redis, cuts: Cuts) -> tuple[Removal, str]:
    """Erase Alice among 300 entries in a sweep that is cut; return the removal, and the place as it is kept."""
    await fill(store, [(ALICE, SHARED)], 300)
    begun = await store.removals.begin(Purge("ns", author=ALICE))
    await cuts.work(store)
    kept = raw.hget(key_names.SWEEPS, "ns")
    assert isinstance(kept, bytes)
    return begun, kept.decode()


async def test_a_place_of_another_redis_process_is_not_gone_on_from(
    make_store: MakeStore, raw: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_store()
    begun, before = await cut_sweep(store, raw, Cuts(monkeypatch, 8))
    [removal] = await store.removals.recent()

    place = decode(before.partition(" ")[2])
    kept = await store.removals._left_at([removal])
    monkeypatch.setattr(removals, "run_ids", lambda _: "another")
    begun_again = await store.removals._left_at([removal])

    assert begun.id == removal.id
    assert (kept[1], kept[1].cursor != "0" or kept[1].phase != "entry") == (place, True)
    assert (begun_again[1].phase, begun_again[1].cursor, begun_again[1].nodes) == ("entry", "0", "another")


async def test_a_forged_place_is_not_gone_on_from(
    make_store: MakeStore, raw: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_store()
    begun, text = await cut_sweep(store, raw, Cuts(monkeypatch, 1))
    raw.hset(key_names.SWEEPS, "ns", text.replace('"phase": "entry"', '"phase": "rest"'))

    await Cuts(monkeypatch, 1_000).work(store)

    done = await store.removals.get(begun.id)
    assert done is not None
    assert (done.finished is None, done.entries) == (False, 300)
    assert b"canary-a" not in all_bytes(raw)


async def test_a_later_erasure_waits_for_a_sweep_of_its_own(
    make_store: MakeStore, raw: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_store()
    await fill(store, [(ALICE, SHARED), (BOB, SHARED)], 300)
    await store.removals.begin(Purge("ns", author=ALICE))
    await Cuts(monkeypatch, 5).work(store)
    await store.removals.begin(Purge("ns", author=BOB))

    await Cuts(monkeypatch, 10_000).work(store)

    assert [(each.finished is None) for each in await store.removals.recent()] == [False, False]
    assert sum(each.entries for each in await store.removals.recent()) == 600
    assert b"canary-" not in all_bytes(raw)


async def test_a_second_erasure_finds_nothing(make_store: MakeStore) -> None:
    store = make_store()
    await fill(store, [(ALICE, SHARED)], 3)
    first, second = [await erase(store, Purge("ns", author=ALICE)) for _ in range(2)]
    assert (first.entries, second.entries, second.vectors, second.finished is None) == (3, 0, 0, False)


async def test_items_stored_during_a_rewrite_are_kept(make_store: MakeStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store, other = make_store(), make_store(sync_seconds=0.0)
    await fill(store, [(ALICE, SHARED), (BOB, SHARED)], 120)
    swap = stream_rewrite.Stream._swap

    async def late(self: stream_rewrite.Stream, last: str, *, is_empty: bool) -> None:
        await other.save(query("late"), replace(entry("late"), author=BOB), unit(9_999))
        await swap(self, last, is_empty=is_empty)

    monkeypatch.setattr(stream_rewrite.Stream, "_swap", late)
    await erase(store, Purge("ns", author=ALICE))

    third = make_store()
    await third.refresh(query("late"))
    near = await third.nearest(query("late"), unit(9_999), floor=0.9, limit=1)
    assert [candidate.prompt for candidate in near] == ["late"]
    assert await third.count() == 121


async def test_purged_entries_free_their_bytes(make_store: MakeStore, raw: redis.Redis) -> None:
    store = make_store()
    for number in range(40):
        saved = entry(f"tagged-{number}", tags=("t",)) if number % 2 else entry(f"other-{number}")
        await store.save(query(saved.prompt), saved, unit(number))

    await store.purge(Purge("ns", tag="t"))
    await store.removals.work(within=100.0)

    assert b"tagged-" not in all_bytes(raw)
    [done] = await store.removals.recent()
    assert (done.id, done.entries, done.vectors, done.finished is None) == ("purge-ns", 20, 20, False)
    assert len((await store.entries("ns", limit=100)).entries) == 20


async def test_requests_are_answered_while_bytes_are_freed(make_store: MakeStore) -> None:
    store = make_store()
    await fill(store, [(ALICE, SHARED), (BOB, SHARED)], 100)
    prompts = [by(BOB, number)[0] for number in range(100)]

    async def ask() -> list[bool]:
        return [await store.load(query(prompt)) is not None for prompt in prompts]

    _, answered = await asyncio.gather(erase(store, Purge("ns", author=ALICE)), ask())
    assert answered == [True] * 100


async def test_a_forged_record_is_no_receipt(make_store: MakeStore, raw: redis.Redis) -> None:
    store = make_store()
    done = await erase(store, Purge("ns", author=ALICE))
    text = raw.hget(key_names.REMOVALS, done.id)
    assert isinstance(text, bytes)
    raw.hset(key_names.REMOVALS, done.id, text.replace(b'"entries": 0', b'"entries": 9').decode())
    assert await store.removals.get(done.id) is None


async def test_judged_pairs_of_an_erased_prompt_go(make_store: MakeStore, raw: redis.Redis) -> None:
    store = make_store()
    await fill(store, [(ALICE, SHARED), (BOB, SHARED)], 2)
    hers, his, other = (query(by(*each)[0]) for each in ((ALICE, 0), (BOB, 0), (BOB, 1)))
    for one, two in ((hers, his), (his, other)):
        key = pairs.key_of(one.digest, two.digest)
        await store.pairs.note(one, JudgedPair(key, Relation.DIFFERENT, Labeller.FEEDBACK, 1.0, 9e9))

    await erase(store, Purge("ns", author=ALICE))

    kept = pairs.key_of(his.digest, other.digest)
    assert list(store.pairs.of(("ns", SHARED))) == [kept]
    fresh = make_store()
    await fresh.refresh(his)
    assert list(fresh.pairs.of(("ns", SHARED))) == [kept]
    assert hers.digest[:32].encode() not in all_bytes(raw)
