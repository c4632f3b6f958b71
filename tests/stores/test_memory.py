from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sentinel_core.cache.entry import Saying
from sentinel_core.stores.memory import MAX_LOOKS, MemoryStore
from sentinel_core.support.clock import SYSTEM_CLOCK
from tests.stores.contract import GRACE, StoreContract, entry, query
from tests.stores.inventory import InventoryContract


class TestMemoryStore(StoreContract, InventoryContract):
    @pytest.fixture
    async def store(self) -> AsyncIterator[MemoryStore]:
        store = MemoryStore(max_entries=1_000, max_bytes=1 << 30, grace=GRACE, clock=SYSTEM_CLOCK)
        yield store
        await store.aclose()


@pytest.mark.anyio
async def test_a_page_looks_at_so_many_entries_only() -> None:
    store = MemoryStore(max_entries=10_000, max_bytes=1 << 30, grace=GRACE, clock=SYSTEM_CLOCK)
    for number in range(MAX_LOOKS + 1):
        await store.save(query(str(number)), entry(str(number)), None)

    first = await store.entries("ns", wanted=Saying("in no entry"))
    assert (first.entries, (await store.entries("ns", cursor=first.cursor, wanted=Saying("in no entry"))).cursor) == (
        (),
        None,
    )
    assert first.cursor is not None


@pytest.mark.anyio
async def test_a_page_of_large_entries_ends_early_and_loses_none() -> None:
    store = MemoryStore(max_entries=100, max_bytes=1 << 30, grace=0.0, clock=SYSTEM_CLOCK)
    prompts = [f"question {number}" for number in range(7)]
    for prompt in prompts:
        await store.save(query(prompt), entry(prompt, "x" * 900_000), None)
    pages, cursor = [await store.entries("ns", limit=50)], None
    while (cursor := pages[-1].cursor) is not None:
        pages.append(await store.entries("ns", cursor=cursor, limit=50))

    assert [len(page.entries) for page in pages] == [3, 3, 1]
    assert sorted(each.entry.prompt for page in pages for each in page.entries) == prompts
