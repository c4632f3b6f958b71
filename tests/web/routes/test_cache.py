from __future__ import annotations

from typing import Any

import httpx
import pytest

from sentinel_core.stores.memory_counts import MemoryCounts
from sentinel_core.tenants.limits import Limiter
from tests.support.fakes import FakeClock, MemoryBooks
from tests.tenants.doors import MemoryKeys, directory, key_of, shown_to
from tests.web.conftest import Api
from tests.web.operator import ADMIN, Build, ask, kept_apart, told

pytestmark = pytest.mark.anyio

NOWHERE = f"{'0' * 64}:{'0' * 64}"


@pytest.fixture
def it(api: Build, clock: FakeClock) -> Api:
    return kept_apart(api, clock, books=MemoryBooks(clock.now))


async def call(it: Api, tenant: str, method: str, path: str, body: Any = None) -> httpx.Response:
    return await it.client.request(method, f"/v1/cache{path}", json=body, headers={"x-api-key": shown_to(tenant)})


async def prompts(it: Api, tenant: str) -> list[str]:
    page = (await call(it, tenant, "GET", "/entries")).json()
    return sorted(entry["prompt"] for entry in page["entries"])


async def test_tenants_see_and_delete_their_own_entries_and_no_others(it: Api) -> None:
    mine = (await ask(it, "acme", "one two")).json()["entry_id"]
    theirs = (await ask(it, "globex", "three four")).json()["entry_id"]

    assert [await prompts(it, tenant) for tenant in ("acme", "globex")] == [["one two"], ["three four"]]
    shown = (await call(it, "acme", "GET", f"/entries/{mine}")).json()
    assert (shown["id"], shown["prompt"], shown["response"]) == (mine, "one two", "An answer.")
    assert (await call(it, "acme", "GET", f"/entries/{theirs}")).json()["error"]["code"] == "no_such_entry"
    assert (await call(it, "acme", "DELETE", f"/entries/{theirs}")).json() == {"changed": False}
    twice = [(await call(it, "acme", "DELETE", f"/entries/{mine}")).json() for _ in range(2)]
    assert twice == [{"changed": True}, {"changed": False}]
    assert [await prompts(it, tenant) for tenant in ("acme", "globex")] == [[], ["three four"]]


async def test_a_tag_is_forgotten_in_ones_own_namespace_only(it: Api) -> None:
    for tenant in ("acme", "globex"):
        await ask(it, tenant, "one two", x_sentinel_tag="faq")
        await ask(it, tenant, "three four")

    assert (await call(it, "acme", "POST", "/purge", {"tag": "faq"})).json()["purged"]
    assert [await prompts(it, tenant) for tenant in ("acme", "globex")] == [["three four"], ["one two", "three four"]]


async def test_what_is_called_wrong_is_deleted_and_both_verdicts_are_counted(it: Api) -> None:
    answered = await ask(it, "acme", "one two")
    said = {"entry_id": answered.headers["x-sentinel-entry"]}
    right = await call(it, "acme", "POST", "/feedback", {**said, "verdict": "right"})
    elsewhere = await call(it, "globex", "POST", "/feedback", {**said, "verdict": "wrong"})
    assert [each.json() for each in (right, elsewhere)] == [{"counted": True, "changed": False}] * 2
    assert (await ask(it, "acme", "one two")).json()["outcome"] == "hit_exact"

    wrong = [(await call(it, "acme", "POST", "/feedback", {**said, "verdict": "wrong"})).json() for _ in range(2)]
    assert [each["changed"] for each in wrong] == [True, False]
    assert (await ask(it, "acme", "one two")).json()["outcome"] == "miss"

    stats = await told(it, "/stats?tenant=acme")
    assert stats["tenants"]["acme"]["feedback_by_verdict"] == {"right": 1, "wrong": 2}
    assert stats["everyone"]["feedback_by_verdict"] == {"right": 1, "wrong": 3}
    counted = stats["fleet"][0]["counters"]
    assert (counted["feedback_right"], counted["feedback_wrong"]) == (1, 2)


@pytest.mark.parametrize("verdict", ["wrong", "wrong-match"])
@pytest.mark.parametrize("by_request", [True, False])
async def test_a_wrong_match_bans_the_pair_and_keeps_the_entry(it: Api, verdict: str, by_request: bool) -> None:
    own, asked = "what is machine learning", "what is deep learning"
    await ask(it, "acme", own)
    near = await ask(it, "acme", asked)
    assert near.json()["outcome"] == "hit_semantic"
    named = {"request_id": near.headers["x-request-id"]}
    if not by_request:
        named = {"entry_id": near.json()["entry_id"], "prompt": asked}
    said = {**named, "verdict": verdict}

    answers = [(await call(it, "acme", "POST", "/feedback", said)).json()["changed"] for _ in range(2)]
    assert answers == [True, False]
    assert await prompts(it, "acme") == [own]
    assert [(await ask(it, "acme", prompt)).json()["outcome"] for prompt in (own, asked)] == ["hit_exact", "miss"]
    assert await prompts(it, "acme") == [asked, own]


async def test_a_wrong_match_needs_the_prompt_that_was_asked(it: Api) -> None:
    entry = (await ask(it, "acme", "what is machine learning")).json()["entry_id"]

    refused = await call(it, "acme", "POST", "/feedback", {"entry_id": entry, "verdict": "wrong-match"})

    assert (refused.status_code, "prompt" in refused.json()["error"]["message"]) == (422, True)


async def test_a_wrong_answer_is_deleted_after_a_semantic_hit_too(it: Api) -> None:
    await ask(it, "acme", "what is machine learning")
    near = await ask(it, "acme", "what is deep learning")
    said = {"request_id": near.headers["x-request-id"], "verdict": "wrong-answer"}

    assert (await call(it, "acme", "POST", "/feedback", said)).json()["changed"]
    assert await prompts(it, "acme") == []


async def test_right_never_makes_a_pair_known(it: Api) -> None:
    await ask(it, "acme", "what is machine learning")
    near = await ask(it, "acme", "what is deep learning")
    said = {"request_id": near.headers["x-request-id"], "verdict": "right"}

    assert not (await call(it, "acme", "POST", "/feedback", said)).json()["changed"]
    assert len(it.world.memory.pairs) == 0


async def test_a_request_of_another_tenant_is_unknown(it: Api) -> None:
    mine = await ask(it, "acme", "one two")
    said = {"request_id": mine.headers["x-request-id"], "verdict": "wrong"}
    response = await call(it, "globex", "POST", "/feedback", said)

    assert (response.status_code, response.json()["error"]["code"]) == (404, "no_such_request")


async def test_a_key_for_some_models_is_shown_theirs(api: Build, clock: FakeClock) -> None:
    confined = key_of("acme-small", models=("small",)).model_copy(update={"tenant": "acme"})
    it = api(directory=directory(clock, MemoryKeys(key_of("acme"), confined)))
    await ask(it, "acme", "one two")
    large = await it.query({"prompt": "one two", "model": "large"}, x_api_key=shown_to("acme"))

    assert [await prompts(it, name) for name in ("acme", "acme-small")] == [["one two", "one two"], ["one two"]]
    paths = [f"/entries/{large.json()['entry_id']}"] * 2
    shown = [await call(it, name, "GET", path) for name, path in zip(("acme", "acme-small"), paths, strict=True)]
    assert [response.status_code for response in shown] == [200, 404]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("GET", "/entries?limit=0", None, 422, "limit: Input should be greater than or equal to 1"),
        ("GET", "/entries?cursor=hush", None, 400, "cursor: must be the next_cursor of a page"),
        ("GET", "/entries/hush", None, 422, "identifier: String should match pattern"),
        ("GET", f"/entries/{NOWHERE}", None, 404, "identifier: there is no such entry"),
        ("DELETE", "/entries/hush", None, 422, "identifier: String should match pattern"),
        ("POST", "/purge", {}, 422, "tag: Field required"),
        ("POST", "/purge", {"tag": "hush hush"}, 422, "tag: String should match pattern"),
        ("POST", "/purge", {"tag": "a", "tenant": "globex"}, 422, "tenant: Extra inputs are not permitted"),
        ("POST", "/feedback", {"verdict": "wrong"}, 422, "give either request_id or entry_id"),
        ("POST", "/feedback", {"entry_id": "hush", "verdict": "wrong"}, 422, "entry_id: String should match pattern"),
        (
            "POST",
            "/feedback",
            {"entry_id": NOWHERE, "request_id": "1", "verdict": "right"},
            422,
            "give either request_id or entry_id",
        ),
        ("POST", "/feedback", {"request_id": "1", "prompt": "a", "verdict": "right"}, 422, "prompt goes with"),
        (
            "POST",
            "/feedback",
            {"entry_id": NOWHERE, "verdict": "hush"},
            422,
            "verdict: Input should be 'right', 'wrong', 'wrong-match' or",
        ),
        ("POST", "/feedback", {"entry_id": NOWHERE}, 422, "verdict: Field required"),
    ],
)
async def test_what_breaks_a_rule_is_told_with_the_field(
    it: Api, method: str, path: str, body: Any, status: int, message: str
) -> None:
    response = await call(it, "acme", method, path, body)

    assert (response.status_code, response.json()["error"]["message"][: len(message)]) == (status, message)
    assert "hush" not in response.text


@pytest.mark.parametrize(
    ("step", "method", "path", "body"),
    [
        ("entries", "GET", "/entries", None),
        ("purge", "POST", "/purge", {"tag": "a"}),
        ("delete", "POST", "/feedback", {"entry_id": NOWHERE, "verdict": "wrong"}),
    ],
)
async def test_where_the_store_does_not_answer_nothing_is_said_to_be_done(
    api: Build, clock: FakeClock, step: str, method: str, path: str, body: Any
) -> None:
    it = kept_apart(api, clock, broken={step})
    response = await call(it, "acme", method, path, body)

    assert (response.status_code, response.json()["error"]["code"]) == (503, "store_unavailable")
    assert (await told(it, "/stats"))["everyone"]["feedback_by_verdict"] == {}


async def test_looking_after_entries_counts_as_asking(api: Build, clock: FakeClock) -> None:
    keys = MemoryKeys(key_of("acme", limits={"requests_per_minute": 2}))
    limiter = Limiter(MemoryCounts(clock), clock=clock)
    it = api(directory=directory(clock, keys), limiter=limiter)

    assert [(await call(it, "acme", "GET", "/entries")).status_code for _ in range(3)] == [200, 200, 429]


async def test_the_operators_key_is_no_tenants(it: Api) -> None:
    response = await it.client.get("/v1/cache/entries", headers={"x-api-key": ADMIN})

    assert response.status_code == 401


async def test_without_keys_everyone_looks_after_everyones(api: Build) -> None:
    it = api()
    said = {"entry_id": (await it.query()).json()["entry_id"], "verdict": "wrong"}

    assert (await it.client.post("/v1/cache/feedback", json=said)).json()["changed"]
    assert (await it.client.get("/v1/cache/entries")).json() == {"entries": [], "next_cursor": None}
