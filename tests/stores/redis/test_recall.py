"""A remembered match checked against a real Redis: one round trip, and the changes of other instances."""

from __future__ import annotations

import numpy as np
import pytest

from sentinel_core.cache.scope import digest
from tests.stores.conftest import MakeStore
from tests.stores.contract import entry, query

pytestmark = pytest.mark.anyio

ASKED = query("one")
VECTOR = np.eye(384, dtype=np.float32)[0]


async def test_both_entries_and_the_index_are_read(make_store: MakeStore) -> None:
    here, there = make_store(), make_store(sync_seconds=0.0)
    two, three = entry("two"), entry("three")
    await here.save(query("two"), two, VECTOR)
    assert there.search.revision(ASKED) is None

    own, other = await there.search.load_pair(ASKED, digest("two"))
    assert (own, other) == (None, two)
    first = there.search.revision(ASKED)
    await there.search.load_pair(ASKED, digest("two"))
    assert (there.search.revision(ASKED), first is None) == (first, False)

    await here.save(query("three"), three, VECTOR)
    own, other = await there.search.load_pair(query("three"), digest("two"))
    assert (own, other, there.search.revision(ASKED) == first) == (three, two, False)


async def test_a_deleted_entry_is_no_match(make_store: MakeStore) -> None:
    here, there = make_store(), make_store()
    await here.save(query("two"), entry("two"), VECTOR)
    await there.search.load_pair(ASKED, digest("two"))
    await here.delete(ASKED.namespace, ASKED.fingerprint, digest("two"))
    assert await there.search.load_pair(ASKED, digest("two")) == (None, None)
