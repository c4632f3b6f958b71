from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from sentinel_core.ports import Store
from sentinel_core.stores.memory import MemoryStore
from tests.stores.contract import GRACE, StoreContract


class TestMemoryStore(StoreContract):
    @pytest.fixture
    async def store(self) -> AsyncIterator[Store]:
        store = MemoryStore(max_entries=1_000, max_bytes=1 << 30, grace=GRACE, now=time.time)
        yield store
        await store.aclose()
