"""What the gateway does with prompts whose answers do not last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from sentinel_core.cache.directives import Controls
from sentinel_core.cache.outcome import Hit, HitKind, Miss, MissDetail
from sentinel_core.cache.scope import split
from sentinel_core.cache.storing import Unstorable
from sentinel_core.errors import ProviderUnavailableError
from tests.support.fakes import RULES, World, chat

pytestmark = pytest.mark.anyio

Build = Callable[..., World]
SHORT = replace(RULES, volatile_ttl=10.0)
VOLATILE, NEAR, LASTING = "what is the latest python", "what is the stable python", "what is machine learning"


async def test_its_answer_is_kept_for_the_shorter_time_and_says_why(world: Build) -> None:
    it = world(rules=SHORT)
    miss = await it.gateway.answer(it.ask(VOLATILE))
    kept = await it.memory.load(split(chat(VOLATILE), "open"))
    it.clock.advance(9.0)
    hit = await it.gateway.answer(it.ask(VOLATILE))
    it.clock.advance(1.0)
    again = await it.gateway.answer(it.ask(VOLATILE))

    assert kept is not None
    assert kept.ttl == 10.0
    assert [each.volatile for each in (miss, hit, again)] == ["latest"] * 3
    assert (hit.outcome, again.outcome) == (Hit(HitKind.EXACT, 1.0, 9.0), Miss(MissDetail.EXPIRED))


async def test_the_operator_has_the_last_word_on_what_lasts(world: Build) -> None:
    it = world(rules=replace(SHORT, volatile_off=frozenset({"latest"}), volatile_words=("machine learning",)))
    answers = [await it.gateway.answer(it.ask(prompt)) for prompt in (VOLATILE, LASTING)]

    assert [answer.volatile for answer in answers] == [None, "words"]


async def test_an_answer_that_lasts_is_not_touched(world: Build) -> None:
    it = world(rules=SHORT)
    answer = await it.gateway.answer(it.ask(LASTING))
    kept = await it.memory.load(split(chat(LASTING), "open"))

    assert kept is not None
    assert (answer.volatile, kept.ttl) == (None, 100.0)


async def test_it_is_not_answered_by_an_older_entry_of_a_prompt_that_lasts(world: Build) -> None:
    it = world(rules=SHORT)
    await it.gateway.answer(it.ask(NEAR))
    it.clock.advance(10.0)
    answer = await it.gateway.answer(it.ask(VOLATILE))

    assert answer.outcome == Miss(MissDetail.EXPIRED)


async def test_a_caller_may_want_it_for_a_shorter_time_still(world: Build) -> None:
    it = world(rules=SHORT)
    await it.gateway.answer(it.ask(VOLATILE, controls=Controls(ttl=5.0)))
    it.clock.advance(5.0)

    assert (await it.gateway.answer(it.ask(VOLATILE))).outcome == Miss(MissDetail.EXPIRED)


async def test_a_time_of_nothing_keeps_none_of_them(world: Build) -> None:
    it = world(rules=replace(RULES, volatile_ttl=0.0))
    answers = [await it.gateway.answer(it.ask(VOLATILE)) for _ in range(2)]

    assert [answer.unstorable for answer in answers] == [Unstorable.VOLATILE] * 2
    assert await it.memory.count() == 0


async def test_it_may_be_switched_off(world: Build) -> None:
    it = world(rules=RULES)
    answer = await it.gateway.answer(it.ask(VOLATILE))
    kept = await it.memory.load(split(chat(VOLATILE), "open"))

    assert kept is not None
    assert (answer.volatile, kept.ttl) == (None, 100.0)


async def test_it_has_no_stale_stand_in_unless_the_caller_says_so(world: Build) -> None:
    it = world(rules=SHORT)
    await it.gateway.answer(it.ask(VOLATILE))
    it.clock.advance(15.0)
    it.provider.queue.extend([ProviderUnavailableError("down", provider="fake")] * 2)
    with pytest.raises(ProviderUnavailableError):
        await it.gateway.answer(it.ask(VOLATILE))
    answer = await it.gateway.answer(it.ask(VOLATILE, cache_control="stale-if-error=20"))

    assert answer.reused
