from __future__ import annotations

import asyncio

import pytest

from sentinel_core.errors import ServiceUnavailableError, UnauthenticatedError
from sentinel_core.tenants import api_key
from sentinel_core.tenants.api_key import Caller
from sentinel_core.tenants.key_directory import HOLD_SECONDS, LONGEST_OUTAGE, MOST_UNKNOWN, RETRY_SECONDS
from tests.support.fakes import FakeClock
from tests.tenants.doors import SECRET, MemoryKeys, directory, key_of, shown_to

pytestmark = pytest.mark.anyio


async def test_a_key_opens_its_tenants_namespace(clock: FakeClock) -> None:
    key = key_of("acme")

    caller = await directory(clock, MemoryKeys(key)).caller(shown_to("acme"))

    assert caller == Caller(api_key.namespace(SECRET, "acme"), key)


async def test_a_static_key_needs_no_store(clock: FakeClock) -> None:
    store = MemoryKeys()
    store.is_down = True

    caller = await directory(clock, store, static=[key_of("acme")]).caller(shown_to("acme"))

    assert caller.key == key_of("acme")


async def test_the_tenants_of_a_pool_share_a_namespace_and_nobody_else_does(clock: FakeClock) -> None:
    keys = [key_of(tenant) for tenant in ("acme", "globex", "initech", "docs")]
    door = directory(clock, MemoryKeys(*keys), pools={"acme": "docs", "globex": "docs"})

    spaces = [(await door.caller(shown_to(key.tenant))).namespace for key in keys]

    assert spaces[0] == spaces[1]
    assert len(set(spaces)) == 3


async def test_two_keys_of_a_tenant_share_its_namespace(clock: FakeClock) -> None:
    other = key_of("acme").model_copy(update={"sha256": api_key.digest("sk-sentinel-second")})
    door = directory(clock, MemoryKeys(key_of("acme"), other))

    first, second = await door.caller(shown_to("acme")), await door.caller("sk-sentinel-second")

    assert first.namespace == second.namespace


async def test_unknown_malformed_expired_and_revoked_keys_are_one_and_the_same_after_the_same_work(
    clock: FakeClock,
) -> None:
    store = MemoryKeys(key_of("late", expires=clock.now()), key_of("back", state="revoked"))
    door = directory(clock, store)
    bad = [shown_to("late"), shown_to("back"), shown_to("stranger"), "", "?", "\ud800", "x" * 100_000, "NaN"]
    told = set()
    for key in bad:
        for _ in range(2):
            with pytest.raises(UnauthenticatedError) as caught:
                await door.caller(key)
            told.add((str(caught.value), caught.value.code, caught.value.status, caught.value.param))

    assert len(told) == 1
    assert store.asked == [api_key.digest(key) for key in bad]


async def test_a_key_is_good_until_the_moment_it_expires(clock: FakeClock) -> None:
    door = directory(clock, MemoryKeys(key_of("acme", expires=clock.now() + 10)))
    await door.caller(shown_to("acme"))
    clock.advance(9.999)
    await door.caller(shown_to("acme"))
    clock.advance(0.001)

    with pytest.raises(UnauthenticatedError):
        await door.caller(shown_to("acme"))


async def test_the_store_is_asked_once_a_minute(clock: FakeClock) -> None:
    store = MemoryKeys(key_of("acme"))
    door = directory(clock, store)
    for _ in range(3):
        await door.caller(shown_to("acme"))
        clock.advance(HOLD_SECONDS / 3)
    assert len(store.asked) == 1

    await door.caller(shown_to("acme"))

    assert len(store.asked) == 2


async def test_many_who_wait_for_one_key_ask_once(clock: FakeClock) -> None:
    store = MemoryKeys(key_of("acme"))
    door = directory(clock, store)

    await asyncio.gather(*(door.caller(shown_to("acme")) for _ in range(32)))

    assert len(store.asked) == 1


async def test_a_revoked_key_is_shut_out_within_a_minute(clock: FakeClock) -> None:
    store = MemoryKeys(key_of("acme"))
    door = directory(clock, store)
    await door.caller(shown_to("acme"))
    await store.put(key_of("acme").revoked())
    clock.advance(HOLD_SECONDS)

    with pytest.raises(UnauthenticatedError):
        await door.caller(shown_to("acme"))


async def test_what_was_changed_here_is_seen_here_at_once(clock: FakeClock) -> None:
    store = MemoryKeys(key_of("acme"))
    door = directory(clock, store)
    await door.caller(shown_to("acme"))
    await store.put(key_of("acme").revoked())
    door.forget(key_of("acme").sha256)

    with pytest.raises(UnauthenticatedError):
        await door.caller(shown_to("acme"))


async def test_a_new_key_is_let_in_a_minute_after_it_was_unknown(clock: FakeClock) -> None:
    store = MemoryKeys()
    door = directory(clock, store)
    with pytest.raises(UnauthenticatedError):
        await door.caller(shown_to("acme"))
    await store.put(key_of("acme"))
    clock.advance(HOLD_SECONDS)

    assert (await door.caller(shown_to("acme"))).key == key_of("acme")


async def test_a_flood_of_wrong_keys_neither_grows_nor_pushes_good_ones_out(clock: FakeClock) -> None:
    store = MemoryKeys(key_of("acme"))
    door = directory(clock, store)
    await door.caller(shown_to("acme"))
    for number in range(MOST_UNKNOWN + 10):
        with pytest.raises(UnauthenticatedError):
            await door.caller(f"sk-sentinel-{number}")
    asked = len(store.asked)

    await door.caller(shown_to("acme"))
    with pytest.raises(UnauthenticatedError):
        await door.caller(f"sk-sentinel-{MOST_UNKNOWN + 9}")
    assert len(store.asked) == asked
    with pytest.raises(UnauthenticatedError):
        await door.caller("sk-sentinel-0")
    assert len(store.asked) == asked + 1


async def test_while_the_store_is_down_known_keys_work_for_an_hour_and_are_asked_about_every_few_seconds(
    clock: FakeClock,
) -> None:
    store = MemoryKeys(key_of("acme"))
    door = directory(clock, store)
    await door.caller(shown_to("acme"))
    store.is_down = True
    clock.advance(HOLD_SECONDS)
    await door.caller(shown_to("acme"))
    await door.caller(shown_to("acme"))
    assert len(store.asked) == 2
    clock.advance(RETRY_SECONDS)
    await door.caller(shown_to("acme"))
    assert len(store.asked) == 3
    clock.advance(LONGEST_OUTAGE - HOLD_SECONDS - RETRY_SECONDS)

    with pytest.raises(ServiceUnavailableError):
        await door.caller(shown_to("acme"))


async def test_while_the_store_is_down_nobody_is_told_that_a_key_is_wrong(clock: FakeClock) -> None:
    store = MemoryKeys(key_of("acme"))
    store.is_down = True
    door = directory(clock, store)

    with pytest.raises(ServiceUnavailableError) as caught:
        await door.caller(shown_to("acme"))
    assert (caught.value.status, caught.value.retry_after) == (503, RETRY_SECONDS)
    store.is_down = False
    assert (await door.caller(shown_to("acme"))).key == key_of("acme")
