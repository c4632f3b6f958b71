from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from sentinel_core.web.model_lists import FRESH_SECONDS, RETRY_SECONDS
from tests.support.fakes import FakeClock
from tests.tenants.doors import MemoryKeys, directory, key_of, shown_to
from tests.web.conftest import Api
from tests.web.routes.direct import Provider

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]


async def listed(it: Api, **headers: str) -> list[str]:
    return [model["id"] for model in (await it.client.get("/v1/models", headers=headers)).json()["data"]]


async def test_the_list_holds_defaults_then_each_providers_own(api: Build, clock: FakeClock) -> None:
    it = api(direct=Provider(clock).parts("fake", "other"))

    assert await listed(it) == ["fake/small", "other/tiny", "fake/tall", "other/tall", "sentinel/minilm"]


async def test_a_providers_list_is_remembered(api: Build, clock: FakeClock) -> None:
    provider = Provider(clock)
    it = api(direct=provider.parts())
    for seconds in (0.0, FRESH_SECONDS - 1, 1.0):
        clock.advance(seconds)
        await listed(it)

    assert len(provider.calls) == 2


async def test_a_failing_provider_lists_nothing_for_a_while(api: Build, clock: FakeClock) -> None:
    provider = Provider(clock, {"/v1/models": lambda _: httpx.Response(500)})
    it = api(direct=provider.parts())
    for seconds in (0.0, RETRY_SECONDS - 1, 1.0):
        clock.advance(seconds)
        assert await listed(it) == ["fake/small", "other/tiny", "sentinel/minilm"]

    assert len(provider.calls) == 2


async def test_a_key_sees_what_it_may_ask(api: Build, clock: FakeClock) -> None:
    kept = MemoryKeys(key_of("acme", models=("fake/tall",)))
    it = api(direct=Provider(clock).parts(), directory=directory(clock, kept))
    own = {"x-api-key": shown_to("acme")}

    paths = ("/v1/models/fake/tall", "/v1/models/tall", "/v1/models/small", "/v1/models/other/tiny")
    codes = [(await it.client.get(path, headers=own)).status_code for path in paths]

    assert (await listed(it, **own), codes) == (["fake/tall"], [404, 200, 404, 404])


@pytest.mark.parametrize(
    ("name", "status"), [("tall", 200), ("small", 200), ("sentinel/minilm", 200), ("other/any", 200), ("none", 404)]
)
async def test_one_model_is_shown_by_its_name(api: Build, clock: FakeClock, name: str, status: int) -> None:
    response = await api(direct=Provider(clock).parts()).client.get(f"/v1/models/{name}")

    assert response.status_code == status
    assert status != 200 or response.json()["id"] == name


async def test_anthropics_clients_get_anthropics_errors(api: Build, clock: FakeClock) -> None:
    it, own = api(direct=Provider(clock).parts()), {"anthropic-version": "2023-06-01"}
    for path, status, kind in (
        ("/v1/models/none", 404, "not_found_error"),
        ("/v1/messages/batches", 501, "api_error"),
        ("/v1/nothing", 404, "not_found_error"),
    ):
        response = await it.client.get(path, headers=own)
        error = {"type": kind, "message": response.json()["error"]["message"]}
        named = response.headers["request-id"]
        assert response.status_code == status
        assert response.json() == {"type": "error", "error": error, "request_id": named}


async def test_anthropics_clients_get_anthropics_shape(api: Build) -> None:
    response = await api().client.get("/v1/models", headers={"anthropic-version": "2023-06-01"})

    assert response.json() == {
        "data": [
            {"type": "model", "id": name, "display_name": name, "created_at": "1970-01-01T00:00:00Z"}
            for name in ("fake/small", "other/tiny", "sentinel/minilm")
        ],
        "has_more": False,
        "first_id": "fake/small",
        "last_id": "sentinel/minilm",
    }
