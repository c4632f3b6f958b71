from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sentinel_core.tenants import api_key
from tests.support.fakes import FakeClock
from tests.tenants.doors import MemoryKeys, directory, key_of, shown_to
from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]
ADMIN = "the-operators-own-key-long-enough"
OPERATOR = {"authorization": f"Bearer {ADMIN}"}


@pytest.fixture
def keys() -> MemoryKeys:
    return MemoryKeys(key_of("acme", created=1.0), key_of("globex", created=2.0), key_of("late", expires=1.0))


@pytest.fixture
def it(api: Build, clock: FakeClock, keys: MemoryKeys) -> Api:
    return api(directory=directory(clock, keys), admin=ADMIN)


async def call(it: Api, method: str, path: str, body: Any = None) -> httpx.Response:
    return await it.client.request(method, f"/v1/admin{path}", json=body, headers=OPERATOR)


async def ask(it: Api, key: str, prompt: str = "hi", **headers: str) -> str:
    response = await it.query({"prompt": prompt}, x_api_key=key, **headers)
    return str(response.json()["outcome"]) if response.status_code == 200 else str(response.status_code)


async def test_a_key_is_made_shown_once_used_rotated_and_revoked(it: Api, clock: FakeClock) -> None:
    asked = {"tenant": "initech", "name": "ci", "models": ["small"], "limits": {"usd_per_day": 5}}
    made = await call(it, "POST", "/keys", asked)
    shown, kept = made.json()["key"], made.json()["kept"]

    assert made.status_code == 201
    assert kept == {
        "id": api_key.digest(shown)[:16], "tenant": "initech", "name": "ci", "state": "active", "created": clock.now(),
        "expires": None, "models": ["small"], "providers": [], "user_scope": None, "scopes": [],
        "limits": {"requests_per_minute": None, "tokens_per_minute": None, "concurrent_requests": None,
                   "usd_per_day": 5.0, "usd_per_month": None},
    }  # fmt: skip
    assert await ask(it, shown) == "miss"

    rotated = await call(it, "POST", f"/keys/{kept['id']}/rotate", {})
    fresh = rotated.json()["key"]
    assert rotated.status_code == 201
    assert [await ask(it, key) for key in (shown, fresh)] == ["401", "hit_exact"]

    path = f"/keys/{rotated.json()['kept']['id']}"
    revoked = [(await call(it, "DELETE", path)).json() for _ in range(2)]
    assert [(each["changed"], each["kept"]["state"]) for each in revoked] == [(True, "revoked"), (False, "revoked")]
    assert await ask(it, fresh) == "401"


async def test_an_old_key_stays_good_for_the_overlap(it: Api, clock: FakeClock) -> None:
    await call(it, "POST", f"/keys/{key_of('acme').id}/rotate", {"overlap_seconds": 10})

    assert await ask(it, shown_to("acme")) == "miss"
    clock.advance(10)
    assert await ask(it, shown_to("acme")) == "401"


async def test_keys_are_listed_by_page(it: Api) -> None:
    first = (await call(it, "GET", "/keys?limit=2")).json()
    second = (await call(it, "GET", f"/keys?limit=2&cursor={first['next_cursor']}")).json()

    assert [key["tenant"] for key in first["keys"]] == ["acme", "globex"]
    assert [(key["tenant"], key["state"]) for key in second["keys"]] == [("late", "expired")]
    assert second["next_cursor"] is None
    assert shown_to("acme") not in str(first)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("GET", "/keys?limit=0", None, 422, "limit: Input should be greater than or equal to 1"),
        ("GET", "/keys?limit=many", None, 422, "limit: Input should be a valid integer"),
        ("GET", "/keys?cursor=hush", None, 422, "cursor: String should match pattern"),
        ("GET", f"/keys?cursor={'0' * 16}", None, 400, "cursor: must be the next_cursor of a page"),
        ("POST", "/keys", {}, 422, "tenant: Field required"),
        ("POST", "/keys", {"tenant": "a b"}, 422, "tenant: String should match pattern"),
        ("POST", "/keys", {"tenant": "a", "expires": "tomorrow"}, 422, "expires: Input should be a valid number"),
        ("POST", "/keys", {"tenant": "a", "expires": 1}, 422, "expires: must be in the future"),
        ("POST", "/keys", {"tenant": "a", "expires": -1}, 422, "expires: Input should be greater than or equal to 0"),
        ("POST", "/keys", {"tenant": "a", "limits": {"rate": 1}}, 422, "limits.rate: Extra inputs"),
        ("POST", "/keys", {"tenant": "a", "limits": {"usd_per_day": 0}}, 422, "limits.usd_per_day: Input should be"),
        (
            "POST",
            "/keys",
            {"tenant": "a", "limits": {"tokens_per_minute": "1"}},
            422,
            "limits.tokens_per_minute: Input",
        ),
        ("POST", "/keys/nobody/rotate", {}, 404, "identifier: no key has this id"),
        ("POST", f"/keys/{key_of('late').id}/rotate", {}, 400, "the key is expired: make a new one"),
        ("POST", f"/keys/{key_of('acme').id}/rotate", {"overlap_seconds": -1}, 422, "overlap_seconds: Input should"),
        ("DELETE", "/keys/nobody", None, 404, "identifier: no key has this id"),
        ("POST", "/purge", {}, 422, "tenant: whose answers are meant"),
        ("POST", "/purge", {"tag": "faq"}, 422, "tenant: whose answers"),
        ("POST", "/purge", {"tenant": "acme", "tag": "a b"}, 422, "tag: String should match pattern"),
        ("POST", "/purge", {"tenant": "acme", "tag": "a", "model": "m"}, 422, "model and tag: one of the two"),
        ("POST", "/purge", {"tenant": "acme", "before": "2026-01-31"}, 422, "before: Input should be a valid number"),
        ("POST", "/purge", {"tenant": "acme", "older_than_seconds": -1}, 422, "older_than_seconds: Input should be"),
        ("POST", "/purge", {"tenant": "a", "before": 1, "older_than_seconds": 1}, 422, "before and older_than_seconds"),
        ("POST", "/purge", {"everything": True}, 422, "everything stands alone or with an age, with"),
        ("POST", "/purge", {"everything": True, "confirm": "yes"}, 422, "everything stands alone"),
        (
            "POST",
            "/purge",
            {"everything": True, "confirm": "purge everything", "tenant": "a"},
            422,
            "everything stands",
        ),
    ],
)
async def test_what_breaks_a_rule_is_told_with_the_field_and_changes_nothing(
    it: Api, keys: MemoryKeys, method: str, path: str, body: Any, status: int, message: str
) -> None:
    before = dict(keys.keys)
    response = await call(it, method, path, body)

    assert (response.status_code, response.json()["error"]["message"][: len(message)]) == (status, message)
    assert "hush" not in response.text
    assert keys.keys == before


@pytest.mark.parametrize(
    ("purging", "left"),
    [
        ({"tenant": "acme", "tag": "faq"}, ["miss", "hit_exact", "hit_exact"]),
        ({"tenant": "acme", "model": "small"}, ["miss", "miss", "hit_exact"]),
        ({"tenant": "acme", "model": "other"}, ["hit_exact", "hit_exact", "hit_exact"]),
        ({"tenant": "acme"}, ["miss", "miss", "hit_exact"]),
        ({"tenant": "nobody"}, ["hit_exact", "hit_exact", "hit_exact"]),
        ({"everything": True, "confirm": "purge everything"}, ["miss", "miss", "miss"]),
    ],
)
async def test_answers_are_forgotten_by_tenant_tag_model_and_altogether(
    it: Api, purging: dict[str, object], left: list[str]
) -> None:
    acme, globex = shown_to("acme"), shown_to("globex")
    await ask(it, acme, "one two", x_sentinel_tag="faq")
    await ask(it, acme, "three four")
    await ask(it, globex, "one two", x_sentinel_tag="faq")

    for _ in range(2):
        response = await call(it, "POST", "/purge", purging)
        note = response.json()["note"]
        is_known = purging.get("tenant") in ("acme", "globex", None)
        assert (response.status_code, "/v1/admin/erasures says when" in note) == (200, True)
        assert note.startswith("no key and no pool names this tenant: is it misspelt?") is not is_known

    asked = ((acme, "one two"), (acme, "three four"), (globex, "one two"))
    assert [await ask(it, key, prompt) for key, prompt in asked] == left


@pytest.mark.parametrize(
    ("purging", "left"),
    [
        ({"tenant": "acme", "older_than_seconds": 20}, ["hit_exact"] * 4),
        ({"tenant": "acme", "older_than_seconds": 19}, ["miss", "hit_exact", "hit_exact", "hit_exact"]),
        ({"tenant": "acme", "before": 1_000_010.5}, ["miss", "miss", "hit_exact", "hit_exact"]),
        ({"tenant": "acme", "before": 1_000_010.5, "tag": "faq"}, ["hit_exact", "miss", "hit_exact", "hit_exact"]),
        ({"tenant": "acme", "before": 1e11, "model": "other"}, ["hit_exact"] * 4),
        (
            {"everything": True, "confirm": "purge everything", "older_than_seconds": 5},
            ["miss"] * 2 + ["hit_exact", "miss"],
        ),
    ],
)
async def test_answers_are_forgotten_by_age(
    it: Api, clock: FakeClock, purging: dict[str, object], left: list[str]
) -> None:
    acme, globex = shown_to("acme"), shown_to("globex")
    await ask(it, acme, "one two")
    clock.advance(10)
    await ask(it, acme, "three four", x_sentinel_tag="faq")
    await ask(it, globex, "one two")
    clock.advance(10)
    await ask(it, acme, "five six")

    assert (await call(it, "POST", "/purge", purging)).status_code == 200

    asked = ((acme, "one two"), (acme, "three four"), (acme, "five six"), (globex, "one two"))
    assert [await ask(it, key, prompt) for key, prompt in asked] == left


async def test_where_the_store_does_not_answer_nothing_is_said_to_be_done(api: Build, clock: FakeClock) -> None:
    it = api(directory=directory(clock, MemoryKeys()), admin=ADMIN, broken={"purge"})

    response = await call(it, "POST", "/purge", {"tenant": "acme"})

    assert (response.status_code, response.json()["error"]["code"]) == (503, "store_unavailable")


async def test_without_keys_there_are_none_to_administer(api: Build) -> None:
    it = api(admin=ADMIN)
    everything = {"everything": True, "confirm": "purge everything"}

    assert (await call(it, "GET", "/keys")).json()["error"]["code"] == "no_keys"
    assert (await call(it, "POST", "/purge", everything)).status_code == 200


async def test_without_keys_what_is_forgotten_is_nobodys(api: Build) -> None:
    it = api(admin=ADMIN)
    await it.query({"prompt": "one two"}, x_sentinel_tag="faq")
    await it.query({"prompt": "three four"})

    assert (await call(it, "POST", "/purge", {"tag": "faq"})).status_code == 200
    told = [(await it.query({"prompt": prompt})).json()["outcome"] for prompt in ("one two", "three four")]
    assert told == ["miss", "hit_exact"]


@pytest.mark.parametrize("key", [shown_to("acme"), "", ADMIN[:-1]])
async def test_nobody_else_is_let_in(it: Api, keys: MemoryKeys, key: str) -> None:
    it_asks = {"x-api-key": key}
    before = dict(keys.keys)
    told = [
        await it.client.get("/v1/admin/keys", headers=it_asks),
        await it.client.post("/v1/admin/keys", json={"tenant": "a"}, headers=it_asks),
        await it.client.post(f"/v1/admin/keys/{key_of('acme').id}/rotate", json={}, headers=it_asks),
        await it.client.delete(f"/v1/admin/keys/{key_of('acme').id}", headers=it_asks),
        await it.client.post("/v1/admin/purge", json={"tenant": "acme"}, headers=it_asks),
        await it.client.get("/v1/admin/stats", headers=it_asks),
    ]

    assert [response.status_code for response in told] == [401] * 6
    assert keys.keys == before
