"""Races between a judge behind a real socket and the provider: who serves, what is paid, and what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from scripts.devtools.http.replies import Reply, answer, failure
from sentinel_core.cache.outcome import detail, name
from sentinel_core.errors import ProviderError, ProviderUnavailableError
from sentinel_core.matching.gate import Gate
from tests.learning.conftest import ASKED, STORED, Judged
from tests.support.fakes import OPEN_GATE, PRICE, completion

pytestmark = pytest.mark.anyio

Build = Callable[..., Judged]


async def racing(judged: Build, reply: Reply, *, gate: Gate | None = None, timeout: float = 5.0) -> Judged:
    """Build a gateway in mode race with one stored answer; its provider waits for `may_go`."""
    it = judged(mode="race", gate=gate, timeout=timeout)
    await it.ask(STORED)
    it.upstream.default = reply
    it.world.provider.gate = asyncio.Event()
    it.world.provider.started.clear()
    it.world.events.costs.clear()
    return it


def may_go(it: Judged) -> None:
    assert it.world.provider.gate is not None
    it.world.provider.gate.set()


async def test_a_faster_judge_serves_and_the_call_is_paid_and_kept(judged: Build) -> None:
    it = await racing(judged, answer("same"))
    found = await it.ask()
    assert (name(found.outcome), found.saved_usd, found.cost_usd) == ("hit_semantic", 0.0, 0.0)
    assert (it.world.provider.calls, it.world.events.costs) == (2, [])

    may_go(it)
    await it.settle()
    assert (it.world.events.costs, len(it.world.events.answers)) == ([PRICE], 1)
    again = await it.ask()
    assert (name(again.outcome), again.saved_usd, it.world.provider.calls) == ("hit_exact", PRICE, 2)


@pytest.mark.parametrize("gate", [Gate(), OPEN_GATE], ids=["refused", "passed"])
async def test_a_faster_provider_serves_and_the_word_is_kept(judged: Build, gate: Gate) -> None:
    it = await racing(judged, answer("same", delay=0.5), gate=gate)
    it.world.provider.queue.append(completion("Its own answer."))
    may_go(it)
    async with asyncio.timeout(30):
        found = await it.ask()
    assert (name(found.outcome), detail(found.outcome)) == ("miss", "gate:outrun")
    assert (found.completion.text, found.cost_usd, found.collapsed) == ("Its own answer.", PRICE, False)
    assert (it.world.provider.calls, it.world.events.costs) == (2, [PRICE])
    await it.settle()
    assert it.learning.ledger.of("open")["judge_same"] == 1


async def test_a_no_takes_the_call_that_was_begun(judged: Build) -> None:
    it = await racing(judged, answer("different"))
    asking = asyncio.create_task(it.ask())
    async with asyncio.timeout(30):
        while not it.learning.ledger.everyone["judge_different"]:  # noqa: ASYNC110  the ledger has no event
            await asyncio.sleep(0.01)
    may_go(it)
    found = await asking
    assert (name(found.outcome), detail(found.outcome), it.world.provider.calls) == ("miss", "gate:judge", 2)
    assert it.world.events.costs == [PRICE]


async def test_a_silent_judge_leaves_the_miss_to_the_provider(judged: Build) -> None:
    it = await racing(judged, failure(500), timeout=0.2)
    asking = asyncio.create_task(it.ask())
    await it.world.provider.started.wait()
    may_go(it)
    assert name((await asking).outcome) == "miss"
    assert it.world.provider.calls == 2
    await it.settle()


async def test_a_failed_call_waits_for_the_judge(judged: Build) -> None:
    it = await racing(judged, answer("same"))
    it.world.provider.queue.append(ProviderUnavailableError("down", provider="fake"))
    may_go(it)
    assert name((await it.ask()).outcome) == "hit_semantic"

    other = await racing(judged, answer("different"))
    other.world.provider.queue.append(ProviderUnavailableError("down", provider="fake"))
    may_go(other)
    with pytest.raises(ProviderError, match="down"):
        await other.ask(ASKED + " now")
    assert other.world.provider.calls == 2


async def test_a_stream_waits_for_the_judge_and_pays_for_no_call(judged: Build) -> None:
    it = await racing(judged, answer("same"))
    await it.gateway.stream(it.world.ask(ASKED))
    assert it.world.provider.calls == 1
