"""Doors: guessed keys, scopes of keys, and where the admin routes are."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sentinel_core.tenants.key_scopes import USUAL, needed
from sentinel_core.web.client_address import networks
from sentinel_core.web.wrong_keys import MOST_ADDRESSES, WrongKeys
from tests.support.fakes import FakeClock
from tests.tenants.doors import MemoryKeys, directory, key_of, shown_to
from tests.web.conftest import Api
from tests.web.operator import ADMIN, OPERATOR, Build, call

pytestmark = pytest.mark.anyio
PROMPT = {"prompt": "what is a noun"}


def guarded(api: Build, clock: FakeClock, *keys: Any, **access: Any) -> Api:
    """The application with one tenant's key and these keys."""
    store = MemoryKeys(key_of("acme"), *keys)
    return api(directory=directory(clock, store), admin=ADMIN, access=access)


async def guess(it: Api, number: int, **headers: str) -> httpx.Response:
    return await it.client.post(
        "/v1/query", json=PROMPT, headers={"x-api-key": f"sk-sentinel-guess-{number}", **headers}
    )


async def test_wrong_keys_get_429_and_a_right_key_passes(api: Build, clock: FakeClock) -> None:
    it = guarded(api, clock, wrong_keys=WrongKeys(clock, 3))
    answers = [await guess(it, number) for number in range(5)]
    assert [each.status_code for each in answers] == [401, 401, 401, 429, 429]
    assert answers[3].json()["error"]["code"] == "too_many_wrong_keys"
    assert int(answers[3].headers["retry-after"]) == 60
    right = await it.client.post("/v1/query", json=PROMPT, headers={"x-api-key": shown_to("acme")})
    assert right.status_code == 200
    assert (await it.client.get("/v1/admin/stats", headers=OPERATOR)).status_code == 200
    assert (await it.client.get("/v1/admin/stats", headers={"x-api-key": "guess"})).status_code == 429
    clock.advance(61)
    assert (await guess(it, 6)).status_code == 401


async def test_a_tenants_key_at_an_admin_route_is_no_wrong_key(api: Build, clock: FakeClock) -> None:
    it = guarded(api, clock, wrong_keys=WrongKeys(clock, 1))
    tenants = {"x-api-key": shown_to("acme")}
    said = [await it.client.get("/v1/admin/stats", headers=tenants) for _ in range(3)]
    assert [(each.status_code, each.json()["error"]["code"]) for each in said] == [(401, "admin_key_needed")] * 3
    assert [(await guess(it, number)).status_code for number in range(2)] == [401, 429]
    assert (await it.client.get("/v1/admin/stats", headers=tenants)).status_code == 401


async def test_a_missing_key_is_no_wrong_key(api: Build, clock: FakeClock) -> None:
    it = guarded(api, clock, wrong_keys=WrongKeys(clock, 1))
    assert [(await it.client.post("/v1/query", json=PROMPT)).status_code for _ in range(4)] == [401] * 4


async def test_addresses_are_counted_apart_and_strangers_cannot_name_theirs(api: Build, clock: FakeClock) -> None:
    it = guarded(api, clock, wrong_keys=WrongKeys(clock, 1))
    said = [(await guess(it, number, **{"x-forwarded-for": f"198.51.100.{number}"})).status_code for number in range(3)]
    assert said == [401, 429, 429]
    behind = guarded(api, clock, wrong_keys=WrongKeys(clock, 1), trusted=networks("127.0.0.1"))
    said = [(await guess(behind, each, **{"x-forwarded-for": f"198.51.100.{each}"})).status_code for each in range(3)]
    assert said == [401, 401, 401]


def test_only_so_many_addresses_are_remembered(clock: FakeClock) -> None:
    wrong = WrongKeys(clock, 5)
    for number in range(MOST_ADDRESSES + 10):
        wrong.note(f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::1")
    assert len(wrong._counts) == MOST_ADDRESSES


ROUTES = {
    "answer": [("POST", "/v1/query"), ("POST", "/v1/chat/completions"), ("POST", "/v1/batch"), ("GET", "/v1/models")],
    "cache": [("GET", "/v1/cache/entries"), ("POST", "/v1/cache/explain")],
    "curate": [("POST", "/v1/cache/purge"), ("POST", "/v1/cache/feedback"), ("DELETE", "/v1/cache/entries/x")],
    "metrics": [("GET", "/v1/metrics")],
    "admin:stats": [("GET", "/v1/admin/stats")],
    "admin:keys": [("GET", "/v1/admin/keys"), ("POST", "/v1/admin/keys")],
    "admin:costs": [("GET", "/v1/admin/costs.csv")],
}


@pytest.mark.parametrize("scope", ROUTES)
async def test_a_key_opens_the_routes_of_its_scopes_only(api: Build, clock: FakeClock, scope: str) -> None:
    it = guarded(api, clock, key_of("scoped", scopes=(scope,)))
    for wanted, routes in ROUTES.items():
        for method, path in routes:
            response = await it.client.request(method, path, headers={"x-api-key": shown_to("scoped")})
            refused = 401 if wanted.startswith("admin:") and not scope.startswith("admin:") else 403
            assert (response.status_code == refused) == (wanted != scope), (path, response.text)


def test_every_path_has_a_scope_and_nothing_but_admin_routes_has_an_admin_scope() -> None:
    assert {needed(method, path) for routes in ROUTES.values() for method, path in routes} == set(ROUTES)
    assert [needed("GET", path) for path in ("/v1/admin", "/v1/admin/", "/v1/administrator", "/x")] == [
        "admin:", "admin:", "answer", "answer",
    ]  # fmt: skip
    assert key_of("acme").may("answer")
    assert [scope for scope in ROUTES if key_of("acme").may(scope)] == sorted(USUAL)


async def test_a_key_makes_no_key_with_more_rights(api: Build, clock: FakeClock) -> None:
    maker, other = key_of("maker", scopes=("admin:keys", "answer")), key_of("other", scopes=("admin:purge",))
    it = guarded(api, clock, maker, other)
    headers = {"x-api-key": shown_to("maker")}

    async def make(*scopes: str) -> int:
        body = {"tenant": "new", "scopes": scopes}
        return (await it.client.post("/v1/admin/keys", json=body, headers=headers)).status_code

    assert [await make("answer"), await make("admin:purge"), await make()] == [201, 403, 403]
    rotated = await it.client.post(f"/v1/admin/keys/{other.id}/rotate", json={}, headers=headers)
    assert (rotated.status_code, rotated.json()["error"]["code"]) == (403, "scope_not_allowed")
    assert (await call(it, "POST", "/keys", {"tenant": "new", "scopes": ["admin:purge"]})).status_code == 201
    assert (await call(it, "POST", "/keys", {"tenant": "new", "scopes": ["root"]})).status_code == 422


async def test_admin_routes_are_switched_off(api: Build, clock: FakeClock) -> None:
    it = guarded(api, clock, admin_routes=False)
    assert [(await call(it, "GET", path)).status_code for path in ("/stats", "/keys", "")] == [404, 404, 404]
    assert (await it.client.get("/health")).status_code == 200


async def test_admin_routes_are_on_their_port_only(api: Build, clock: FakeClock) -> None:
    it = guarded(api, clock, admin_routes=9_000)
    headers = {"x-api-key": shown_to("acme")}
    for port, admin, query in ((80, 404, 200), (9_000, 200, 200)):
        base = f"http://sentinel.test:{port}"
        assert (await it.client.get(f"{base}/v1/admin/stats", headers=OPERATOR)).status_code == admin
        assert (await it.client.post(f"{base}/v1/query", json=PROMPT, headers=headers)).status_code == query
        assert (await it.client.get(f"{base}/health")).status_code == 200


async def test_a_right_key_passes_from_any_address_that_guesses(api: Build, clock: FakeClock) -> None:
    it = guarded(api, clock, wrong_keys=WrongKeys(clock, 2), trusted=networks("127.0.0.1, fd00::/8"))
    said = [
        "198.51.100.1",
        "198.51.100.1:80, fd00::1",
        "2001:db8::1",
        "[2001:db8::2]:443",
        "2001:db8:0:0:9::1",
        "unknown",
    ]
    codes = [(await guess(it, number, **{"x-forwarded-for": each})).status_code for number, each in enumerate(said * 2)]
    right = [
        (
            await it.client.post(
                "/v1/query", json=PROMPT, headers={"x-api-key": shown_to("acme"), "x-forwarded-for": each}
            )
        )
        for each in said
    ]

    # 198.51.100.1 guessed four times, 2001:db8::/64 six times, the proxy in place of an unknown caller twice.
    assert codes == [401, 401, 401, 401, 429, 401, 429, 429, 429, 429, 429, 401]
    assert [each.status_code for each in right] == [200] * 6
