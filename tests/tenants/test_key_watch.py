from __future__ import annotations

import pytest

from sentinel_core.errors import ServiceUnavailableError, StoreError
from sentinel_core.tenants.key_directory import LONGEST_OUTAGE, RETRY_SECONDS, Directory
from sentinel_core.tenants.key_watch import HOLD_SECONDS, KeyWatch
from tests.support.fakes import FakeClock
from tests.tenants.doors import MemoryKeys, directory, key_of

pytestmark = pytest.mark.anyio


class Watched:
    """A watch over keys in memory; counts the looks."""

    def __init__(self, clock: FakeClock, *, is_down: bool = False) -> None:
        self.clock = clock
        self.keys = MemoryKeys()
        self.keys.is_down = is_down
        self.looks = 0
        self.watch = KeyWatch(self, clock=clock)

    def directory(self) -> Directory:
        return directory(self.clock, self.keys)

    async def exist(self) -> bool:
        self.looks += 1
        if self.keys.is_down:
            raise StoreError("down")
        return bool(await self.keys.all())


async def test_no_key_is_no_directory_and_one_look_in_two_seconds(clock: FakeClock) -> None:
    it = Watched(clock)
    for _ in range(100):
        assert await it.watch.directory() is None
        clock.advance(HOLD_SECONDS / 50)

    assert it.looks == 2


async def test_the_first_key_closes_a_running_server_for_good(clock: FakeClock) -> None:
    it = Watched(clock)
    assert await it.watch.directory() is None
    await it.keys.put(key_of("acme"))
    clock.advance(HOLD_SECONDS)

    assert isinstance(await it.watch.directory(), Directory)
    it.keys.is_down = True
    clock.advance(10 * LONGEST_OUTAGE)
    assert isinstance(await it.watch.directory(), Directory)
    assert it.looks == 2


async def test_a_server_that_never_reached_the_key_store_is_closed(clock: FakeClock) -> None:
    it = Watched(clock, is_down=True)
    with pytest.raises(ServiceUnavailableError) as caught:
        await it.watch.directory()
    assert (caught.value.status, caught.value.code, caught.value.retry_after) == (503, "keys_unavailable", 5.0)

    it.keys.is_down = False
    assert await it.watch.directory() is None


async def test_an_outage_leaves_the_server_open_for_an_hour(clock: FakeClock) -> None:
    it = Watched(clock)
    assert await it.watch.directory() is None
    it.keys.is_down = True
    clock.advance(LONGEST_OUTAGE - RETRY_SECONDS)
    assert await it.watch.directory() is None
    assert await it.watch.directory() is None
    clock.advance(RETRY_SECONDS)
    with pytest.raises(ServiceUnavailableError):
        await it.watch.directory()
    assert it.looks == 3
