from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from sentinel_core.cache.outcome import Bypass, BypassReason, Hit, HitKind, Miss, MissDetail
from sentinel_core.errors import EmbeddingError, ProviderTimeoutError, StoreError
from sentinel_core.gateway.batch_ports import BatchEmbedder, ThrottledProvider
from sentinel_core.support.batcher import Batcher
from sentinel_core.support.clock import SYSTEM_CLOCK
from tests.support.fakes import CountingProvider, WordEmbedder, World, chat

pytestmark = pytest.mark.anyio

Build = Callable[..., World]


class Lengths:
    """Tells how long words are, many at a time; fails for the empty one."""

    def __init__(self) -> None:
        self.asked: list[Sequence[str]] = []

    async def __call__(self, words: Sequence[str]) -> Sequence[int | Exception]:
        self.asked.append(words)
        return [len(word) or StoreError("nothing") for word in words]


async def test_what_is_asked_for_in_one_turn_goes_out_together_and_once() -> None:
    lengths = Lengths()
    together: Batcher[str, int] = Batcher(lengths)

    assert await asyncio.gather(*map(together.one, ("a", "bb", "a"))) == [1, 2, 1]
    assert await together.one("bb") == 2
    assert lengths.asked == [["a", "bb"], ["bb"]]


async def test_an_error_is_its_own_keys_only() -> None:
    together: Batcher[str, int] = Batcher(Lengths())
    one, other = await asyncio.gather(together.one(""), together.one("a"), return_exceptions=True)

    assert (type(one), other) == (StoreError, 1)


async def test_an_error_of_all_is_everyones() -> None:
    async def fail(keys: Sequence[str]) -> Sequence[int]:
        raise StoreError("down")

    together: Batcher[str, int] = Batcher(fail)
    results = await asyncio.gather(together.one("a"), together.one("b"), return_exceptions=True)

    assert [str(result) for result in results] == ["down"] * 2


async def test_one_who_leaves_leaves_the_others_their_answer() -> None:
    together: Batcher[str, int] = Batcher(Lengths())
    leaving, staying = asyncio.create_task(together.one("a")), asyncio.create_task(together.one("a"))
    await asyncio.sleep(0)
    leaving.cancel()

    assert await staying == 1


async def test_a_batch_embeds_and_loads_together_and_asks_for_equals_once(world: Build) -> None:
    it = world()
    await it.gateway.answer(it.ask("what is deep water"))
    batch = it.gateway.for_batch(concurrency=4)
    prompts = ["what is machine learning", "how tall is everest", "what is machine learning", "what is deep water"]
    answers = await asyncio.gather(*(batch.answer(it.ask(prompt)) for prompt in prompts))

    assert [answer.outcome for answer in answers] == [Miss(), Miss(), Miss(), Hit(HitKind.EXACT, 1.0, 0.0)]
    assert [answer.collapsed for answer in answers] == [False, False, True, False]
    assert (it.broken_store.loads, it.provider.calls) == ([3], 3)
    assert isinstance(it.embedder, WordEmbedder)
    assert it.embedder.batches == [2]


async def test_a_batch_joins_the_calls_in_flight(world: Build) -> None:
    it = world(provider=CountingProvider(gate=asyncio.Event()))
    first = asyncio.create_task(it.gateway.answer(it.ask()))
    await it.provider.started.wait()
    second = asyncio.create_task(it.gateway.for_batch(concurrency=1).answer(it.ask()))
    for _ in range(20):
        await asyncio.sleep(0)
    assert it.provider.gate is not None
    it.provider.gate.set()

    assert [(await each).collapsed for each in (first, second)] == [False, True]


async def test_a_store_that_is_down_is_so_for_each(world: Build) -> None:
    it = world(broken={"load"})
    batch = it.gateway.for_batch(concurrency=1)
    answers = await asyncio.gather(batch.answer(it.ask("a")), batch.answer(it.ask("b")))

    assert [answer.outcome for answer in answers] == [Bypass(BypassReason.STORE_UNAVAILABLE)] * 2


@pytest.mark.parametrize(
    ("embedder", "outcomes"),
    [
        (WordEmbedder(error=EmbeddingError("broken")), [MissDetail.EMBEDDER_UNAVAILABLE] * 2),
        (WordEmbedder(max_words=1), [None, MissDetail.PROMPT_TOO_LONG]),
    ],
)
async def test_an_embedder_that_fails_for_some_fails_for_them_only(
    world: Build, embedder: WordEmbedder, outcomes: list[MissDetail | None]
) -> None:
    it = world(embedder=embedder)
    batch = it.gateway.for_batch(concurrency=1)
    answers = await asyncio.gather(batch.answer(it.ask("short")), batch.answer(it.ask("two words")))

    assert [answer.outcome for answer in answers] == [Miss(detail) for detail in outcomes]


async def test_no_more_are_asked_at_once_than_there_are_places() -> None:
    gate, clock = asyncio.Event(), SYSTEM_CLOCK
    provider = CountingProvider(gate=gate)
    places = asyncio.Semaphore(2)
    turns = [
        asyncio.create_task(ThrottledProvider(provider, places, clock).complete(chat(str(i)), timeout=5))
        for i in range(5)
    ]
    await asyncio.sleep(0)
    assert provider.calls == 2
    gate.set()
    await asyncio.gather(*turns)

    assert provider.calls == 5
    assert all(0 < timeout <= 5 for timeout in provider.timeouts)


async def test_one_whose_turn_does_not_come_in_time_is_late() -> None:
    provider = CountingProvider()
    with pytest.raises(ProviderTimeoutError):
        await ThrottledProvider(provider, asyncio.Semaphore(0), SYSTEM_CLOCK).complete(chat(), timeout=0.01)

    assert provider.calls == 0


class NotedPace:
    """A pace that notes the pieces at work."""

    at_once = 4

    def __init__(self) -> None:
        self.pieces = 0

    async def turn(self) -> None: ...

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        self.pieces += 1
        yield


async def test_prompts_and_the_rests_of_comparisons_are_embedded_at_the_pace_of_their_key() -> None:
    pace = NotedPace()
    embedder = BatchEmbedder(WordEmbedder(), pace)
    await embedder.embed("one")
    assert pace.pieces == 1

    await embedder.embed_many(["two", "three"])
    assert pace.pieces == 2
