"""Latest requests and served hits in a real Redis: one picture for two instances, sealed, bounded, and erasable."""

from __future__ import annotations

import os

import pytest
import redis

from scripts.devtools.redis.bridge import Bridge
from scripts.devtools.redis.server import RedisServer
from sentinel_core.cache.ports import Purge
from sentinel_core.stores.redis import removals
from sentinel_core.stores.redis.connection import RedisConnection
from sentinel_core.stores.redis.encryption import Cipher
from sentinel_core.stores.redis.ring_queue import MOST_PENDING
from sentinel_core.stores.redis.rings import KEPT, MOST_OWNERS, RedisRings
from sentinel_core.stores.redis.store import RedisStore
from sentinel_core.telemetry.records import Answered
from sentinel_core.telemetry.shared_rings import SeenHit, Texts, Whose
from sentinel_core.telemetry.sums import SeenRequest
from tests.stores.conftest import MakeStore
from tests.stores.contract import query

pytestmark = pytest.mark.anyio

ACME, GLOBEX = Whose("ns-acme", "acme"), Whose("ns-globex", "globex")


def seen(prompt: str = "hello", whose: Whose = ACME) -> SeenRequest:
    answered = Answered("/v1/query", "miss", 200, 12.5, timings_ms={"embed": 3.0}, tenant=whose.tenant or None)
    return SeenRequest(1_700_000_000.0, answered, "key-1", prompt, "f:d", whose.namespace)


def hit(prompt: str = "hello", whose: Whose = ACME) -> SeenHit:
    answered = Answered("/v1/query", "hit_semantic", 200, 2.0, similarity=0.9, tenant=whose.tenant or None)
    return SeenHit(1_700_000_000.0, answered, Texts(prompt, "stored", "answer", whose.namespace, "f:d", "d2"))


async def prompts(rings: RedisRings, whose: Whose | None = None) -> list[str]:
    return [each.prompt for _, each in await rings.requests(whose, after=0)]


def all_bytes(server: RedisServer) -> bytes:
    """Return everything in the database, as Redis dumps it; texts are too long or too mixed for its compression."""
    host, port = server.address
    raw = redis.Redis(host=host, port=port)
    found = b""
    for key in raw.scan_iter(count=1_000):
        found += key
        if raw.type(key) == b"stream":
            found += repr(raw.xrange(key)).encode()
    raw.close()
    return found


async def test_two_instances_show_one_picture_with_the_same_numbers(make_store: MakeStore) -> None:
    here, there = make_store().rings, make_store().rings
    here.note(ACME, seen("first"))
    assert await prompts(here) == ["first"]
    there.note(GLOBEX, seen("second", GLOBEX))
    there.note(ACME, seen("third"))

    pictures = [await rings.requests(None, after=0) for rings in (there, here, there)]
    assert pictures[0] == pictures[1] == pictures[2]
    assert {each.prompt for _, each in pictures[0]} == {"first", "second", "third"}
    assert pictures[0][-1][1] == seen("first")
    numbers = [number for number, _ in pictures[0]]
    assert sorted(numbers, reverse=True) == numbers
    assert max(numbers) < 2**53
    assert await here.requests(None, after=numbers[0]) == []
    assert [number for number, _ in await here.requests(None, after=numbers[-1])] == numbers[:-1]


async def test_tenants_see_their_own_even_in_one_pool(make_store: MakeStore) -> None:
    rings = make_store().rings
    mate = Whose(ACME.namespace, "mate")
    for whose in (ACME, GLOBEX, mate, Whose("nowhere", "")):
        rings.note(whose, seen(f"of {whose.tenant}", whose))
        rings.note_hit(whose, hit(f"of {whose.tenant}", whose))

    for whose in (ACME, GLOBEX, mate):
        assert await prompts(rings, whose) == [f"of {whose.tenant}"]
        assert [each.texts.prompt for _, each in await rings.hits(whose)] == [f"of {whose.tenant}"]
    assert await prompts(rings, Whose(GLOBEX.namespace, "acme")) == []


async def test_a_hit_judged_on_one_instance_is_judged_on_all_and_counts_once(make_store: MakeStore) -> None:
    here, there = make_store().rings, make_store().rings
    here.note_hit(ACME, hit("one"))
    here.note_hit(ACME, hit("two"))
    assert {each.verdict for _, each in await here.hits(None)} == {None}
    [(number, first)] = [(number, each) for number, each in await there.hits(ACME) if each.texts.prompt == "one"]

    assert first == hit("one")
    assert await there.judge(ACME, number, "wrong_match")
    assert not await here.judge(ACME, number, "right")
    for rings in (here, there):
        assert {each.texts.prompt: each.verdict for _, each in await rings.hits(None)} == {"one": "right", "two": None}


async def test_rows_ride_with_other_round_trips(make_store: MakeStore, bridge: Bridge, wire: RedisConnection) -> None:
    store = make_store()
    await store.load(query("one"))
    bridge.requests, before = 0, len(store.rings)
    for _ in range(45):
        store.rings.note(ACME, seen())
    requests = bridge.requests
    await store.load(query("one"))

    assert (before, requests, len(store.rings)) == (0, 0, 25)
    assert bridge.requests in (0, 1)  # over TCP the bridge sees nothing
    await store.load(query("one"))
    assert len(store.rings) == 5


async def test_rings_are_bounded_by_owner_and_in_all(make_store: MakeStore, database: RedisServer) -> None:
    store = make_store()
    rings = store.rings
    for number in range(3 * KEPT["requests"]):
        rings.note(ACME, seen(str(number)))
        if number % 100 == 99:
            await prompts(rings, GLOBEX)  # sends what waits
    kept = await prompts(rings, ACME)
    assert len(kept) == KEPT["requests"]
    assert "1499" in kept
    for number in range(MOST_OWNERS + 10):
        rings.note(whose := Whose(f"ns-{number}", "t"), seen("x", whose))
        if number % 20 == 19:
            await prompts(rings, GLOBEX)
    for _ in range(3):
        await prompts(rings, GLOBEX)
    host, port = database.address
    with redis.Redis(host=host, port=port) as raw:
        assert raw.zcard("sentinel:v1:rings") == MOST_OWNERS
        assert len(list(raw.scan_iter("*:ring:*"))) == MOST_OWNERS
        assert all(raw.ttl(key) > 0 for key in raw.scan_iter("*ring*"))


async def test_a_flood_during_an_outage_is_bounded_and_leaves_a_quiet_owners_row(make_store: MakeStore) -> None:
    rings = make_store().rings
    rings.note(GLOBEX, seen("quiet", GLOBEX))
    for number in range(MOST_PENDING + 100):
        rings.note(ACME, seen(str(number)))

    assert len(rings) == MOST_PENDING
    assert await prompts(rings, GLOBEX) == ["quiet"]


async def test_an_erasure_leaves_no_byte_of_1000_canaries(
    make_store: MakeStore, database: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removals, "SETTLE_SECONDS", 0.0)
    here, idle = make_store(), make_store()
    for number in range(500):
        here.rings.note(ACME, seen(f"canary-a-{number}"))
        here.rings.note_hit(ACME, hit(f"canary-a-{number}"))
        if number % 50 == 49:
            await prompts(here.rings, GLOBEX)
    idle.rings.note(ACME, seen("canary-a-late"))
    here.rings.note(GLOBEX, seen("canary-b", GLOBEX))
    assert all_bytes(database).count(b"canary-a") > 500

    await here.removals.begin(Purge(ACME.namespace, author="someone"))
    await here.removals.work(within=100.0)
    assert await prompts(here.rings, ACME) == []
    assert await prompts(idle.rings, ACME) == []
    await idle.load(query("any"))

    assert all_bytes(database).count(b"canary-a") == 0
    assert await prompts(idle.rings) == ["canary-b"]


async def test_a_text_is_sealed_to_its_owner_and_encrypted(
    make_store: MakeStore, wire: RedisConnection, database: RedisServer
) -> None:
    store = make_store()
    stranger = make_store(secret=b"another server's secret")
    stranger.rings.note(Whose(ACME.namespace, ""), seen("forged"))
    await prompts(stranger.rings)
    assert await prompts(store.rings) == []
    assert store.faults.forged == 1
    assert b"acme" not in all_bytes(database).replace(b"ns-acme", b"").replace(b'"acme"', b"")

    sealing = RedisRings(store._trips, b"secret", Cipher({"k1": os.urandom(32)}), store.faults, store_clock(store))
    sealing.note(GLOBEX, seen("a secret prompt", GLOBEX))
    assert await prompts(sealing, GLOBEX) == ["a secret prompt"]
    assert b"a secret prompt" not in all_bytes(database)


def store_clock(store: RedisStore):  # type: ignore[no-untyped-def]  # noqa: ANN201
    return store.rings._clock


async def test_rubbish_in_a_stream_is_counted_and_left_out(make_store: MakeStore, database: RedisServer) -> None:
    store = make_store()
    store.rings.note(ACME, seen("good"))
    await prompts(store.rings)
    host, port = database.address
    with redis.Redis(host=host, port=port) as raw:
        [stream] = raw.scan_iter("*:ring:requests:*")
        for text in ("rubbish", "", "a b c", "\ud7ff" * 10):
            raw.xadd(stream, {"b": text})
        raw.xadd(stream, {"v": "x", "w": "y"})

    assert await prompts(store.rings, ACME) == ["good"]
    assert store.faults.forged == 5


async def test_rows_that_wait_are_forgotten_with_an_erasure(make_store: MakeStore) -> None:
    store = make_store()
    await store.load(query("one"))
    for whose in (ACME, GLOBEX):
        store.rings.note(whose, seen("canary", whose))
        store.rings.note_hit(whose, hit("canary", whose))
    await store.removals.begin(Purge(ACME.namespace, key="k1"))

    assert len(store.rings) == 2
    assert {each.texts.namespace for _, each in await store.rings.hits(None)} == {GLOBEX.namespace}


async def test_a_text_in_another_owners_stream_is_forged(make_store: MakeStore, database: RedisServer) -> None:
    store, mate = make_store(), Whose(ACME.namespace, "mate")
    store.rings.note(ACME, seen("of acme"))
    await prompts(store.rings)
    store.rings.note(mate, seen("of mate", mate))
    host, port = database.address
    with redis.Redis(host=host, port=port, decode_responses=True) as raw:
        [acmes] = raw.scan_iter("*:ring:requests:*")
        await prompts(store.rings)
        [mates] = [key for key in raw.scan_iter("*:ring:requests:*") if key != acmes]
        raw.copy(acmes, mates, replace=True)

    assert await prompts(store.rings, mate) == []
    assert await prompts(store.rings, ACME) == ["of acme"]
    assert store.faults.forged == 1
