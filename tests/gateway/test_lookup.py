from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from sentinel_core.cache.entry import Entry
from sentinel_core.cache.outcome import Bypass, BypassReason, Hit, HitKind, Miss, MissDetail, Stale
from sentinel_core.cache.scope import split
from sentinel_core.gateway.lookup import Forward, Lookup, Reuse
from sentinel_core.support.clock import Timer
from tests.support.fakes import RULES, WordEmbedder, World, chat, completion, word_vector

pytestmark = pytest.mark.anyio

Build = Callable[..., World]
PROMPT = "what is machine learning"
NEAR = "what is deep learning"


def _lookup(it: World, embedder: WordEmbedder | None = None) -> Lookup:
    return Lookup(it.broken_store, embedder or WordEmbedder(), RULES, it.gate, clock=it.clock)


async def _stored(it: World, prompt: str) -> Entry:
    entry = Entry(prompt, completion(), it.clock.now(), ttl=100.0)
    await it.memory.save(split(chat(prompt), "open"), entry, word_vector(prompt))
    return entry


async def _find(it: World, prompt: str, cache_control: str = "") -> Reuse | Forward:
    return await _lookup(it).find(it.ask(prompt, cache_control=cache_control), Timer(it.clock))


def _id(prompt: str) -> str:
    return split(chat(prompt), "open").entry_id


async def test_what_is_stored_is_found_exactly_or_by_meaning(world: Build) -> None:
    it = world()
    entry = await _stored(it, PROMPT)

    assert await _find(it, PROMPT) == Reuse(Hit(HitKind.EXACT, 1.0, 0.0), entry, _id(PROMPT))
    assert await _find(it, NEAR) == Reuse(Hit(HitKind.SEMANTIC, 0.75, 0.0), entry, _id(PROMPT))


async def test_a_miss_hands_on_the_vector(world: Build) -> None:
    it = world()
    found = await _find(it, PROMPT)

    assert isinstance(found, Forward)
    assert (found.outcome, found.query, found.stale) == (Miss(), split(chat(PROMPT), "open"), None)
    assert found.vector is not None
    assert found.vector.tolist() == word_vector(PROMPT).tolist()


async def test_an_expired_entry_is_handed_on_as_stale(world: Build) -> None:
    it = world()
    entry = await _stored(it, PROMPT)
    it.clock.advance(100.0)
    exact, near = await _find(it, PROMPT), await _find(it, NEAR)

    assert isinstance(exact, Forward)
    assert isinstance(near, Forward)
    assert (exact.outcome, exact.stale) == (
        Miss(MissDetail.EXPIRED),
        Reuse(Stale(HitKind.EXACT, 1.0, 100.0), entry, _id(PROMPT)),
    )
    assert (near.outcome, near.stale) == (
        Miss(MissDetail.EXPIRED),
        Reuse(Stale(HitKind.SEMANTIC, 0.75, 100.0), entry, _id(PROMPT)),
    )


async def test_no_cache_looks_nowhere(world: Build) -> None:
    it = world(broken={"load", "refresh", "nearest"})

    assert await _find(it, PROMPT, "no-cache") == Forward(Bypass(BypassReason.NO_CACHE), split(chat(PROMPT), "open"))


async def test_a_store_that_is_out_is_a_bypass_that_may_still_be_shared(world: Build) -> None:
    it = world(broken={"load"})

    assert await _find(it, PROMPT) == Forward(Bypass(BypassReason.STORE_UNAVAILABLE), split(chat(PROMPT), "open"))


async def test_one_who_said_no_cache_is_looked_up_for_once_the_provider_has_failed(world: Build) -> None:
    it = world()
    entry = await _stored(it, PROMPT)
    ask = it.ask(PROMPT, cache_control="no-cache, stale-if-error=10")
    lookup = _lookup(it)
    found = await lookup.find(ask, Timer(it.clock))
    assert isinstance(found, Forward)

    assert await lookup.stand_in(ask, found) == Reuse(Stale(HitKind.EXACT, 1.0, 0.0), entry, _id(PROMPT))
    it.broken_store.steps = {"load"}
    assert await lookup.stand_in(ask, found) is None


async def test_a_prompt_past_the_embedders_limit_has_no_vector(world: Build) -> None:
    lookup = _lookup(world(), WordEmbedder(max_words=4))

    assert await lookup.embed("one two three four five") is MissDetail.PROMPT_TOO_LONG
    assert not isinstance(await lookup.embed("one two three four"), MissDetail)


SLOW = Miss(MissDetail.STORE_SLOW)
CLOSE = Hit(HitKind.SEMANTIC, 0.75, 0.0)


@pytest.mark.parametrize(
    ("takes", "outcome", "steps"),
    [
        ({"load": 0.25, "refresh": 0.25, "nearest": 0.25}, CLOSE, ["load", "refresh", "nearest"]),
        ({"load": 0.26}, SLOW, ["load"]),
        ({"load": 0.01, "refresh": 0.49}, CLOSE, ["load", "refresh", "nearest"]),
        ({"load": 0.01, "refresh": 0.5}, SLOW, ["load", "refresh"]),
    ],
)
async def test_a_slow_store_is_not_asked_for_what_would_come_too_late(
    world: Build, takes: dict[str, float], outcome: Hit | Miss, steps: list[str]
) -> None:
    it, taken = world(), list[str]()
    await _stored(it, PROMPT)

    def take(step: str) -> None:
        if step in ("load", "refresh", "nearest"):
            taken.append(step)
            it.clock.advance(takes.get(step, 0.0))

    it.broken_store.on_step = take
    found = await _lookup(it).find(it.ask(NEAR), Timer(it.clock), patience=0.75)

    told = replace(found.outcome, age=0.0) if isinstance(found.outcome, Hit) else found.outcome
    assert (told, taken) == (outcome, steps)


async def test_an_exact_hit_is_taken_however_slowly_it_comes(world: Build) -> None:
    it = world()
    entry = await _stored(it, PROMPT)
    it.broken_store.on_step = lambda _: it.clock.advance(0.7)
    found = await _lookup(it).find(it.ask(PROMPT), Timer(it.clock), patience=0.75)

    assert found == Reuse(Hit(HitKind.EXACT, 1.0, it.clock.now() - entry.created), entry, _id(PROMPT))
