"""Explain takes the decision of the real request, with one load, one embedding and one search."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sentinel_core.cache.outcome import Bypass, BypassReason, Hit, HitKind, Miss, MissDetail, Outcome, Stale
from sentinel_core.matching.gate import RULES, Gate
from sentinel_core.support.background import Background
from tests.support.fakes import WordEmbedder, World

pytestmark = pytest.mark.anyio

Build = Callable[..., World]
PROMPT, NEAR, FAR = "what is machine learning", "what is deep learning", "how tall is everest"


def note_steps(it: World) -> list[str]:
    """Note from now on what is asked of the store and the embedder."""
    assert isinstance(it.embedder, WordEmbedder)
    it.embedder.texts.clear()
    steps: list[str] = []
    it.broken_store.on_step = steps.append
    return steps


@pytest.mark.parametrize("prompt", [PROMPT, NEAR, FAR])
@pytest.mark.parametrize("age", [0.0, 120.0])
async def test_one_load_one_embedding_one_search(world: Build, prompt: str, age: float) -> None:
    it = world()
    await it.gateway.answer(it.ask(PROMPT))
    it.clock.advance(age)
    steps = note_steps(it)
    await it.gateway.explain(it.ask(prompt))

    assert isinstance(it.embedder, WordEmbedder)
    assert (sorted(steps), len(it.embedder.texts)) == (["load", "nearest", "refresh"], 1)


@pytest.mark.parametrize(
    ("prompt", "cache_control", "age", "outcome", "asks"),
    [
        (PROMPT, "", 10.0, Hit(HitKind.EXACT, 1.0, 10.0), False),
        (NEAR, "", 10.0, Hit(HitKind.SEMANTIC, 0.75, 10.0), False),
        (FAR, "", 10.0, Miss(), True),
        (PROMPT, "max-age=5", 10.0, Miss(MissDetail.EXPIRED), True),
        (NEAR, "stale-while-revalidate=30", 120.0, Stale(HitKind.SEMANTIC, 0.75, 120.0, revalidating=True), True),
        (PROMPT, "no-cache", 10.0, Bypass(BypassReason.NO_CACHE), True),
    ],
)
async def test_the_outcome_is_that_of_the_real_request(
    world: Build, prompt: str, cache_control: str, age: float, outcome: Outcome, asks: bool
) -> None:
    background = Background()
    it = world(background=background)
    await it.gateway.answer(it.ask(PROMPT))
    it.clock.advance(age)
    explained = await it.gateway.explain(it.ask(prompt, cache_control=cache_control))
    calls = it.provider.calls
    answer = await it.gateway.answer(it.ask(prompt, cache_control=cache_control))
    await background.drain(within=30.0)

    assert explained.outcome == answer.outcome == outcome
    assert explained.asks_provider == (it.provider.calls > calls) == asks


async def test_only_if_cached_asks_no_provider_after_a_miss(world: Build) -> None:
    explained = await world().gateway.explain(world().ask(FAR, cache_control="only-if-cached"))

    assert (explained.outcome, explained.asks_provider) == (Miss(), False)


async def test_a_slow_store_is_explained_as_the_miss_it_is(world: Build) -> None:
    it = world(store_budget=0.5)
    await it.gateway.answer(it.ask(PROMPT))
    it.broken_store.on_step = lambda _: it.clock.advance(0.4)
    explained = await it.gateway.explain(it.ask(NEAR))

    assert (explained.outcome, explained.unembedded, explained.candidates) == (
        Miss(MissDetail.STORE_SLOW), MissDetail.STORE_SLOW, [],
    )  # fmt: skip


async def test_candidates_below_the_threshold_are_shown_and_do_not_answer(world: Build) -> None:
    it = world(gate=Gate(frozenset(RULES), 1.0))
    await it.gateway.answer(it.ask("what is 2 plus 2 please"))
    await it.gateway.answer(it.ask(FAR))
    explained = await it.gateway.explain(it.ask("what is 2 plus 3 please"))

    assert [(sight.candidate.prompt, sight.verdict and sight.verdict.passed) for sight in explained.candidates] == [
        ("what is 2 plus 2 please", False),
        (FAR, False),
    ]
    assert isinstance(explained.outcome, Miss)


async def test_an_explanation_is_no_near_miss_and_changes_nothing(world: Build) -> None:
    it = world()
    await it.gateway.answer(it.ask(PROMPT))
    noted = it.events.near_misses.of("open")
    await it.gateway.explain(it.ask("what is machine language", controls=None))
    await it.gateway.explain(it.ask("machine learning is great fun"))

    assert it.events.near_misses.of("open") == noted
    assert (it.provider.calls, await it.memory.count()) == (1, 1)
