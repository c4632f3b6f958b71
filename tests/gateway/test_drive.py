"""The driver: each state gets its fact from the right part, and a failing cache ends no request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest

from sentinel_core.cache.billing import Billing
from sentinel_core.cache.decided import STORE_UNAVAILABLE, Decided, Forwarding
from sentinel_core.cache.decision import arrive
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.fetching import Failing, Unanswered, fail
from sentinel_core.cache.outcome import Bypass, BypassReason, Hit, HitKind, Miss, MissDetail, Stale
from sentinel_core.cache.scope import split
from sentinel_core.cache.verdict import Verdict, Zone
from sentinel_core.errors import RateLimitedError, StoreError
from sentinel_core.gateway.drive import Driver
from sentinel_core.gateway.settlement import Settlement
from sentinel_core.learning.learning import Learning
from sentinel_core.support import work_places
from sentinel_core.support.clock import Timer
from sentinel_core.support.work_places import WorkPlaces
from tests.support.fakes import RULES, OnlyProvider, WordEmbedder, World, chat, completion, price, word_vector

pytestmark = pytest.mark.anyio

Build = Callable[..., World]
PROMPT = "what is machine learning"
NEAR = "what is deep learning"
SLOW = Miss(MissDetail.STORE_SLOW)
CLOSE = Hit(HitKind.SEMANTIC, 0.75, 0.0)


def driver(it: World) -> Driver:
    settlement = Settlement(it.lookup, billing=Billing(price), clock=it.clock, events=it.events, background=None)
    return Driver(it.lookup, OnlyProvider(it.provider), settlement, it.clock)


async def decide(it: World, prompt: str, cache_control: str = "", *, store_budget: float = 9.0) -> Decided:
    ask = it.ask(prompt, cache_control=cache_control)
    state = arrive(ask, rules=RULES, now=it.clock.now(), store_budget=store_budget)
    return await driver(it).drive(state, Timer(it.clock))


async def store(it: World, prompt: str) -> Entry:
    entry = Entry(prompt, completion(), it.clock.now(), ttl=100.0)
    await it.memory.save(split(chat(prompt), "open"), entry, word_vector(prompt))
    return entry


async def test_an_entry_is_found_exactly_or_by_meaning(world: Build) -> None:
    it = world()
    entry = await store(it, PROMPT)
    exact, near = await decide(it, PROMPT), await decide(it, NEAR)

    assert (exact.outcome, exact.trace.exact) == (Hit(HitKind.EXACT, 1.0, 0.0), entry)
    assert (near.outcome, [each.entry for each, _ in near.trace.judgements]) == (CLOSE, [entry])


async def test_a_miss_keeps_the_vector_in_its_trace(world: Build) -> None:
    decided = await decide(world(), PROMPT)

    assert isinstance(decided, Forwarding)
    assert decided.trace.vector is not None
    assert decided.trace.vector.tolist() == word_vector(PROMPT).tolist()


async def test_no_cache_uses_no_part_of_the_cache(world: Build) -> None:
    it, steps = world(), list[str]()
    it.broken_store.on_step = steps.append
    decided = await decide(it, PROMPT, "no-cache")

    assert (decided.outcome, steps) == (Bypass(BypassReason.NO_CACHE), [])


@pytest.mark.parametrize("step", ["load", "refresh", "nearest", "glimpse"])
async def test_a_store_that_fails_is_a_bypass(world: Build, step: str) -> None:
    assert (await decide(world(broken={step}), PROMPT)).outcome == STORE_UNAVAILABLE


@pytest.mark.parametrize("broken", [(), ("load",)])
@pytest.mark.parametrize("cache_control", ["", "no-cache"])
async def test_each_request_is_admitted_once(world: Build, broken: tuple[str, ...], cache_control: str) -> None:
    class Full:
        admissions = 0

        async def admit(self) -> None:
            self.admissions += 1
            raise RateLimitedError("one too many", code="rate_limited")

        def forward(self) -> None: ...

        def charge(self, tokens: int, cost_usd: float | None) -> None: ...

        async def settle(self) -> None: ...

    it, meter = world(broken=broken), Full()
    with pytest.raises(RateLimitedError):
        await it.gateway.answer(replace(it.ask(PROMPT, cache_control=cache_control), meter=meter))

    assert (meter.admissions, it.provider.calls) == (1, 0)


async def test_a_caller_of_no_cache_is_looked_up_for_after_the_failure(world: Build) -> None:
    it = world()
    entry = await store(it, PROMPT)
    decided = await decide(it, PROMPT, "no-cache, stale-if-error=10")
    assert isinstance(decided, Forwarding)
    failing = fail(decided, it.clock.now())
    assert isinstance(failing, Failing)
    ended = await driver(it).drive(failing, Timer(it.clock))
    it.broken_store.steps = {"load"}

    assert not isinstance(ended, Unanswered)
    assert (ended.outcome, ended.entry) == (Stale(HitKind.EXACT, 1.0, 0.0), entry)
    assert await driver(it).drive(failing, Timer(it.clock)) == Unanswered()


async def test_a_prompt_past_the_embedders_limit_has_no_vector(world: Build) -> None:
    it = world(embedder=WordEmbedder(max_words=4))

    assert await it.lookup.embed("one two three four five", Timer(it.clock)) is MissDetail.PROMPT_TOO_LONG
    assert not isinstance(await it.lookup.embed("one two three four", Timer(it.clock)), MissDetail)


@pytest.mark.parametrize(
    ("takes", "outcome", "steps"),
    [
        ({"load": 0.25, "refresh": 0.25, "nearest": 0.25}, CLOSE, ["load", "refresh", "nearest"]),
        ({"load": 0.26}, SLOW, ["load"]),
        ({"load": 0.01, "refresh": 0.49}, CLOSE, ["load", "refresh", "nearest"]),
        ({"load": 0.01, "refresh": 0.5}, SLOW, ["load", "refresh"]),
    ],
)
async def test_a_slow_store_is_not_asked_for_late_facts(
    world: Build, takes: dict[str, float], outcome: Hit | Miss, steps: list[str]
) -> None:
    it, taken = world(), list[str]()
    await store(it, PROMPT)

    def take(step: str) -> None:
        if step in ("load", "refresh", "nearest"):
            taken.append(step)
            it.clock.advance(takes.get(step, 0.0))

    it.broken_store.on_step = take
    found = (await decide(it, NEAR, store_budget=0.75)).outcome

    assert (replace(found, age=0.0) if isinstance(found, Hit) else found, taken) == (outcome, steps)


async def test_an_exact_hit_is_taken_from_a_slow_store(world: Build) -> None:
    it = world()
    entry = await store(it, PROMPT)
    it.broken_store.on_step = lambda _: it.clock.advance(0.7)
    decided = await decide(it, PROMPT, store_budget=0.75)

    assert decided.outcome == Hit(HitKind.EXACT, 1.0, it.clock.now() - entry.created)


async def test_an_embedding_ends_with_a_failing_refresh(world: Build) -> None:
    it = world(embedder=WordEmbedder(gate=asyncio.Event()), broken={"refresh"})
    before = asyncio.all_tasks()
    decided = await decide(it, PROMPT)
    for _ in range(5):
        await asyncio.sleep(0)

    assert decided.outcome == STORE_UNAVAILABLE
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("is_up", [True, False])
async def test_a_prompt_is_embedded_while_the_store_is_waited_for(
    world: Build, monkeypatch: pytest.MonkeyPatch, is_up: bool
) -> None:
    embedder = WordEmbedder(gate=asyncio.Event())
    it = world(embedder=embedder)

    async def refresh(*args: object, **named: object) -> bool:
        for _ in range(9):
            await asyncio.sleep(0)
        assert embedder.texts == [PROMPT]
        if not is_up:
            raise StoreError("down")
        assert embedder.gate is not None
        embedder.gate.set()
        return True

    monkeypatch.setattr(it.memory, "refresh", refresh)
    before = asyncio.all_tasks()
    decided = await decide(it, PROMPT)
    for _ in range(5):
        await asyncio.sleep(0)

    assert decided.outcome == (Miss() if is_up else STORE_UNAVAILABLE)
    assert asyncio.all_tasks() == before


class NotingJudge:
    """Learning whose judge is asked about every pair, and notes how many keys have lookups at work meanwhile."""

    mode = "inline"

    def __init__(self, places: WorkPlaces) -> None:
        self.places = places
        self.at_work: list[int] = []

    def steered(self, namespace: str, key: object, verdict: Verdict) -> Verdict:
        return replace(verdict, zone=Zone.GREY)

    async def consult(self, query: object, entry: object, verdict: Verdict, ask: object, *, spent: float) -> Verdict:
        self.at_work.append(len(self.places))
        return replace(verdict, zone=Zone.DECIDED)


async def test_a_comparison_has_a_place_at_work_but_not_while_a_judge_thinks(
    world: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_places, "HELD_SECONDS", 600.0)
    it, places, at_work = world(), WorkPlaces(1), list[tuple[str, int]]()
    judge = NotingJudge(places)
    await store(it, PROMPT)
    it.broken_store.on_step = lambda step: at_work.append((step, len(places)))
    it.lookup = replace(it.lookup, work=places, learning=cast(Learning, judge))
    await decide(it, NEAR)

    assert (at_work, judge.at_work, len(places)) == ([("load", 0), ("refresh", 1), ("nearest", 1)], [0], 0)
