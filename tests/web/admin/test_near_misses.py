from __future__ import annotations

from typing import Any

import pytest

from sentinel_core.matching.gate import Gate
from tests.support.fakes import FakeClock
from tests.tenants.doors import shown_to
from tests.web.conftest import Api
from tests.web.operator import ADMIN, Build, ask, call, kept_apart, told

pytestmark = pytest.mark.anyio


@pytest.fixture
def it(api: Build, clock: FakeClock) -> Api:
    return kept_apart(api, clock)


async def near_misses(it: Api, tenant: str = "acme", query: str = "") -> list[dict[str, Any]]:
    noted: list[dict[str, Any]] = (await told(it, f"/near-misses?tenant={tenant}{query}"))["near_misses"]
    return noted


def spread(shared: int, prompt: str) -> str:
    """Ten words, of which so many are shared with all others made like this."""
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    return " ".join([*words[:shared], *(f"{prompt}{number}" for number in range(10 - shared))])


async def test_what_was_just_below_the_threshold_is_told(it: Api, clock: FakeClock) -> None:
    stored = await ask(it, "acme", spread(10, ""))
    await ask(it, "acme", spread(7, "far"))
    await ask(it, "acme", spread(4, "farther"))

    [near] = await near_misses(it)
    assert near == {
        "at": clock.now(), "prompt": spread(7, "far"), "entry_id": stored.json()["entry_id"],
        "matched_prompt": spread(10, ""), "similarity": pytest.approx(0.7), "threshold": 0.75,
        "refused_by": "threshold", "confidence": None, "asked_span": None, "stored_span": None,
    }  # fmt: skip


async def test_what_the_gate_refused_is_told_with_its_rule(api: Build, clock: FakeClock) -> None:
    it = kept_apart(api, clock, gate=Gate(max_wrong=1.0))
    stored = await ask(it, "acme", "how tall is mount everest in 1999")
    await ask(it, "acme", "how tall is mount everest in 2005")

    [near] = await near_misses(it)
    verdict = it.world.gate.judge(near["prompt"], near["matched_prompt"], near["similarity"])
    assert (near["refused_by"], near["asked_span"], near["stored_span"]) == ("numbers", "2005", "1999")
    assert (near["entry_id"], near["confidence"]) == (stored.json()["entry_id"], verdict.confidence)


async def test_hits_expired_entries_and_what_is_not_to_be_stored_are_none(it: Api, clock: FakeClock) -> None:
    await ask(it, "acme", spread(10, ""))
    await ask(it, "acme", spread(10, ""))
    await ask(it, "acme", spread(8, "near"))
    await ask(it, "acme", spread(7, "far"), cache_control="no-store")
    body = {"query": {"prompt": spread(7, "far")}}
    await it.client.post("/v1/cache/explain", json=body, headers={"x-api-key": shown_to("acme")})
    clock.advance(120.0)
    await ask(it, "acme", spread(8, "near"))

    assert await near_misses(it) == []


async def test_tenants_are_told_apart_and_the_last_comes_first(it: Api) -> None:
    for tenant in ("acme", "globex"):
        await ask(it, tenant, spread(10, ""))
        for word in ("a", "b"):
            await ask(it, tenant, spread(7, f"{tenant}{word}"))

    assert [near["prompt"] for near in await near_misses(it)] == [spread(7, "acmeb"), spread(7, "acmea")]
    assert [near["prompt"] for near in await near_misses(it, "globex", "&limit=1")] == [spread(7, "globexb")]
    assert await near_misses(it, "nobody") == []


async def test_of_an_entry_that_is_gone_the_prompt_is_gone_too(it: Api) -> None:
    stored = await ask(it, "acme", spread(10, ""))
    await ask(it, "acme", spread(7, "far"))
    await call(it, "DELETE", f"/entries/{stored.json()['entry_id']}?tenant=acme")

    assert [near["matched_prompt"] for near in await near_misses(it)] == [None]
    it.world.broken_store.steps = {"load"}
    assert [near["matched_prompt"] for near in await near_misses(it)] == [None]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "tenant: whose answers are meant"),
        ("?tenant=a+b", "tenant: String should match pattern"),
        ("?tenant=acme&limit=0", "limit: Input should be greater than or equal to 1"),
    ],
)
async def test_what_breaks_a_rule_is_told_with_the_field(it: Api, query: str, message: str) -> None:
    response = await call(it, "GET", f"/near-misses{query}")

    assert (response.status_code, response.json()["error"]["message"][: len(message)]) == (422, message)


@pytest.mark.parametrize("key", [shown_to("acme"), "", ADMIN[:-1]])
async def test_nobody_else_is_let_in(it: Api, key: str) -> None:
    response = await it.client.get("/v1/admin/near-misses?tenant=acme", headers={"x-api-key": key})

    assert response.status_code == 401
