from __future__ import annotations

import pytest

from sentinel_core.cache.backup import SavedEntry
from sentinel_core.cache.entry import Entry
from sentinel_core.errors import StoreError
from sentinel_core.gateway.backups import Backups
from sentinel_core.stores.memory_counts import MemoryCounts
from sentinel_core.stores.memory_removals import MemoryRemovals
from sentinel_core.stores.memory_tops import MemoryTops
from tests.stores.contract import entry
from tests.support.fakes import FakeClock, World

pytestmark = pytest.mark.anyio


def saved(prompt: str) -> SavedEntry:
    whole: Entry = entry(prompt)
    return SavedEntry("f" * 64, prompt.ljust(64, "0"), "", whole)


async def test_a_store_that_fails_while_restoring_is_one_error() -> None:
    world = World(FakeClock(), broken={"save"})
    memory = world.memory
    removals = MemoryRemovals(memory, MemoryCounts(world.clock), MemoryTops(world.clock), world.events, world.clock)
    backups = Backups(world.broken_store, memory, removals, world.embedder, None, memory.pairs)

    with pytest.raises(StoreError, match="down"):
        await backups.restore("open", [saved("a"), saved("b")], embeds=False)
