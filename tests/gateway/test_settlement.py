from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from sentinel_core.cache import soundness
from sentinel_core.cache.answer import Answer, Streaming
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.ports import Vector
from sentinel_core.cache.scope import Query, split
from sentinel_core.cache.storing import Unstorable
from sentinel_core.stores.memory import MemoryStore
from sentinel_core.support.background import Background
from tests.support.fakes import RULES, BrokenStore, FakeClock, World, chat, completion

pytestmark = pytest.mark.anyio

Build = Callable[..., World]
T = TypeVar("T")
QUERY = split(chat(), "open")


class LateStore(BrokenStore):
    """Stores nothing until it is `let`; knows whether a lease was given back meanwhile."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(MemoryStore(max_entries=9, max_bytes=10_000_000, grace=RULES.stale, clock=clock), ())
        self.let = asyncio.Event()
        self.released = False

    async def save(self, query: Query, entry: Entry, vector: Vector | None) -> None:
        await self.let.wait()
        await super().save(query, entry, vector)

    async def release(self, query: Query, *, soon: bool = False) -> None:
        self.released = True


class SlowMeter:
    """Counts what was charged once it is `let`."""

    def __init__(self) -> None:
        self.let = asyncio.Event()
        self.charged = self.counted = 0

    async def admit(self) -> None: ...

    def forward(self) -> None: ...

    def charge(self, tokens: int, cost_usd: float | None) -> None:
        self.charged += tokens

    async def settle(self) -> None:
        await self.let.wait()
        self.counted = self.charged


async def _settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def _streamed(streaming: Answer | Streaming) -> Answer:
    assert isinstance(streaming, Streaming)
    async for _ in streaming.chunks:
        pass
    assert streaming.answer is not None
    return streaming.answer


@pytest.mark.parametrize(("text", "on_loop"), [("a" * 16_384, True), ("a" * 16_385, False)], ids=["short", "long"])
async def test_a_long_answer_is_checked_off_the_event_loop(
    world: Build, monkeypatch: pytest.MonkeyPatch, text: str, on_loop: bool
) -> None:
    threads: list[threading.Thread] = []

    def breaks(*_: object) -> bool:
        threads.append(threading.current_thread())
        return False

    monkeypatch.setattr(soundness, "breaks_format", breaks)
    it = world()
    it.provider.queue.append(completion(text))
    assert (await it.gateway.answer(it.ask())).stored

    assert [each is threading.current_thread() for each in threads] == [on_loop]


async def _kept(store: LateStore) -> bool:
    return await store.load(QUERY) is not None


@pytest.mark.parametrize("streams", [False, True], ids=["plain", "stream"])
async def test_an_answer_leaves_a_slow_store_to_itself(world: Build, clock: FakeClock, streams: bool) -> None:
    store = LateStore(clock)
    it = world(store=store, store_budget=0.0, background=Background())
    answer = await (_streamed(await it.gateway.stream(it.ask())) if streams else it.gateway.answer(it.ask()))

    assert (answer.unstorable, answer.stored, answer.entry_id) == (Unstorable.STORE_SLOW, False, None)
    assert (await _kept(store), store.released) == (False, False)
    store.let.set()
    await _settle()
    assert await _kept(store)


async def test_one_that_is_quick_enough_is_waited_for(world: Build, clock: FakeClock) -> None:
    store = LateStore(clock)
    store.let.set()
    it = world(store=store, store_budget=0.0, background=Background())

    assert (await it.gateway.answer(it.ask())).stored
    assert await _kept(store)


class NotedBackground(Background):
    """Counts the tasks that are begun."""

    begun = 0

    def begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T] | None:
        self.begun += 1
        return super().begin(work)


@pytest.mark.parametrize(
    ("is_local", "cache_control", "begun"),
    [(True, "", 0), (True, "no-cache", 1), (False, "", 1)],
    ids=["memory", "memory, not embedded yet", "another store"],
)
async def test_memory_is_stored_into_without_a_task(
    world: Build, is_local: bool, cache_control: str, begun: int
) -> None:
    background = NotedBackground()
    it = world(store_budget=0.5, background=background, is_local=is_local)
    answer = await it.gateway.answer(it.ask(cache_control=cache_control))

    assert (answer.stored, background.begun) == (True, begun)
    assert await it.memory.load(QUERY) is not None


@pytest.mark.parametrize("batched", [False, True], ids=["no process lives on", "a batch"])
async def test_where_nothing_is_done_later_an_answer_waits(world: Build, clock: FakeClock, batched: bool) -> None:
    store = LateStore(clock)
    it = world(store=store, store_budget=0.0, background=Background() if batched else None)
    gateway = it.gateway.for_batch(concurrency=1) if batched else it.gateway
    answering = asyncio.create_task(gateway.answer(it.ask()))
    await _settle()

    assert not answering.done()
    store.let.set()
    assert (await answering).stored


async def test_what_an_answer_cost_is_counted_though_it_has_left(world: Build) -> None:
    it, meter = world(store_budget=0.0, background=Background()), SlowMeter()
    answer = await it.gateway.answer(replace(it.ask(), meter=meter))

    assert (answer.unstorable, meter.charged > 0, meter.counted) == (Unstorable.STORE_SLOW, True, 0)
    meter.let.set()
    await _settle()
    assert meter.counted == meter.charged


async def test_a_stream_above_the_largest_answer_is_delivered_and_not_stored(world: Build) -> None:
    it = world(rules=replace(RULES, max_answer_bytes=100))
    it.provider.queue.append(completion("x" * 200))
    streaming = await it.gateway.stream(it.ask())
    assert isinstance(streaming, Streaming)
    texts = [choice["delta"].get("content") async for chunk in streaming.chunks for choice in chunk["choices"]]

    assert "x" * 200 in texts
    assert streaming.answer is not None
    assert (streaming.answer.unstorable, await it.memory.load(QUERY)) == (Unstorable.TOO_LARGE, None)
