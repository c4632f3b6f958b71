"""Provider calls that begin while the prompt is embedded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from sentinel_core.cache.answer import Answer
from sentinel_core.cache.directives import Controls
from sentinel_core.cache.outcome import Hit, HitKind, Miss
from sentinel_core.cache.ports import Vector
from sentinel_core.errors import BudgetSpentError, NotCachedError, ProviderError, ProviderUnavailableError
from sentinel_core.support.background import Background
from tests.support.fakes import PRICE, USAGE, WordEmbedder, World

pytestmark = pytest.mark.anyio

PROMPT = "what is machine learning"
NEAR = "what is deep learning"


class SlowEmbedder(WordEmbedder):
    """Embeds once `may_go` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go = asyncio.Event()
        self.may_go.set()

    async def embed(self, text: str) -> Vector:
        await self.may_go.wait()
        return await super().embed(text)


@dataclass
class BrokeMeter:
    """A key without any budget left."""

    async def admit(self) -> None: ...

    def forward(self) -> None:
        raise BudgetSpentError("spent", code="budget_spent")

    def charge(self, tokens: int, cost_usd: float | None) -> None: ...

    async def settle(self) -> None: ...


@pytest.fixture
async def it(world: Callable[..., World]) -> World:
    """An eager world with a background, whose embedder holds the next prompt."""
    embedder = SlowEmbedder()
    found = world(embedder=embedder, background=Background(), is_eager=True)
    await found.gateway.answer(found.ask(PROMPT))
    found.provider.started.clear()
    found.events.costs.clear()
    embedder.may_go.clear()
    return found


async def answer(it: World, prompt: str, *, is_early: bool, **how: object) -> Answer:
    """Ask, and check whether the provider is called before the vector is there."""
    assert isinstance(it.embedder, SlowEmbedder)
    calls = it.provider.calls
    asking = asyncio.create_task(it.gateway.answer(it.ask(prompt, **how)))  # type: ignore[arg-type]
    for _ in range(10):
        await asyncio.sleep(0)
    assert it.provider.calls == calls + is_early
    it.embedder.may_go.set()
    return await asking


async def drained(it: World) -> None:
    assert it.background is not None
    assert await it.background.drain(within=30.0) == 0


async def test_a_caller_declines_the_early_call(it: World) -> None:
    found = await answer(it, NEAR, is_early=False, controls=Controls(no_eager=True))

    assert isinstance(found.outcome, Hit)
    assert it.provider.calls == 1


async def test_a_miss_asks_once_and_early(it: World) -> None:
    found = await answer(it, "how tall is everest", is_early=True)
    assert (found.outcome, found.billed, found.cost_usd, found.collapsed) == (Miss(), USAGE, PRICE, False)
    assert (it.provider.calls, it.events.costs, it.events.answers) == (2, [PRICE], [])
    near = await it.gateway.answer(it.ask("how tall is everest really"))
    assert isinstance(near.outcome, Hit)


async def test_a_semantic_hit_pays_for_the_call_and_keeps_its_answer(it: World) -> None:
    found = await answer(it, NEAR, is_early=True)
    await drained(it)
    assert isinstance(found.outcome, Hit)
    assert (found.outcome.kind, found.cost_usd, it.events.costs) == (HitKind.SEMANTIC, 0.0, [PRICE])
    assert [each.billed for each in it.events.answers] == [USAGE]
    again = await it.gateway.answer(it.ask(NEAR))
    assert isinstance(again.outcome, Hit)
    assert (again.outcome.kind, it.provider.calls) == (HitKind.EXACT, 2)


@pytest.mark.parametrize(("prompt", "how"), [(PROMPT, ""), (NEAR, "no-store")], ids=["exact hit", "no-store"])
async def test_no_call_begins_where_it_cannot_help(it: World, prompt: str, how: str) -> None:
    assert isinstance((await answer(it, prompt, is_early=False, cache_control=how)).outcome, Hit)
    assert it.provider.calls == 1


async def test_a_caller_who_wants_stored_answers_only_calls_no_provider(it: World) -> None:
    with pytest.raises(NotCachedError):
        await answer(it, "how tall is everest", is_early=False, cache_control="only-if-cached")
    assert it.provider.calls == 1


async def test_a_failed_early_call_is_the_misses_failure(it: World) -> None:
    it.provider.queue.append(ProviderUnavailableError("down", provider="fake"))
    with pytest.raises(ProviderError, match="down"):
        await answer(it, "how tall is everest", is_early=True)
    assert it.provider.calls == 2


async def test_a_failed_early_call_does_not_touch_a_hit(it: World) -> None:
    it.provider.queue.append(ProviderUnavailableError("down", provider="fake"))
    assert isinstance((await answer(it, NEAR, is_early=True)).outcome, Hit)
    await drained(it)
    assert (it.events.answers, it.events.costs) == ([], [])


async def test_a_caller_who_leaves_has_the_answer_charged_and_stored(it: World) -> None:
    asking = asyncio.create_task(it.gateway.answer(it.ask("how tall is everest")))
    await it.provider.started.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert isinstance(it.embedder, SlowEmbedder)
    it.embedder.may_go.set()
    await drained(it)
    again = await it.gateway.answer(it.ask("how tall is everest"))
    assert isinstance(again.outcome, Hit)
    assert (it.events.costs, it.provider.calls) == ([PRICE], 2)


async def test_a_spent_budget_begins_no_call_and_serves_hits(it: World) -> None:
    assert isinstance(it.embedder, SlowEmbedder)
    it.embedder.may_go.set()
    found = await it.gateway.answer(replace(it.ask(NEAR), meter=BrokeMeter()))
    assert (isinstance(found.outcome, Hit), it.provider.calls) == (True, 1)


async def test_identical_requests_share_one_early_call(it: World) -> None:
    asking = [asyncio.create_task(it.gateway.answer(it.ask("how tall is everest"))) for _ in range(3)]
    await it.provider.started.wait()
    assert isinstance(it.embedder, SlowEmbedder)
    it.embedder.may_go.set()
    found = await asyncio.gather(*asking)
    assert (sorted(each.collapsed for each in found), it.provider.calls) == ([False, True, True], 2)


async def test_without_a_background_no_call_begins_early(world: Callable[..., World]) -> None:
    it = world(embedder=SlowEmbedder(), is_eager=True)
    await it.gateway.answer(it.ask(PROMPT))
    assert isinstance((await it.gateway.answer(it.ask(NEAR))).outcome, Hit)
    assert it.provider.calls == 1
