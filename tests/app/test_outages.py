"""Ten minutes without provider, judge, collector or receiver: nothing waits without end, and memory stays flat."""

from __future__ import annotations

import asyncio
import gc
import json
import tracemalloc
from dataclasses import dataclass, field

import httpx
import pytest
from starlette.types import ASGIApp

from sentinel_core.app.build import Sentinel, build
from sentinel_core.app.settings import Settings
from sentinel_core.app.tracing import TraceRecorder, traced
from tests.support.fakes import FakeClock, WordEmbedder

pytestmark = pytest.mark.anyio

NOWHERE = "http://127.0.0.1:9"
"""Refuses every connection."""

GROQ = {"GROQ_API_KEY": "none", "GROQ_BASE_URL": f"{NOWHERE}/v1"}
AWAY = {
    "provider": {**GROQ, "SENTINEL_PROVIDER": "groq"},
    "judge": {**GROQ, "SENTINEL_PROVIDER": "simulated", "SENTINEL_JUDGE": "groq/j", "SENTINEL_AUDIT_SHARE": "0.5"},
    "collector": {"OTEL_EXPORTER_OTLP_ENDPOINT": NOWHERE},
    "receiver": {**GROQ, "SENTINEL_PROVIDER": "groq", "SENTINEL_ALERT_URL": NOWHERE, "SENTINEL_ALERT_SECRET": "s" * 32},
}
ROUNDS, TOGETHER = 10, 8
MINUTE = 60.0
MEGABYTE = 1_048_576


@dataclass
class Run:
    """A process under load, and what its callers got."""

    clock: FakeClock
    sentinel: Sentinel
    app: ASGIApp
    statuses: set[int] = field(default_factory=set)

    async def rounds(self, count: int) -> int:
        """Ask the same prompts in each of so many minutes; return the bytes that are held more at the end."""
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://localhost") as client:
            for _ in range(count):
                self.clock.advance(MINUTE)
                asked = [self._ask(client, number) for number in range(TOGETHER)]
                self.statuses.update(await asyncio.gather(*asked))
        await self.sentinel.parts.drain(within=2.0)
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before

    async def _ask(self, client: httpx.AsyncClient, number: int) -> int:
        prompt = f"what is alpha beta gamma delta of word{number % 4} {'now' if number % 2 else ''}"
        body = {"model": f"m{number % 3}", "messages": [{"role": "user", "content": prompt}]}
        headers = {"content-type": "application/json"}
        return (await client.post("/v1/chat/completions", content=json.dumps(body), headers=headers)).status_code


@pytest.mark.parametrize("part", AWAY)
async def test_ten_minutes_without_a_part_leave_memory_flat(part: str) -> None:
    common = {"SENTINEL_OPEN": "true", "SENTINEL_SIMULATED_DELAY_MS": "0", "SENTINEL_REQUEST_TIMEOUT_SECONDS": "1"}
    settings, clock = Settings.from_environ({**common, **AWAY[part]}), FakeClock()
    recorders = [TraceRecorder()] if settings.otlp_endpoint else []
    sentinel = build(settings, clock=clock, embedder=WordEmbedder(), has_background=True, recorders=recorders)
    run = Run(clock, sentinel, traced(settings, sentinel))
    try:
        await run.rounds(ROUNDS)
        tracemalloc.start()
        grown = await run.rounds(ROUNDS)
    finally:
        tracemalloc.stop()
        waiting, background = len(sentinel.parts.outbox._waiting), len(sentinel.parts.background)
        await sentinel.parts.aclose()

    assert run.statuses <= ({200} if part in ("judge", "collector") else {502, 503, 504})
    assert grown < MEGABYTE
    assert (waiting > 0, background) == (part == "receiver", 0)
    learning = sentinel.parts.learning
    assert learning is None or learning.ledger.everyone["judge_silent"] > 0
