"""Audits against a judge behind a real socket: what they cost, count, doubt and raise."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scripts.devtools.http.replies import answer
from sentinel_core.cache.outcome import name
from sentinel_core.cache.pairs import Relation
from sentinel_core.cache.scope import split
from sentinel_core.chat.messages import Json
from sentinel_core.errors import ProviderUnavailableError
from tests.learning.conftest import ASKED, STORED, Judged
from tests.support.fakes import OPEN_GATE, PRICE, chat, completion

pytestmark = pytest.mark.anyio

Build = Callable[..., Judged]


async def audited(it: Judged, word: str, *, fresh: str = "Another answer.") -> None:
    """Store an answer, have it served by meaning, and audit that hit."""
    await it.ask(STORED)
    it.upstream.default = answer(word)
    it.world.provider.queue.append(completion(fresh))
    assert name((await it.ask(ASKED)).outcome) == "hit_semantic"
    await it.settle()


async def test_a_hit_is_compared_with_a_fresh_answer(judged: Build) -> None:
    it = judged(gate=OPEN_GATE, mode="background", audit_share=1.0)
    await audited(it, "same")
    rate = it.auditor.rates.of("open")

    assert it.world.provider.calls == 2
    assert (rate.audits, rate.seen_wrong, rate.rate, rate.low) == (1, 0, 0.0, 0.0)
    assert it.learning.ledger.of("open")["audits"] == 1
    assert it.learning.ledger.of("open")["audit_usd"] > PRICE
    assert [each.name for each in it.auditor.rates.by_model("open")] == ["fake/small"]


async def test_a_hit_that_is_not_drawn_costs_nothing(judged: Build) -> None:
    it = judged(gate=OPEN_GATE, mode="background", audit_share=0.5)
    await audited(it, "same")

    assert it.world.provider.calls == 1
    assert it.auditor.rates.of().rate is None


async def test_one_audit_doubts_a_pair_and_two_ban_it(judged: Build) -> None:
    it = judged(gate=OPEN_GATE, mode="background", audit_share=1.0)
    await audited(it, "different")
    scope, pairs = split(chat(STORED), "open").scope, it.world.memory.pairs
    assert [pair.relation for pair in pairs.of(scope).values()] == [Relation.DOUBTED]

    it.world.clock.advance(1)
    assert name((await it.ask(ASKED)).outcome) == "hit_semantic"
    await it.settle()
    assert [pair.relation for pair in pairs.of(scope).values()] == [Relation.DIFFERENT]
    assert name((await it.ask(ASKED)).outcome) == "miss"


async def test_an_alert_is_raised_where_the_lower_end_is_too_high(judged: Build) -> None:
    it = judged(gate=OPEN_GATE, mode="background", audit_share=1.0)
    for _ in range(6):
        it.auditor.rates.note("open", "fake/small", is_wrong=True)
    await audited(it, "different")

    assert [alert.kind for alert in it.world.events.found] == ["wrong_hits"]
    assert it.world.events.found[0].facts["audits"] == 7


async def test_a_failing_provider_and_a_spent_budget_audit_nothing(judged: Build) -> None:
    it = judged(gate=OPEN_GATE, mode="background", audit_share=1.0)
    await it.ask(STORED)
    it.world.provider.queue.append(ProviderUnavailableError("down", provider="fake"))
    assert name((await it.ask(ASKED)).outcome) == "hit_semantic"
    await it.settle()
    assert it.auditor.rates.of().audits == 0

    poor = judged(gate=OPEN_GATE, mode="background", audit_share=1.0, audit_usd=PRICE / 2)
    await audited(poor, "same")
    assert (poor.world.provider.calls, poor.auditor.rates.of().audits) == (1, 0)


async def test_requests_with_tools_are_never_sent_again(judged: Build) -> None:
    it = judged(gate=OPEN_GATE, mode="background", audit_share=1.0)
    tools: Json = [{"type": "function", "function": {"name": "pay"}}]
    for prompt in (STORED, ASKED):
        await it.ask(ask=it.world.ask(chat(prompt, tools=tools)))
    await it.settle()

    assert it.world.provider.calls == 1
