from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from sentinel_core.chat.messages import Json
from sentinel_core.errors import ProviderTimeoutError
from sentinel_core.web import direct_routes
from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]
GOOD: Json = {"prompt": "hi", "cache_control": "no-store"}


@pytest.fixture
def long_way(api: Build, monkeypatch: pytest.MonkeyPatch) -> Build:
    """Build the application without direct routes: FastAPI dispatches every request."""

    def build() -> Api:
        with monkeypatch.context() as patch:
            patch.setattr(direct_routes, "JsonRoute", ())
            return api()

    return build


async def _ask(it: Api, method: str, path: str, body: Json) -> httpx.Response:
    return await it.client.request(method, path, json=body, headers={"x-request-id": "request-1"})


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/v1/query", GOOD, 200),
        ("POST", "/v1/query", {"prompt": ""}, 422),
        ("POST", "/v1/query", [], 422),
        ("POST", "/v1/query", {"prompt": "hi", "provider": "nobody"}, 400),
        ("POST", "/v1/query/batch", {"items": [GOOD, {}]}, 200),
        ("POST", "/v1/chat/completions", {"model": "small", "messages": []}, 400),
        ("POST", "/v1/cache/explain", {"query": {"prompt": "hi"}}, 200),
        ("GET", "/v1/query", None, 405),
        ("POST", "/v1/nothing", {}, 404),
    ],
)
async def test_the_short_way_answers_as_the_long_one(
    api: Build, long_way: Build, method: str, path: str, body: Json, status: int
) -> None:
    short, long = [await _ask(build(), method, path, body) for build in (api, long_way)]

    assert (short.status_code, short.text) == (status, long.text)
    assert (short.status_code, sorted(short.headers)) == (long.status_code, sorted(long.headers))


@pytest.mark.parametrize("error", [ProviderTimeoutError("late", provider="fake"), RuntimeError("secret")])
async def test_a_failure_is_answered_and_counted_the_same_on_both_ways(
    api: Build, long_way: Build, error: Exception
) -> None:
    short_it, long_it = api(), long_way()
    short_it.world.provider.queue.append(error)
    long_it.world.provider.queue.append(error)
    short, long = [await _ask(it, "POST", "/v1/query", GOOD) for it in (short_it, long_it)]
    noted = [[(one.outcome, one.status, one.detail) for one in it.noted.answers] for it in (short_it, long_it)]

    assert (short.status_code, short.headers, short.text) == (long.status_code, long.headers, long.text)
    assert short.status_code >= 500
    assert noted[0] == noted[1] != []
