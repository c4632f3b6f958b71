from __future__ import annotations

from typing import Any

import pytest

from tests.support.fakes import PRICE, FakeClock
from tests.tenants.doors import shown_to
from tests.web.conftest import Api
from tests.web.operator import ADMIN, Build, ask, call, kept_apart, told

pytestmark = pytest.mark.anyio


@pytest.fixture
def it(api: Build, clock: FakeClock) -> Api:
    return kept_apart(api, clock)


async def top(it: Api, query: str = "", tenant: str = "acme") -> list[tuple[Any, ...]]:
    page = await told(it, f"/top?tenant={tenant}{query}")
    return [(each["prompt"], each["hits"], each["saved_usd"]) for each in page["entries"]]


async def test_what_is_asked_most_comes_first(it: Api) -> None:
    for prompt in ("one two", "three four", "three four", "three four", "one two"):
        await ask(it, "acme", prompt)
    entry = (await ask(it, "globex", "one two")).json()["entry_id"]
    await ask(it, "globex", "one two")

    assert await top(it) == [("three four", 2, 2 * PRICE), ("one two", 1, PRICE)]
    assert await top(it, "&by=saved_usd&limit=1") == [("three four", 2, 2 * PRICE)]
    assert await told(it, "/top?tenant=globex&day=1970-01-12") == {
        "day": "1970-01-12",
        "entries": [{"entry_id": entry, "hits": 1, "saved_usd": PRICE, "prompt": "one two", "provider": "fake",
                     "model": "small"}],
    }  # fmt: skip
    assert await top(it, "&day=1970-01-11") == await top(it, tenant="nobody") == []


async def test_a_hit_by_meaning_counts_for_the_entry_that_answered(it: Api) -> None:
    await ask(it, "acme", "what is machine learning")
    await ask(it, "acme", "what is deep learning")

    assert await top(it) == [("what is machine learning", 1, PRICE)]


async def test_of_an_entry_that_is_gone_the_hits_are_left(it: Api) -> None:
    entry = (await ask(it, "acme", "one two")).json()["entry_id"]
    await ask(it, "acme", "one two")
    await call(it, "DELETE", f"/entries/{entry}?tenant=acme")

    assert await top(it) == [(None, 1, PRICE)]
    it.world.broken_store.steps = {"load"}
    assert await top(it) == [(None, 1, PRICE)]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "tenant: whose answers are meant"),
        ("?tenant=a+b", "tenant: String should match pattern"),
        ("?tenant=acme&by=age", "by: Input should be 'hits' or 'saved_usd'"),
        ("?tenant=acme&day=today", "day: String should match pattern"),
        ("?tenant=acme&day=1970-02-30", "day: there is no such day"),
        ("?tenant=acme&limit=101", "limit: Input should be less than or equal to 100"),
    ],
)
async def test_what_breaks_a_rule_is_told_with_the_field(it: Api, query: str, message: str) -> None:
    response = await call(it, "GET", f"/top{query}")

    assert (response.status_code, response.json()["error"]["message"][: len(message)]) == (422, message)


@pytest.mark.parametrize("key", [shown_to("acme"), "", ADMIN[:-1]])
async def test_nobody_else_is_let_in(it: Api, key: str) -> None:
    response = await it.client.get("/v1/admin/top?tenant=acme", headers={"x-api-key": key})

    assert response.status_code == 401
