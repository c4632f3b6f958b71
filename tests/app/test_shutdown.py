"""What was promised before a shutdown is kept: answers are stored and charges are sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from scripts.devtools.redis.server import RedisServer
from sentinel_core.app.build import build
from sentinel_core.app.settings import Settings
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.ports import Count, Vector
from sentinel_core.cache.scope import Query, split
from sentinel_core.errors import StoreError
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import Command, Reply
from sentinel_core.stores.redis.store import RedisStore
from sentinel_core.support.background import Background
from sentinel_core.support.clock import SYSTEM_CLOCK
from tests.support.fakes import FakeClock, WordEmbedder, World, chat
from tests.support.processes import PATIENT

pytestmark = pytest.mark.anyio

CHARGE = Count("budget:acme", 5, 60.0)


async def test_an_answer_left_to_a_slow_store_is_stored_at_shutdown(clock: FakeClock) -> None:
    background = Background()
    it = World(clock, background=background, store_budget=0.0)
    saving = it.broken_store.save

    async def save(query: Query, entry: Entry, vector: Vector | None) -> None:
        await asyncio.sleep(0.05)
        await saving(query, entry, vector)

    it.broken_store.save = save  # type: ignore[method-assign]
    answer = await it.gateway.answer(it.ask())
    query = split(chat(), "open")
    before = await it.memory.load(query)

    assert (answer.stored, before, await background.drain(within=30.0)) == (False, None, 0)
    assert await it.memory.load(query) is not None


async def test_closing_drains_the_background_before_the_store() -> None:
    parts = build(Settings(), embedder=WordEmbedder(), has_background=True).parts
    steps: list[str] = []

    async def work() -> None:
        await asyncio.sleep(0.01)
        steps.append("worked")

    async def close() -> None:
        steps.append("closed")

    parts.store.aclose = close  # type: ignore[method-assign]
    parts.background.begin(work())
    await parts.aclose()

    assert steps == ["worked", "closed"]


class Cuttable:
    """A Redis of one process that answers every command with 5, unless it is cut."""

    def __init__(self) -> None:
        self.is_cut = False
        self.sent: list[Command] = []

    async def run(self, commands: Sequence[Command]) -> list[Reply]:
        if self.is_cut:
            raise StoreError("cut")
        self.sent += commands
        return [[] if command[0] == "XRANGE" else 5 for command in commands]

    async def aclose(self) -> None:
        """Nothing to give back."""

    @property
    def added(self) -> list[tuple[str, str]]:
        return [(str(command[1]), str(command[2])) for command in self.sent if command[0] == "INCRBY"]


@pytest.mark.parametrize("failed_before", [False, True], ids=["queued", "failed once"])
async def test_a_queued_charge_is_sent_when_the_store_closes(failed_before: bool) -> None:
    connection = Cuttable()
    store = RedisStore(connection, embedder_id="e1", clock=SYSTEM_CLOCK)
    counting = store.counts().add([CHARGE], keep=True)
    if failed_before:
        connection.is_cut = True
        with pytest.raises(StoreError):
            await counting.totals()
        connection.is_cut = False
    await store.aclose()

    assert [amount for _, amount in connection.added] == ["5"]


async def test_a_charge_queued_by_the_service_is_in_redis_after_its_end(tmp_path: Path) -> None:
    redis = RedisServer(tmp_path, durable=False)
    redis.start()
    try:
        settings = Settings.from_environ({"SENTINEL_REDIS_URL": redis.url, **PATIENT})
        parts = build(settings, embedder=WordEmbedder(), has_background=True).parts
        parts.counts.add([CHARGE], keep=True)
        await parts.aclose()

        assert redis.ask("INCRBY", key_names.count(CHARGE.name), "0") == ":5"
    finally:
        redis.kill()
