from __future__ import annotations

import pytest

from tests.support.fakes import PRICE, FakeClock, MemoryBooks
from tests.tenants.doors import MemoryKeys, directory, key_of, shown_to
from tests.web.conftest import Api
from tests.web.operator import ADMIN, Build, ask, call, kept_apart, told

pytestmark = pytest.mark.anyio

DAY = 86_400.0  # the clock starts on 1970-01-12


@pytest.fixture
def it(api: Build, clock: FakeClock) -> Api:
    return kept_apart(api, clock, books=MemoryBooks(clock.now))


async def test_this_process_counts_everyones_and_every_tenants(it: Api) -> None:
    for tenant in ("globex", "acme", "acme"):
        await ask(it, tenant)
    everyones, acmes, nobodys = [await told(it, f"/stats{query}") for query in ("", "?tenant=acme", "?tenant=nobody")]

    assert [stats["everyone"]["total_requests"] for stats in (everyones, acmes, nobodys)] == [3, 3, 3]
    assert {name: (each["total_requests"], each["cache_hits"]) for name, each in everyones["tenants"].items()} == {
        "acme": (2, 1), "globex": (1, 0),
    }  # fmt: skip
    assert (acmes["tenants"], nobodys["tenants"]) == ({"acme": everyones["tenants"]["acme"]}, {})


async def test_all_instances_count_by_day_and_by_tenant(it: Api, clock: FakeClock) -> None:
    for tenant in ("globex", "acme"):
        await ask(it, tenant)
    clock.advance(DAY)
    await ask(it, "acme", "three four")

    miss = {"miss": 1.0, "prompt_tokens": 7.0, "completion_tokens": 5.0, "cost_usd": PRICE}
    both = {name: 2 * amount for name, amount in miss.items()}
    first, second = "1970-01-12", "1970-01-13"
    asked: list[tuple[str, dict[str, dict[str, float]]]] = [
        ("", {second: miss}),
        (f"?day={first}", {first: both}),
        ("?days=3", {"1970-01-11": {}, first: both, second: miss}),
        ("?days=2&tenant=acme", {first: miss, second: miss}),
        (f"?day={second}&tenant=globex", {second: {}}),
        (f"?day={first}&tenant=globex", {first: miss}),
        ("?tenant=nobody", {second: {}}),
    ]
    for query, days in asked:
        fleet = (await told(it, f"/stats{query}"))["fleet"]
        assert [(each["day"], each["counters"]) for each in fleet] == list(days.items()), query


async def test_the_tenants_of_a_pool_have_numbers_of_their_own(api: Build, clock: FakeClock) -> None:
    keys = MemoryKeys(key_of("acme"), key_of("globex"))
    pooled = directory(clock, keys, pools={"acme": "docs", "globex": "docs"})
    it = api(directory=pooled, admin=ADMIN, books=MemoryBooks(clock.now))
    for tenant in ("acme", "globex"):
        await ask(it, tenant)

    counted = [(await told(it, f"/stats?tenant={tenant}"))["fleet"][0]["counters"] for tenant in ("acme", "globex")]
    assert [sorted(each)[-2:] for each in counted] == [["miss", "prompt_tokens"], ["hit_exact", "saved_usd"]]


async def test_without_redis_and_without_its_answer_there_are_no_days(api: Build, clock: FakeClock) -> None:
    for books in (None, MemoryBooks(clock.now, broken=True)):
        it = kept_apart(api, clock, books=books)
        await ask(it, "acme")
        stats = await told(it, "/stats?tenant=acme&days=2")
        assert (stats["fleet"], stats["tenants"]["acme"]["total_requests"]) == (None, 1)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("day=yesterday", "day: String should match pattern"),
        ("day=1970-1-1", "day: String should match pattern"),
        ("day=1970-02-30", "day: there is no such day"),
        ("day=0001-01-01&days=2", "day: there is no such day"),
        ("days=0", "days: Input should be greater than or equal to 1"),
        ("days=32", "days: Input should be less than or equal to 31"),
        ("tenant=a+b", "tenant: String should match pattern"),
    ],
)
async def test_what_breaks_a_rule_is_told_with_the_field(it: Api, query: str, message: str) -> None:
    response = await call(it, "GET", f"/stats?{query}")

    assert (response.status_code, response.json()["error"]["message"][: len(message)]) == (422, message)


@pytest.mark.parametrize("key", [shown_to("acme"), "", ADMIN[:-1]])
async def test_nobody_else_is_let_in(it: Api, key: str) -> None:
    response = await it.client.get("/v1/admin/stats?tenant=acme", headers={"x-api-key": key})

    assert response.status_code == 401
