"""Two policies side by side: who is in which arm, what is counted, and what is shown."""

from __future__ import annotations

import asyncio

import pytest

from sentinel_core.cache.experiment import arm_of
from sentinel_core.tenants.policy import Effects, Policy, Rule
from tests.support.fakes import FakeClock, MemoryBooks
from tests.tenants.doors import shown_to
from tests.web.conftest import Api
from tests.web.operator import Build, call, kept_apart, told

pytestmark = pytest.mark.anyio

POLICY = Policy([Rule(1, {"experiment": "dry"}, Effects(mode="off"), 0.5)])
USERS = [f"user {number}" for number in range(40)]


def arm(user: str, tenant: str = "acme") -> str:
    return arm_of("dry", 0.5, f"user:{tenant}:{user}").policy


async def traffic(it: Api) -> None:
    for user in USERS:
        for _ in range(2):
            await it.query({"prompt": "what is a bond"}, **{"x-api-key": shown_to("acme"), "x-sentinel-user": user})


@pytest.mark.parametrize("has_books", [False, True], ids=["one process", "with books"])
async def test_both_arms_and_their_difference_are_shown(api: Build, clock: FakeClock, has_books: bool) -> None:
    it = kept_apart(api, clock, policy=POLICY, books=MemoryBooks(clock.now) if has_books else None)
    await traffic(it)
    page = await told(it, "/experiment")

    treated = sum(arm(user) == "b" for user in USERS)
    a, b = page["arms"]
    assert (page["name"], page["share"]) == ("dry", 0.5)
    assert (a["requests"], b["requests"]) == (2 * (40 - treated), 2 * treated)
    assert a["hit_share"] == pytest.approx((2 * (40 - treated) - 1) / (2 * (40 - treated)))
    assert b["hit_share"] == 0.0
    difference = page["differences"]["hit_share"]
    assert difference["low"] <= difference["b_minus_a"] < difference["high"] < -0.8
    assert a["wrong_hits"]["rate"] == "not measured"
    assert page["differences"]["wrong_hits"] == {"b_minus_a": None, "low": None, "high": None}
    assert b["saved_usd_per_request"] == 0.0 < a["saved_usd_per_request"]


async def test_a_key_without_users_has_one_arm_and_an_unnamed_caller_none(api: Build, clock: FakeClock) -> None:
    keyed, unnamed = kept_apart(api, clock, policy=POLICY), api(policy=POLICY)
    for _ in range(3):
        await keyed.query({"prompt": "what is a bond"}, **{"x-api-key": shown_to("acme")})
    counts = sorted(each["requests"] for each in (await told(keyed, "/experiment"))["arms"])
    answers = [(await unnamed.query({"prompt": "what is a bond"})).json()["outcome"] for _ in range(2)]

    assert counts == [0, 3]
    assert answers == ["miss", "hit_exact"]


async def test_requests_at_once_are_counted_in_their_own_arms(api: Build, clock: FakeClock) -> None:
    it = kept_apart(api, clock, policy=POLICY)
    await asyncio.gather(
        *(
            it.client.post(
                "/v1/chat/completions",
                json={"model": "m", "user": user, "messages": [{"role": "user", "content": "hello"}]},
                headers={"x-api-key": shown_to("acme")},
            )
            for user in USERS
        )
    )
    a, b = (await told(it, "/experiment"))["arms"]

    assert b["requests"] == sum(arm(user) == "b" for user in USERS) == 40 - a["requests"]


async def test_without_an_experiment_there_is_nothing_to_compare(api: Build, clock: FakeClock) -> None:
    it = kept_apart(api, clock)

    assert (await call(it, "GET", "/experiment")).status_code == 404
