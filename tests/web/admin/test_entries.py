from __future__ import annotations

from typing import Any

import pytest

from sentinel_core.errors import EmbeddingError
from sentinel_core.gateway.similar_entries import SCOPES
from tests.support.fakes import PRICE, FakeClock, WordEmbedder
from tests.tenants.doors import shown_to
from tests.web.conftest import Api
from tests.web.operator import ADMIN, Build, ask, call, kept_apart

pytestmark = pytest.mark.anyio

NOWHERE = f"{'0' * 64}:{'0' * 64}"


@pytest.fixture
def it(api: Build, clock: FakeClock) -> Api:
    return kept_apart(api, clock)


async def listed(it: Api, tenant: str, **query: int | str) -> dict[str, Any]:
    response = await it.client.get(
        "/v1/admin/entries", params={"tenant": tenant, **query}, headers={"x-api-key": ADMIN}
    )
    assert response.status_code == 200, response.text
    told: dict[str, Any] = response.json()
    return told


async def found(it: Api, **search: object) -> dict[str, Any]:
    response = await call(it, "POST", "/entries/search", {"tenant": "acme", **search})
    assert response.status_code == 200, response.text
    told: dict[str, Any] = response.json()
    return told


def prompts(page: dict[str, Any]) -> list[str]:
    return [entry["prompt"] for entry in page["entries"]]


async def test_an_entry_is_shown_with_what_it_is_worth_and_for_how_long(it: Api, clock: FakeClock) -> None:
    created = clock.now()
    await ask(it, "acme", "one two", x_sentinel_tag="faq, docs")
    clock.advance(40.5)
    [entry] = (await listed(it, "acme"))["entries"]

    assert entry == {
        "id": entry["id"], "prompt": "one two", "response": "An answer.", "provider": "fake", "model": "small",
        "created": created, "age_seconds": 40.5, "ttl_left_seconds": 59.5, "stale": False, "cost_usd": PRICE,
        "tags": ["faq", "docs"],
    }  # fmt: skip
    assert (await call(it, "GET", f"/entries/{entry['id']}?tenant=acme")).json() == entry
    clock.advance(59.5)
    [past] = (await listed(it, "acme"))["entries"]
    assert (past["ttl_left_seconds"], past["stale"]) == (0.0, True)


async def test_entries_are_listed_by_page_and_by_tenant(it: Api) -> None:
    for prompt in ("one", "two", "three"):
        await ask(it, "acme", prompt)
    await ask(it, "globex", "theirs")
    first = await listed(it, "acme", limit=2)
    second = await listed(it, "acme", limit=2, cursor=first["next_cursor"])

    assert sorted(prompts(first) + prompts(second)) == ["one", "three", "two"]
    assert (len(first["entries"]), second["next_cursor"]) == (2, None)
    assert prompts(await listed(it, "nobody")) == []


async def test_entries_are_found_by_what_they_say(it: Api) -> None:
    for prompt in ("Straße nach Rom", "the road to Paris"):
        await ask(it, "acme", prompt)
    await ask(it, "globex", "Straße nach Rom")

    assert prompts(await found(it, text="STRASSE")) == ["Straße nach Rom"]
    assert sorted(prompts(await found(it, text="an answer"))) == ["Straße nach Rom", "the road to Paris"]
    assert await found(it, text="nothing of it") == {"entries": [], "next_cursor": None}


async def test_entries_are_found_by_what_they_are_like_in_all_scopes(it: Api) -> None:
    for prompt in ("one two three four", "five six seven eight"):
        await ask(it, "acme", prompt)
    await it.query({"prompt": "one two three nine", "temperature": 0.1}, x_api_key=shown_to("acme"))
    await ask(it, "globex", "one two three four")
    told = await found(it, like="one two three four")

    assert [(entry["prompt"], entry["similarity"]) for entry in told["entries"]] == [
        ("one two three four", 1.0), ("one two three nine", 0.75),
    ]  # fmt: skip
    assert told["next_cursor"] is None
    assert prompts(await found(it, like="one two three four", threshold=0.76)) == ["one two three four"]
    assert prompts(await found(it, like="one two three four", limit=1)) == ["one two three four"]
    shown = [(await call(it, "GET", f"/entries/{entry['id']}?tenant=acme")).json() for entry in told["entries"]]
    assert shown == [{name: entry[name] for name in entry if name != "similarity"} for entry in told["entries"]]


async def test_so_many_scopes_are_searched_at_once_and_the_next_ones_after(it: Api) -> None:
    for number in range(SCOPES + 1):
        await it.query({"prompt": "one two", "max_tokens": number + 1}, x_api_key=shown_to("acme"))
    first = await found(it, like="one two", limit=100)
    rest = await found(it, like="one two", cursor=first["next_cursor"])

    assert (len(first["entries"]), len(rest["entries"]), rest["next_cursor"]) == (SCOPES, 1, None)


async def test_an_entry_is_deleted_once(it: Api) -> None:
    for tenant in ("acme", "globex"):
        await ask(it, tenant, "one two")
    [entry] = (await listed(it, "acme"))["entries"]
    path = f"/entries/{entry['id']}?tenant="

    assert (await call(it, "DELETE", f"{path}globex")).json() == {"changed": False}
    told = [(await call(it, "DELETE", f"{path}acme")).json() for _ in range(2)]
    assert told == [{"changed": True}, {"changed": False}]
    assert (await call(it, "GET", f"{path}acme")).json()["error"]["code"] == "no_such_entry"
    again = [(await ask(it, tenant, "one two")).json()["outcome"] for tenant in ("acme", "globex")]
    assert again == ["miss", "hit_exact"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("GET", "/entries", None, 422, "tenant: whose answers are meant"),
        ("GET", "/entries?tenant=a+b", None, 422, "tenant: String should match pattern"),
        ("GET", "/entries?tenant=acme&limit=0", None, 422, "limit: Input should be greater than or equal to 1"),
        ("GET", "/entries?tenant=acme&limit=101", None, 422, "limit: Input should be less than or equal to 100"),
        ("GET", "/entries?tenant=acme&cursor=hush", None, 400, "cursor: must be the next_cursor of a page"),
        ("GET", f"/entries?tenant=acme&cursor={'h' * 201}", None, 422, "cursor: String should have at most 200"),
        ("GET", "/entries/hush?tenant=acme", None, 422, "identifier: String should match pattern"),
        ("GET", f"/entries/{NOWHERE}?tenant=acme", None, 404, "identifier: there is no such entry"),
        ("DELETE", "/entries/hush?tenant=acme", None, 422, "identifier: String should match pattern"),
        ("DELETE", f"/entries/{NOWHERE}", None, 422, "tenant: whose answers are meant"),
        ("POST", "/entries/search", {"tenant": "acme"}, 422, "give either text or like"),
        ("POST", "/entries/search", {"tenant": "acme", "text": "a", "like": "b"}, 422, "give either text or like"),
        ("POST", "/entries/search", {"text": "a"}, 422, "tenant: whose answers are meant"),
        ("POST", "/entries/search", {"tenant": "acme", "text": ""}, 422, "text: String should have at least 1"),
        ("POST", "/entries/search", {"tenant": "acme", "like": "a", "threshold": 2}, 422, "threshold: Input should"),
        ("POST", "/entries/search", {"tenant": "acme", "like": "a", "limit": "9"}, 422, "limit: Input should be a val"),
        ("POST", "/entries/search", {"tenant": "acme", "like": "a", "cursor": "hush"}, 400, "cursor: must be the next"),
        ("POST", "/entries/search", {"tenant": "acme", "text": "a", "cursor": "hush"}, 400, "cursor: must be the next"),
        ("POST", "/entries/search", {"tenant": "acme", "like": "a " * 65}, 422, "like: longer than the model reads"),
        ("POST", "/entries/search", {"tenant": "acme", "like": "a", "by": "x"}, 422, "by: Extra inputs are not"),
    ],
)
async def test_what_breaks_a_rule_is_told_with_the_field(
    it: Api, method: str, path: str, body: Any, status: int, message: str
) -> None:
    response = await call(it, method, path, body)

    assert (response.status_code, response.json()["error"]["message"][: len(message)]) == (status, message)
    assert "hush" not in response.text


@pytest.mark.parametrize(
    ("step", "method", "path", "body"),
    [
        ("entries", "GET", "/entries?tenant=acme", None),
        ("entries", "POST", "/entries/search", {"tenant": "acme", "text": "a"}),
        ("scopes", "POST", "/entries/search", {"tenant": "acme", "like": "a"}),
        ("load", "GET", f"/entries/{NOWHERE}?tenant=acme", None),
        ("delete", "DELETE", f"/entries/{NOWHERE}?tenant=acme", None),
    ],
)
async def test_where_the_store_does_not_answer_that_is_said(
    api: Build, clock: FakeClock, step: str, method: str, path: str, body: Any
) -> None:
    response = await call(kept_apart(api, clock, broken={step}), method, path, body)

    assert (response.status_code, response.json()["error"]["code"]) == (503, "store_unavailable")


async def test_where_the_model_is_not_there_that_is_said(api: Build, clock: FakeClock) -> None:
    it = kept_apart(api, clock, embedder=WordEmbedder(error=EmbeddingError("gone")))
    response = await call(it, "POST", "/entries/search", {"tenant": "acme", "like": "a"})

    assert (response.status_code, response.json()["error"]["code"]) == (503, "embedder_unavailable")


async def test_without_keys_there_is_one_place_and_no_tenant(api: Build) -> None:
    it = api(admin=ADMIN)
    await it.query({"prompt": "one two"})
    [entry] = (await call(it, "GET", "/entries")).json()["entries"]

    assert (await call(it, "GET", "/entries?tenant=acme")).json()["error"]["code"] == "no_keys"
    assert (await call(it, "DELETE", f"/entries/{entry['id']}")).json() == {"changed": True}


@pytest.mark.parametrize("key", [shown_to("acme"), "", ADMIN[:-1]])
async def test_nobody_else_is_let_in(it: Api, key: str) -> None:
    await ask(it, "acme", "one two")
    [entry] = (await listed(it, "acme"))["entries"]
    tries = [
        ("GET", "", None), ("POST", "/search", {"tenant": "acme", "text": "one"}),
        ("GET", f"/{entry['id']}?tenant=acme", None), ("DELETE", f"/{entry['id']}?tenant=acme", None),
    ]  # fmt: skip
    told = [
        await it.client.request(method, f"/v1/admin/entries{path}", json=body, headers={"x-api-key": key})
        for method, path, body in tries
    ]

    assert [response.status_code for response in told] == [401] * 4
    assert "one two" not in "".join(response.text for response in told)
    assert len((await listed(it, "acme"))["entries"]) == 1
