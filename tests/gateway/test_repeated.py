from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest

from sentinel_core.cache.answer import CacheRequest
from sentinel_core.chat.messages import ChatRequest
from sentinel_core.gateway.repeated import Repeated
from tests.support.fakes import RULES, World, chat

pytestmark = pytest.mark.anyio

OF_ONE_REQUEST = {"deadline", "meter", "request", "progress"}


def other(kind: type) -> dict[str, Any]:
    """A new value for each field but those of one request."""
    return {each.name: object() for each in fields(kind) if each.name not in OF_ONE_REQUEST}


def test_a_repeated_request_keeps_every_field_but_those_of_one() -> None:
    plain = chat()
    request: ChatRequest = replace(plain, **other(ChatRequest))
    asked = CacheRequest(request, "ns", 1.0)
    ask: CacheRequest = replace(asked, **other(CacheRequest))

    again = Repeated(ask).asked(2.0, None)

    assert again == replace(ask, deadline=2.0, request=again.request)
    assert all(
        getattr(again.request, each.name) is getattr(request, each.name)
        for each in fields(ChatRequest)
        if each.name != "progress"
    )
    assert again.request.progress is not request.progress


@pytest.mark.parametrize(("seconds", "holds"), [(60.0, True), (86_400.0, False)])
async def test_a_first_state_holds_for_the_day(world: Callable[..., World], seconds: float, holds: bool) -> None:
    it = world(rules=replace(RULES, volatile_ttl=60.0))
    repeated = Repeated(it.ask(chat("what is the weather today")))
    await it.gateway.answer_again(repeated, 1e9, None)
    known = repeated.state
    it.clock.advance(seconds)
    await it.gateway.answer_again(repeated, 1e9, None)

    assert (repeated.state is known) is holds
    assert known is not None
    assert known.plan.ask.volatile is not None


@pytest.mark.parametrize(("turns", "is_kept"), [(1, True), (3, False)])
async def test_no_state_is_kept_of_a_later_turn(world: Callable[..., World], turns: int, is_kept: bool) -> None:
    it = world()
    earlier = [{"role": role, "content": "hi"} for role in ("user", "assistant")][: turns - 1]
    repeated = Repeated(it.ask(chat("and now", *earlier)))

    await it.gateway.answer_again(repeated, 1e9, None)

    assert (repeated.state is not None) is is_kept
