from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from sentinel_core.chat.messages import Json
from sentinel_core.errors import ProviderTimeoutError
from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]
SERVED_UNDER = "/below"  # another path than "": no lane goes there, hence every request takes the long way

GOOD: Json = {"prompt": "hi", "cache_control": "no-store"}


async def _both_ways(it: Api, method: str, path: str, body: Json) -> tuple[httpx.Response, httpx.Response]:
    request_id = {"x-request-id": "request-1"}
    short = await it.client.request(method, path, json=body, headers=request_id)
    mounted = httpx.ASGITransport(it.app, root_path=SERVED_UNDER)
    async with httpx.AsyncClient(transport=mounted, base_url="http://sentinel.test") as client:
        return short, await client.request(method, SERVED_UNDER + path, json=body, headers=request_id)


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
    api: Build, method: str, path: str, body: Json, status: int
) -> None:
    short, long = await _both_ways(api(), method, path, body)

    assert (short.status_code, short.text) == (status, long.text.replace(SERVED_UNDER, ""))
    assert (short.status_code, sorted(short.headers)) == (long.status_code, sorted(long.headers))


@pytest.mark.parametrize("error", [ProviderTimeoutError("late", provider="fake"), RuntimeError("secret")])
async def test_a_failure_is_told_and_counted_the_same_on_both_ways(api: Build, error: Exception) -> None:
    it = api()
    it.world.provider.queue += [error, error]
    short, long = await _both_ways(it, "POST", "/v1/query", GOOD)
    noted = [(one.outcome, one.status, one.detail) for one in it.noted.answers]

    assert (short.status_code, short.headers, short.text) == (long.status_code, long.headers, long.text)
    assert short.status_code >= 500
    assert noted == noted[:1] * 2
