from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sentinel_core.stores.memory_counts import MemoryCounts
from sentinel_core.tenants.api_key import Limits
from sentinel_core.tenants.limits import Limiter
from sentinel_core.web.routes.passthrough import KEPT_AT_PROVIDER, PATHS
from tests.support.fakes import FakeClock
from tests.tenants.doors import MemoryKeys, directory, key_of, shown_to
from tests.web.conftest import Api
from tests.web.routes.direct import Provider

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]


def echo(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=request.content, headers={"content-type": "audio/mpeg", "set-cookie": "c=1"})


def echoing(clock: FakeClock) -> Provider:
    return Provider(clock, {f"/v1{path}": echo for path in PATHS})


@pytest.mark.parametrize("path", PATHS)
async def test_a_call_is_passed_on_with_the_gateways_key(api: Build, clock: FakeClock, path: str) -> None:
    provider = echoing(clock)
    response = await api(direct=provider.parts("fake", "other")).client.post(
        f"/v1{path}", json={"model": "other/m", "input": "é"}, headers={"authorization": "Bearer mine"}
    )

    assert (response.status_code, json.loads(response.content)) == (200, {"model": "m", "input": "é"})
    assert (response.headers["content-type"], response.headers["cache-status"]) == (
        "audio/mpeg",
        "sentinel; fwd=bypass; detail=passed-on",
    )
    assert "set-cookie" not in response.headers
    assert [(str(call.url), call.headers["authorization"]) for call in provider.calls] == [
        (f"http://other.test/v1{path}", "Bearer gateway's-key")
    ]


async def test_a_form_keeps_every_part_but_the_models_prefix(api: Build, clock: FakeClock) -> None:
    provider = echoing(clock)
    await api(direct=provider.parts("fake", "other")).client.post(
        "/v1/audio/transcriptions", data={"model": "other/m", "prompt": "p"}, files={"file": ("a.mp3", b"\x00\r\n1")}
    )

    [call] = provider.calls
    assert call.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="model"\r\n\r\nm\r\n' in call.content
    assert b"\x00\r\n1\r\n--" in call.content


async def test_rights_and_budgets_of_the_key_hold(api: Build, clock: FakeClock) -> None:
    kept = MemoryKeys(
        key_of("narrow", models=("fake/m",)), key_of("broke", limits=Limits(usd_per_day=0.01)), key_of("plain")
    )
    limiter = Limiter(MemoryCounts(clock), clock=clock)
    provider = echoing(clock)
    it = api(direct=provider.parts(), directory=directory(clock, kept), limiter=limiter)

    async def ask(tenant: str, **body: Any) -> int:
        own = {"x-api-key": shown_to(tenant)}
        return (await it.client.post("/v1/images/generations", json=body, headers=own)).status_code

    codes = [await ask("narrow", model="m"), await ask("narrow", model="n"), await ask("narrow")]
    codes += [await ask("broke", model="m"), await ask("broke", model="m"), await ask("plain")]

    assert codes == [200, 403, 403, 200, 402, 200]


@pytest.mark.parametrize("path", KEPT_AT_PROVIDER)
@pytest.mark.parametrize("end", ["", "/x/y"])
async def test_calls_that_keep_something_at_the_provider_are_refused(api: Build, path: str, end: str) -> None:
    response = await api().client.post(f"/v1{path}{end}", json={})

    assert response.status_code == 501
    assert response.json()["error"].get("code", "not_implemented") == "not_implemented"
    assert "share" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"{", 400), (b"[]", 400), (b'{"model": 1}', 400), (b'{"provider": "none"}', 400), (b"{}", 404)],
)
async def test_bad_bodies_are_refused(api: Build, content: bytes, status: int) -> None:
    response = await api().client.post("/v1/moderations", content=content)

    assert response.status_code == status


async def test_a_providers_failure_is_an_error_of_ours(api: Build, clock: FakeClock) -> None:
    provider = Provider(clock, {"/v1/moderations": lambda _: httpx.Response(429, json={"error": {"message": "no"}})})

    response = await api(direct=provider.parts()).client.post("/v1/moderations", json={"input": "x"})

    assert (response.status_code, response.json()["error"]["code"]) == (429, "rate_limit_exceeded")
