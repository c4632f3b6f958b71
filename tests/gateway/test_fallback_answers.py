from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from sentinel_core.cache.answer import Answer
from sentinel_core.cache.outcome import Hit, HitKind, Miss
from sentinel_core.cache.scope import split
from sentinel_core.chat.messages import ChatRequest
from tests.support.fakes import World, chat, completion

pytestmark = pytest.mark.anyio

Build = Callable[..., World]
PROMPT = "what is machine learning"
OTHER = ChatRequest("other", "gpt", ({"role": "user", "content": PROMPT},))
FALLEN_BACK = replace(completion("From another."), provider="other", fallback=("other", "gpt"))


async def answered(it: World, request: ChatRequest) -> Answer:
    return await it.gateway.answer(it.ask(request))


async def test_a_fallbacks_answer_is_kept_under_the_name_of_who_answered(world: Build) -> None:
    it = world()
    it.provider.queue.append(FALLEN_BACK)
    fallen_back = await answered(it, chat(PROMPT))
    again = await answered(it, chat(PROMPT))
    direct = await answered(it, OTHER)

    assert (fallen_back.completion.text, fallen_back.stored) == ("From another.", True)
    assert fallen_back.entry_id == split(OTHER, "open").entry_id == direct.entry_id
    assert (again.outcome, again.completion.text) == (Miss(), "An answer.")
    assert (direct.outcome, direct.completion.text) == (Hit(HitKind.EXACT, 1.0, 0.0), "From another.")


async def test_after_the_outage_the_first_choice_answers_and_is_kept(world: Build) -> None:
    it = world()
    it.provider.queue.append(FALLEN_BACK)
    await answered(it, chat(PROMPT))
    recovered = await answered(it, chat(PROMPT))
    hit = await answered(it, chat(PROMPT))

    assert [recovered.completion.text, hit.completion.text] == ["An answer."] * 2
    assert isinstance(hit.outcome, Hit)
