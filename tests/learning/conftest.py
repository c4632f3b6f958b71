"""A gateway that learns from a judge behind a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from scripts.devtools.http.replies import Call, answer
from scripts.devtools.http.upstream import Upstream
from sentinel_core.cache.answer import Answer, CacheRequest
from sentinel_core.cache.billing import Billing
from sentinel_core.chat.messages import Json
from sentinel_core.gateway.gateway import Gateway
from sentinel_core.learning.audits import Auditor
from sentinel_core.learning.budget import DailyBudget
from sentinel_core.learning.judge import Judge
from sentinel_core.learning.learning import Learning, Mode
from sentinel_core.matching.gate import Gate
from sentinel_core.providers import pricing
from sentinel_core.providers.catalogue import KNOWN
from sentinel_core.providers.openai_compatible import OpenAICompatible
from sentinel_core.stores.memory_counts import MemoryCounts
from sentinel_core.support.background import Background
from sentinel_core.support.http import LeanTransport
from tests.support.fakes import OnlyProvider, World, price

ASKED, STORED = "what is deep learning", "what is machine learning"


@dataclass
class Judged:
    """A gateway, its world, the judge's server and what is learned."""

    world: World
    gateway: Gateway
    learning: Learning
    upstream: Upstream
    background: Background

    async def ask(self, prompt: Json | None = None, ask: CacheRequest | None = None) -> Answer:
        async with asyncio.timeout(20):
            return await self.gateway.answer(ask or self.world.ask(prompt or ASKED))

    @property
    def auditor(self) -> Auditor:
        assert self.learning.auditor is not None
        return self.learning.auditor

    async def settle(self) -> None:
        await self.background.drain(within=30.0)

    @property
    def questions(self) -> list[Call]:
        return self.upstream.calls


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream.running(answer("same")) as server:
        yield server


@pytest.fixture
async def judged(world: Callable[..., World], upstream: Upstream) -> AsyncIterator[Callable[..., Judged]]:
    """Build a gateway whose judge is the `upstream`; its gate refuses `ASKED` for `STORED`."""
    transport = LeanTransport()
    asked = OpenAICompatible(replace(KNOWN["groq"], base_url=upstream.url), key="k", transport=transport)

    def build(
        *,
        mode: Mode = "inline",
        timeout: float = 5.0,
        usd: float = 1.0,
        gate: Gate | None = None,
        audit_share: float = 0.0,
        audit_usd: float = 1.0,
        has_curated: bool = False,
    ) -> Judged:
        it, background = world(gate=gate or Gate(), has_curated=has_curated), Background()
        budget = DailyBudget("judge-usd", usd, MemoryCounts(it.clock), it.clock)
        judge = Judge(
            lambda _: asked, "groq", "llama-3.1-8b-instant", Billing(pricing.cost_usd), budget, it.clock, timeout
        )
        learning = Learning(judge, it.memory.pairs, it.clock, mode=mode, background=background)
        learning.auditor = Auditor(
            judge,
            lambda _: it.provider,
            Billing(price),
            DailyBudget("audit-usd", audit_usd, MemoryCounts(it.clock), it.clock),
            it.memory.pairs,
            it.clock,
            background,
            lambda: 0.5,
            share=audit_share,
            ledger=learning.ledger,
            events=it.events,
        )
        gateway = Gateway(
            lookup=replace(it.lookup, learning=learning),
            providers=OnlyProvider(it.provider),
            billing=Billing(price),
            rules=it.rules,
            clock=it.clock,
            events=it.events,
            background=background,
        )
        return Judged(it, gateway, learning, upstream, background)

    yield build
    await asked.aclose()
