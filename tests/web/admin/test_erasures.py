"""`/v1/admin/erasures` over the store in memory."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from sentinel_core.cache.entry import Entry
from sentinel_core.web.admin.erasures import NOT_REACHED, Receipt, signature
from tests.support.fakes import FakeClock
from tests.tenants.doors import key_of
from tests.web.conftest import Api
from tests.web.operator import Build, ask, call, kept_apart, told

pytestmark = pytest.mark.anyio


@pytest.fixture
def it(api: Build, clock: FakeClock) -> Api:
    return kept_apart(api, clock)


async def erase(it: Api, **body: str) -> dict[str, Any]:
    response = await call(it, "POST", "/erasures", {"tenant": "acme", **body})
    assert response.status_code == 200, response.text
    receipt: dict[str, Any] = response.json()
    return receipt


async def prompts(it: Api, tenant: str = "acme") -> set[str]:
    return {each["prompt"] for each in (await told(it, f"/entries?tenant={tenant}"))["entries"]}


async def test_all_of_a_user_goes_and_all_else_stays(it: Api) -> None:
    for user in ("alice", "bob"):
        await ask(it, "acme", f"what is the balance of my account {user}", x_sentinel_user=user)
        await ask(it, "acme", f"what is a noun of {user}", x_sentinel_user=user)
    await ask(it, "globex", "what is a verb", x_sentinel_user="alice")
    before = await prompts(it)

    receipt = await erase(it, user="alice")

    assert receipt["removed"]["entries"] == 2
    assert await prompts(it) == {prompt for prompt in before if "bob" in prompt}
    assert await prompts(it, "globex") == {"what is a verb"}
    gc.collect()
    assert [each for each in gc.get_objects() if isinstance(each, Entry) and "alice" in each.prompt] == []


async def test_a_receipt_is_signed_and_found_again(it: Api, clock: FakeClock) -> None:
    await ask(it, "acme", "what is a noun", x_sentinel_user="alice")
    receipt = await erase(it, user="alice")

    signed = Receipt.model_validate(receipt)
    assert receipt["signature"] == signature(signed, b"the key of receipts")
    assert signature(signed.model_copy(update={"removed": {}}), b"the key of receipts") != receipt["signature"]
    assert {name: receipt[name] for name in ("state", "kind", "started", "finished", "not_reached")} == {
        "state": "done", "kind": "user", "started": clock.now(), "finished": clock.now(),
        "not_reached": list(NOT_REACHED),
    }  # fmt: skip
    assert "alice" not in str(receipt)
    assert await told(it, f"/erasures/{receipt['id']}") == receipt
    assert (await told(it, "/erasures"))["erasures"] == [receipt]


async def test_a_users_near_misses_go(it: Api) -> None:
    await ask(it, "acme", "one two three four five six seven", x_sentinel_user="bob")
    for user in ("alice", "bob"):
        await ask(it, "acme", f"one two three four five six {user}", x_sentinel_user=user, cache_control="max-age=60")
    await erase(it, user="alice")
    noted = (await told(it, "/near-misses?tenant=acme"))["near_misses"]
    assert [near["prompt"] for near in noted if "alice" in near["prompt"]] == []


async def test_all_of_a_key_goes(it: Api) -> None:
    await ask(it, "acme", "what is a noun")
    receipt = await erase(it, key=key_of("acme").id)
    assert (receipt["kind"], receipt["subject"], receipt["removed"]["entries"]) == ("key", key_of("acme").id, 1)
    assert await prompts(it) == set()


async def test_a_second_erasure_and_an_unknown_user_remove_nothing(it: Api) -> None:
    await ask(it, "acme", "what is a noun", x_sentinel_user="alice")
    removed = [(await erase(it, user=user))["removed"]["entries"] for user in ("alice", "alice", "mallory")]
    assert removed == [1, 0, 0]


async def test_requests_under_way_store_nothing_more_of_the_user(it: Api, clock: FakeClock) -> None:
    await erase(it, user="alice")
    await ask(it, "acme", "what is a noun", x_sentinel_user="alice")
    await ask(it, "acme", "what is a verb", x_sentinel_user="bob")
    assert await prompts(it) == {"what is a verb"}
    clock.moment += 61
    await ask(it, "acme", "what is an adverb", x_sentinel_user="alice")
    assert await prompts(it) == {"what is a verb", "what is an adverb"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    {
        "nothing named": ({}, 422, "value_error"),
        "two named": ({"user": "a", "key": "0" * 16}, 422, "value_error"),
        "a blank user": ({"user": " "}, 422, "value_error"),
        "a number": ({"user": 7}, 422, "string_type"),
        "a long user": ({"user": "a" * 513}, 422, "string_too_long"),
        "an unknown field": ({"user": "a", "all": True}, 422, "extra_forbidden"),
        "an unknown tenant": ({"user": "a", "tenant": "acmee"}, 404, "unknown_tenant"),
        "another tenant's key": ({"key": key_of("globex").id}, 404, "no_such_key"),
    }.values(),
)
async def test_a_bad_body_erases_nothing(it: Api, body: dict[str, Any], status: int, code: str) -> None:
    await ask(it, "acme", "what is a noun")
    response = await call(it, "POST", "/erasures", {"tenant": "acme", **body})
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert await prompts(it) == {"what is a noun"}


async def test_an_unknown_erasure_is_not_found(it: Api) -> None:
    assert (await call(it, "GET", "/erasures/0123456789abcdef")).status_code == 404
