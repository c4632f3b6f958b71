from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest

from sentinel_core.stores.memory_counts import MemoryCounts
from sentinel_core.tenants.limits import Limiter
from tests.support.fakes import PRICE, FakeClock
from tests.tenants.doors import MemoryKeys, directory, key_of, shown_to
from tests.web.conftest import PRIVATE, Api

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]
ADMIN = "the-operators-own-key-long-enough"
REFUSED = {
    "error": {
        "message": (
            "a valid API key is needed, as `Authorization: Bearer …` or as `x-api-key`; the operator makes one with"
            " `sentinel keys create`, or opens the server with SENTINEL_OPEN=true"
        ),
        "type": "authentication_error",
        "param": None,
        "code": "invalid_api_key",
    }
}
GOOD = shown_to("acme")


@pytest.fixture
def keys(clock: FakeClock) -> MemoryKeys:
    return MemoryKeys(
        key_of("acme"),
        key_of("small", models=("small",)),
        key_of("elsewhere", providers=("other",)),
        key_of("late", expires=clock.now()),
        key_of("back", state="revoked"),
    )


@pytest.fixture
def door(api: Build, clock: FakeClock, keys: MemoryKeys) -> Api:
    return api(directory=directory(clock, keys), admin=ADMIN)


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {GOOD}"},
        {"authorization": f"bearer  {GOOD} "},
        {"x-api-key": GOOD},
        {"authorization": f"Bearer {GOOD}", "x-api-key": GOOD},
    ],
)
async def test_a_key_may_come_in_either_header(door: Api, headers: dict[str, str]) -> None:
    assert (await door.query(**headers)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("authorization", "")],
        [("authorization", "Bearer")],
        [("authorization", "Bearer ")],
        [("authorization", GOOD)],
        [("authorization", f"Basic {GOOD}")],
        [("authorization", f"Bearer {GOOD} {GOOD}")],
        [("authorization", f"Bearer {GOOD},{GOOD}")],
        [("authorization", f"Bearer\t{GOOD}")],
        [("authorization", f"Bearer {GOOD}x")],
        [("authorization", f"Bearer {GOOD[:-1]}")],
        [("authorization", f"Bearer {GOOD.upper()}")],
        [("authorization", f"Bearer {shown_to('nobody')}")],
        [("authorization", f"Bearer {shown_to('late')}")],
        [("authorization", f"Bearer {shown_to('back')}")],
        [("authorization", f"Bearer {ADMIN}")],
        [("x-api-key", shown_to("back"))],
        [("x-api-key", "\u00e9\u00e8".encode("latin-1").decode("latin-1"))],
        [("x-api-key", "x" * 60_000)],
        [("x-api-key", GOOD), ("x-api-key", shown_to("small"))],
        [("authorization", f"Bearer {GOOD}"), ("authorization", f"Bearer {shown_to('small')}")],
        [("authorization", f"Bearer {GOOD}"), ("x-api-key", shown_to("small"))],
        [("authorization", "Basic x"), ("x-api-key", GOOD)],
    ],
)
async def test_whatever_opens_nothing_is_answered_alike(door: Api, headers: list[tuple[str, str]]) -> None:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    response = await door.client.post("/v1/query", content=b"not even JSON", headers=raw)

    assert (response.status_code, response.json()) == (401, REFUSED)
    told = {name: value for name, value in response.headers.items() if name != "x-request-id"}
    assert told == {
        "www-authenticate": "Bearer",
        "content-type": "application/json",
        "content-length": str(len(response.content)),
        **PRIVATE,
    }
    assert door.world.provider.calls == 0
    assert [(noted.outcome, noted.status, noted.detail, noted.tenant) for noted in door.noted.answers] == [
        ("rejected", 401, "invalid_api_key", None)
    ]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/models"),
        ("GET", "/v1/metrics"),
        ("POST", "/v1/chat/completions"),
        ("GET", "/v1/query"),
        ("POST", "/v1/admin"),
        ("GET", "/v1/admin/keys"),
        ("GET", "/nothing"),
    ],
)
async def test_every_path_but_the_open_pages_needs_a_key(door: Api, method: str, path: str) -> None:
    response = await door.client.request(method, path)

    assert (response.status_code, response.json()) == (401, REFUSED)


@pytest.mark.parametrize("path", ["/", "/health", "/health?deep=1", "/docs", "/openapi.json", "/guide"])
async def test_health_and_the_pages_need_no_key(door: Api, path: str) -> None:
    assert (await door.client.get(path)).status_code == 200


@pytest.mark.parametrize("key", [shown_to("stranger"), ""])
async def test_an_unknown_key_does_not_open_admin_routes(door: Api, key: str) -> None:
    response = await door.client.get("/v1/admin/keys", headers={"x-api-key": key})

    assert (response.status_code, response.json()) == (401, REFUSED)


async def test_a_tenants_key_does_not_open_admin_routes(door: Api) -> None:
    response = await door.client.get("/v1/admin/keys", headers={"x-api-key": GOOD})

    message = "the admin key is needed, or a key with the scope `admin:keys`"
    assert (response.status_code, response.json()["error"]["message"]) == (401, message)


async def test_without_keys_everyone_is_served_and_nobody_is_the_operator(api: Build) -> None:
    it = api()

    assert (await it.query(authorization="Bearer whatever")).status_code == 200
    assert (await it.client.get("/v1/admin/keys")).status_code == 401


async def test_keys_that_cannot_be_checked_are_not_called_wrong(door: Api, keys: MemoryKeys) -> None:
    keys.is_down = True
    response = await door.query(x_api_key=GOOD)

    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert response.json()["error"]["code"] == "keys_unavailable"


@pytest.mark.parametrize(
    ("tenant", "provider", "model", "status"),
    [
        ("small", "fake", "small", 200),
        ("small", "fake", "large", 403),
        ("small", "other", None, 403),
        ("elsewhere", "other", None, 200),
        ("elsewhere", None, None, 403),
    ],
)
async def test_a_key_asks_only_what_it_may(
    door: Api, tenant: str, provider: str | None, model: str | None, status: int
) -> None:
    body = {"prompt": "hi", "provider": provider, "model": model}
    given = {name: value for name, value in body.items() if value is not None}
    chat = {"messages": [{"role": "user", "content": "hi"}], **{k: v for k, v in given.items() if k != "prompt"}}
    responses = [
        await door.query(given, x_api_key=shown_to(tenant)),
        await door.client.post("/v1/chat/completions", json=chat, headers={"x-api-key": shown_to(tenant)}),
    ]

    assert [response.status_code for response in responses] == [status] * 2
    assert door.world.provider.calls == (0 if status == 403 else 1)  # both routes share one entry
    if status == 403:
        name = f"{provider or 'fake'}/{model or ('tiny' if provider == 'other' else 'small')}"
        error = {"message": f"model: this key may not ask {name}", "type": "permission_error",
                 "param": "model", "code": "model_not_allowed"}  # fmt: skip
        assert [response.json() for response in responses] == [{"error": error}] * 2


async def test_a_key_sees_the_models_it_may_ask(door: Api) -> None:
    async def seen(tenant: str) -> list[str]:
        listed = (await door.client.get("/v1/models", headers={"x-api-key": shown_to(tenant)})).json()
        return [model["id"] for model in listed["data"]]

    assert await seen("acme") == ["fake/small", "other/tiny", "sentinel/minilm"]
    assert await seen("small") == ["fake/small"]
    assert await seen("elsewhere") == ["other/tiny"]


async def test_a_tenant_sees_its_own_numbers_and_the_operator_everyones(door: Api) -> None:
    for tenant, times in (("acme", 3), ("small", 1)):
        for _ in range(times):
            await door.query(x_api_key=shown_to(tenant))

    async def numbers(key: str) -> tuple[object, ...]:
        told = (await door.client.get("/v1/metrics", headers={"x-api-key": key})).json()
        return tuple(told[name] for name in ("total_requests", "cache_hits", "rejected_requests", "stored_items"))

    await door.query(x_api_key="wrong")
    assert await numbers(GOOD) == (3, 2, 0, None)
    assert await numbers(shown_to("small")) == (1, 0, 0, None)
    assert await numbers(shown_to("elsewhere")) == (0, 0, 0, None)
    assert await numbers(ADMIN) == (4, 2, 1, 2)


async def test_a_limited_key_is_told_its_limits_and_then_to_wait(
    api: Build, clock: FakeClock, keys: MemoryKeys
) -> None:
    await keys.put(key_of("acme", limits={"requests_per_minute": 2, "tokens_per_minute": 1000}))
    it = api(directory=directory(clock, keys), limiter=Limiter(MemoryCounts(clock), clock=clock))
    served = [await it.query(x_api_key=GOOD) for _ in range(2)]
    clock.advance(15)
    refused = await it.query(x_api_key=GOOD)

    def told(response: httpx.Response) -> list[str]:
        return [value for name, value in sorted(response.headers.items()) if name.startswith("x-ratelimit")]

    assert [response.status_code for response in (*served, refused)] == [200, 200, 429]
    assert [told(response) for response in (*served, refused)] == [
        ["2", "1000", "1", "1000", "60.000s", "60.000s"],
        ["2", "1000", "0", "988", "60.000s", "60.000s"],
        ["2", "1000", "0", "988", "45.000s", "45.000s"],
    ]
    assert refused.headers["retry-after"] == "45"
    assert refused.json()["error"] == {
        "message": "this key may make 2 requests a minute", "type": "rate_limit_error",
        "param": None, "code": "rate_limit_exceeded",
    }  # fmt: skip
    assert (await it.query(x_api_key=shown_to("small"))).status_code == 200


async def test_over_budget_what_is_stored_is_still_served(api: Build, clock: FakeClock, keys: MemoryKeys) -> None:
    await keys.put(key_of("acme", limits={"usd_per_day": 2 * PRICE}))
    it = api(directory=directory(clock, keys), limiter=Limiter(MemoryCounts(clock), clock=clock))
    asked = ("one two", "three four", "five six", "one two")
    responses = [await it.query({"prompt": prompt}, x_api_key=GOOD) for prompt in asked]

    assert [response.status_code for response in responses] == [200, 200, 402, 200]
    assert responses[2].json()["error"]["code"] == "budget_spent"
    assert responses[3].json()["outcome"] == "hit_exact"
    assert it.world.provider.calls == 2


async def test_a_request_is_under_way_until_its_stream_has_ended(
    api: Build, clock: FakeClock, keys: MemoryKeys
) -> None:
    await keys.put(key_of("acme", limits={"concurrent_requests": 1}))
    limiter = Limiter(MemoryCounts(clock), clock=clock)
    it = api(directory=directory(clock, keys), limiter=limiter)
    gate = it.world.provider.gate = asyncio.Event()
    chat = {"messages": [{"role": "user", "content": "hi"}], "stream": True}
    first = asyncio.create_task(it.client.post("/v1/chat/completions", json=chat, headers={"x-api-key": GOOD}))
    await it.world.provider.started.wait()

    assert (await it.query(x_api_key=GOOD)).status_code == 429
    gate.set()
    assert (await first).status_code == 200
    assert not limiter.running
    assert (await it.query(x_api_key=GOOD)).status_code == 200
