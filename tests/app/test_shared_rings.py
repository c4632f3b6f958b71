"""Two whole servers on one Redis show one picture of requests, hits and time series, and forget together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts.devtools.redis.server import RedisServer
from sentinel_core.app.build import Sentinel, build
from sentinel_core.app.settings import Settings
from sentinel_core.stores.redis import removals
from tests.support.fakes import WordEmbedder
from tests.support.processes import PATIENT

pytestmark = pytest.mark.anyio
ADMIN = {"x-api-key": "admin-key-of-the-rings-test"}
STORED, LIKE = "what is machine learning", "What is this machine learning?"


@pytest.fixture
def redis_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    monkeypatch.setattr(removals, "SETTLE_SECONDS", 0.0)
    server = RedisServer(tmp_path / "redis", durable=False)
    server.start()
    yield server
    server.kill()


def instance(url: str, *, has_background: bool = True, **environ: str) -> Sentinel:
    ours = {
        **PATIENT,
        "SENTINEL_NAMESPACE_SECRET": "a secret of the rings test",
        "SENTINEL_ADMIN_KEY": ADMIN["x-api-key"],
        "SENTINEL_SIMULATED_DELAY_MS": "0",
        "SENTINEL_SIMILARITY_THRESHOLD": "0.75",
        "SENTINEL_REDIS_URL": url,
        **environ,
    }
    return build(Settings.from_environ(ours), embedder=WordEmbedder(), has_background=has_background)


@pytest.fixture
async def both(redis_server: RedisServer) -> AsyncIterator[list[httpx.AsyncClient]]:
    """A server, and an instance as on Lambda, which does nothing between requests."""
    async with AsyncExitStack() as stack:
        clients = []
        for has_background in (True, False):
            sentinel = instance(redis_server.url, has_background=has_background)
            stack.push_async_callback(sentinel.parts.aclose)
            transport = httpx.ASGITransport(sentinel.app)
            clients.append(
                await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://sentinel.test"))
            )
        yield clients


async def told(client: httpx.AsyncClient, path: str, headers: dict[str, str] = ADMIN) -> Any:
    response = await client.get(path, headers=headers)
    assert response.status_code == 200, response.text
    return response.json()


async def key_for(client: httpx.AsyncClient, tenant: str) -> dict[str, str]:
    made = await client.post("/v1/admin/keys", json={"tenant": tenant}, headers=ADMIN)
    return {"x-api-key": made.json()["key"], "x-sentinel-user": "alice"}


async def converse(clients: list[httpx.AsyncClient], key: dict[str, str]) -> list[str]:
    """Ask one prompt and one like it, each of another instance, then have each send what it noted."""
    outcomes = [
        (await client.post("/v1/query", json={"prompt": prompt}, headers=key)).json()["outcome"]
        for client, prompt in zip(clients, (STORED, LIKE), strict=True)
    ]
    for client in clients:
        await told(client, "/v1/admin/requests")
    return outcomes


async def test_requests_and_hits_of_both_are_shown_by_both(both: list[httpx.AsyncClient]) -> None:
    keys = [await key_for(both[0], tenant) for tenant in ("acme", "globex")]
    for key in keys:
        assert await converse(both, key) == ["miss", "hit_semantic"]

    pages = [await told(client, "/v1/admin/requests") for client in both]
    assert pages[0] == pages[1]
    seen = {(each["tenant"], each["outcome"], each["prompt"]) for each in pages[0]["requests"]}
    assert seen == {
        (tenant, outcome, prompt)
        for tenant in ("acme", "globex")
        for outcome, prompt in (("miss", STORED), ("hit_semantic", LIKE))
    }
    assert (await told(both[1], f"/v1/admin/requests?after={pages[0]['last']}"))["requests"] == []
    own = await told(both[0], "/v1/cache/requests", keys[1])
    assert {each["tenant"] for each in own["requests"]} == {"globex"}
    assert [hit["tenant"] for hit in (await told(both[0], "/v1/cache/hits", keys[1]))["hits"]] == ["globex"]


async def test_a_hit_judged_on_one_is_judged_and_gone_on_both(both: list[httpx.AsyncClient]) -> None:
    key, other = [await key_for(both[0], tenant) for tenant in ("acme", "globex")]
    await converse(both, key)
    [hit] = (await told(both[0], "/v1/admin/hits?unjudged=true"))["hits"]
    path, verdict = f"/hits/{hit['id']}/verdict", {"verdict": "wrong_match"}
    assert (await both[0].post(f"/v1/cache{path}", json=verdict, headers=other)).status_code == 404
    judged = [await client.post(f"/v1/admin{path}", json=verdict, headers=ADMIN) for client in both]

    assert [each.status_code for each in judged] == [200, 200]
    for step in ("minute", "hour", "day"):
        series = [await told(client, f"/v1/admin/series?step={step}") for client in (*both, both[0])][1:]
        assert series[0] == series[1]
        assert (series[0]["source"], series[0]["total"]["wrong"], series[0]["total"]["semantic_hits"]) == (
            "instances",
            1,
            1,
        )
        assert (await told(both[1], f"/v1/cache/series?step={step}", other))["total"]["semantic_hits"] == 0
    for client in both:
        page = await told(client, "/v1/admin/hits")
        assert [(each["id"], each["verdict"]) for each in page["hits"]] == [(hit["id"], "wrong_match")]
        assert page["unjudged"] == 0
        answer = await client.post("/v1/query", json={"prompt": LIKE}, headers=key)
        assert answer.json()["outcome"] != "hit_semantic"


async def test_an_erasure_on_one_is_seen_by_both(both: list[httpx.AsyncClient], redis_server: RedisServer) -> None:
    keys = [await key_for(both[0], tenant) for tenant in ("acme", "globex")]
    for key in keys:
        await converse(both, key)
    await told(both[1], "/v1/admin/requests")
    body = {"tenant": "acme", "user": "alice"}
    assert (await both[0].post("/v1/admin/erasures", json=body, headers=ADMIN)).status_code == 200

    for client in both:
        assert {each["tenant"] for each in (await told(client, "/v1/admin/requests"))["requests"]} == {"globex"}
        assert {each["tenant"] for each in (await told(client, "/v1/admin/hits"))["hits"]} == {"globex"}


async def test_without_redis_each_shows_its_own_until_it_is_back(
    both: list[httpx.AsyncClient], redis_server: RedisServer
) -> None:
    key = await key_for(both[0], "acme")
    await converse(both, key)
    last = (await told(both[0], "/v1/admin/requests"))["last"]
    redis_server.kill()

    assert [each["prompt"] for each in (await told(both[0], "/v1/admin/requests"))["requests"]] == [STORED]
    assert [each["prompt"] for each in (await told(both[0], f"/v1/admin/requests?after={last}"))["requests"]] == [
        STORED
    ]


async def test_texts_are_kept_only_where_prompts_may_be_shown(redis_server: RedisServer) -> None:
    sentinel = instance(redis_server.url, SENTINEL_SHOW_PROMPTS="false")
    transport = httpx.ASGITransport(sentinel.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sentinel.test") as client:
        await converse([client, client], await key_for(client, "acme"))
        page = await told(client, "/v1/admin/requests")
        assert [each["prompt"] for each in page["requests"]] == [None, None]
        assert (await told(client, "/v1/admin/hits"))["hits"] == []
    await sentinel.parts.aclose()
