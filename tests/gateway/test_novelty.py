"""What the gateway does with prompts that ask for something new each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from sentinel_core.cache.directives import Controls, Directives
from sentinel_core.cache.outcome import Bypass, BypassReason, Hit, HitKind, Miss, MissDetail
from tests.support.fakes import RULES, World

pytestmark = pytest.mark.anyio

Build = Callable[..., World]
JOKE = "tell me a joke"
PERMITTED = Controls(Directives(max_age=60.0))


async def test_something_new_is_made_each_time(world: Build) -> None:
    it = world()
    answers = [await it.gateway.answer(it.ask(JOKE)) for _ in range(2)]

    assert [answer.outcome for answer in answers] == [Bypass(BypassReason.NOVELTY)] * 2
    assert not any(answer.stored for answer in answers)


async def test_max_age_permits_the_same_words_alone(world: Build) -> None:
    it = world()
    first, again = [await it.gateway.answer(replace(it.ask(JOKE), controls=PERMITTED)) for _ in range(2)]
    other = await it.gateway.answer(replace(it.ask("tell me a joke please"), controls=PERMITTED))

    assert (first.outcome, first.stored) == (Miss(MissDetail.NOVELTY), True)
    assert again.outcome == Hit(HitKind.EXACT, 1.0, 0.0)
    assert other.outcome == Miss(MissDetail.NOVELTY)


async def test_the_operator_may_let_novelty_be_cached(world: Build) -> None:
    it = world(rules=replace(RULES, novelty=False))
    answers = [await it.gateway.answer(it.ask(JOKE)) for _ in range(2)]

    assert [answer.outcome for answer in answers] == [Miss(None), Hit(HitKind.EXACT, 1.0, 0.0)]
