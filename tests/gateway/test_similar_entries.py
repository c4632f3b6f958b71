from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from sentinel_core.cache.entry import Entry
from sentinel_core.cache.scope import split
from sentinel_core.gateway.similar_entries import SimilarEntries
from tests.support.fakes import World, chat, completion, word_vector

pytestmark = pytest.mark.anyio


async def test_other_requests_run_between_two_scopes(world: Callable[..., World]) -> None:
    it, rounds = world(), 0
    for number in range(20):
        query = split(chat("one two three", seed=number), "open")
        await it.memory.save(query, Entry("one two three", completion(), it.clock.now(), ttl=9.0), word_vector("one"))

    async def count_rounds() -> None:
        nonlocal rounds
        while True:
            await asyncio.sleep(0)
            rounds += 1

    counting = asyncio.create_task(count_rounds())
    alike = await SimilarEntries(it.memory, it.memory, it.embedder).alike("open", "one two three", floor=0.0, limit=9)
    counting.cancel()

    assert (len(alike.found), alike.after) == (9, None)
    assert rounds >= 20
