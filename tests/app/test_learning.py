"""The learning as it is built from settings, asked over HTTP: judge, audits, metrics and admin routes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from scripts.devtools.http.replies import answer
from scripts.devtools.http.upstream import Upstream
from sentinel_core.app.build import Sentinel, build
from sentinel_core.app.settings import Settings
from sentinel_core.errors import ConfigurationError
from tests.support.fakes import FakeClock, WordEmbedder

pytestmark = pytest.mark.anyio

ADMIN = "the-operators-own-key-long-enough"
JUDGE = "llama-3.1-8b-instant"
STORED, ASKED = "what is machine learning", "what is deep learning"


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream.running() as server:
        server.models[JUDGE] = deque([answer("same")])
        yield server


@pytest.fixture
async def sentinel(upstream: Upstream) -> AsyncIterator[Sentinel]:
    it = build(
        Settings.from_environ(
            {
                "GROQ_API_KEY": "k",
                "GROQ_BASE_URL": upstream.url,
                "SENTINEL_OPEN": "true",
                "SENTINEL_ADMIN_KEY": ADMIN,
                "SENTINEL_JUDGE": f"groq/{JUDGE}",
                "SENTINEL_JUDGE_MODE": "inline",
                "SENTINEL_AUDIT_SHARE": "1",
                "SENTINEL_JUDGE_TIMEOUT_MS": "5000",
            }
        ),
        clock=FakeClock(),
        embedder=WordEmbedder(),
        has_background=True,
    )
    yield it
    await it.parts.aclose()


async def test_a_judged_hit_is_audited_and_shown(sentinel: Sentinel) -> None:
    transport = httpx.ASGITransport(sentinel.app, client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        outcomes = [
            (await client.post("/v1/query", json={"prompt": prompt})).json()["outcome"] for prompt in (STORED, ASKED)
        ]
        await sentinel.parts.background.drain(within=30.0)
        metrics = (await client.get("/v1/metrics")).json()["learning"]
        page = (await client.get("/v1/admin/ledger", headers={"authorization": f"Bearer {ADMIN}"})).json()
        admin = {"authorization": f"Bearer {ADMIN}"}
        shown = (await client.get("/v1/admin/learning", headers=admin)).json()
        series = (await client.get("/v1/admin/series", headers=admin)).json()
        explained = (
            await client.post("/v1/cache/explain", json={"query": {"prompt": "what is transfer learning"}})
        ).json()
        reset = [(await client.post("/v1/admin/learning/reset", headers=admin, json={})).json() for _ in range(2)]
        frozen = (await client.post("/v1/admin/learning/freeze", headers=admin, json={"frozen": True})).json()

    assert outcomes == ["miss", "hit_semantic"]
    assert series["total"]["own_usd"] == pytest.approx(
        page["total"]["judge_usd"] + page["total"]["audit_usd"], rel=0.01
    )
    assert metrics["wrong_hits"]["audits"] == shown["wrong_hits"]["audits"] == 1
    assert (shown["counts"]["judge_calls"], shown["counts"]["judge_same"]) == (2, 1)
    assert shown["ledger"]["judge_usd"] > 0
    total, [today] = page["total"], page["days"]
    assert {**total, "day": today["day"]} == today
    assert total["judge_usd"] == shown["ledger"]["judge_usd"]
    assert total["own_usd"] == pytest.approx(total["judge_usd"] + total["audit_usd"] + total["embedding_usd"])
    assert total["net_usd"] == pytest.approx(total["avoided_usd"] - total["own_usd"])
    assert (total["hits"], total["judge"], total["judge_saved_usd"]) == (
        1,
        "the judge saves more than it costs",
        total["avoided_usd"],
    )
    assert [each["name"] for each in page["wrong_hits_by_route"]] == ["/v1/query"]
    assert page["wrong_hits_by_model"] == metrics["wrong_hits_by_model"]
    assert shown["ledger"]["audit_usd"] > shown["ledger"]["judge_usd"]
    [stratum] = shown["strata"].values()
    assert (stratum["learned_from"], stratum["served"]) == (1, "if judged the same")
    assert explained["candidates"][0]["verdict"]["zone"] in {"grey", "left", "probed"}
    assert [each["changed"] for each in reset] == [True, False]
    assert frozen == {"changed": True, "frozen": True, "reset_at": reset[1]["reset_at"]}


async def test_without_a_judge_there_is_nothing_to_show() -> None:
    it = build(Settings.from_environ({"SENTINEL_OPEN": "true", "SENTINEL_ADMIN_KEY": ADMIN}), embedder=WordEmbedder())
    transport = httpx.ASGITransport(it.app, client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        response = await client.get("/v1/admin/learning", headers={"authorization": f"Bearer {ADMIN}"})

    assert (response.status_code, response.json()["error"]["code"]) == (404, "no_judge")


def test_a_judge_of_a_provider_without_a_key_stops_the_start() -> None:
    settings = Settings.from_environ({"GROQ_API_KEY": "k", "SENTINEL_JUDGE": "openai/gpt-4.1-mini"})
    with pytest.raises(ConfigurationError, match="SENTINEL_JUDGE: openai is not configured"):
        build(settings, embedder=WordEmbedder())


async def test_an_answer_fetched_in_the_background_is_in_the_ledger(upstream: Upstream) -> None:
    environ = {"GROQ_API_KEY": "k", "GROQ_BASE_URL": upstream.url, "SENTINEL_OPEN": "true"}
    settings = Settings.from_environ({**environ, "SENTINEL_ADMIN_KEY": ADMIN, "SENTINEL_TTL_SECONDS": "0.05"})
    it = build(settings, embedder=WordEmbedder(), has_background=True)
    upstream.default = answer("An answer.", usage={"prompt_tokens": 1_000, "completion_tokens": 1_000})
    transport = httpx.ASGITransport(it.app, client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        spent = []
        for _ in range(2):
            await client.post(
                "/v1/query", json={"prompt": STORED}, headers={"cache-control": "stale-while-revalidate=60"}
            )
            await asyncio.sleep(0.1)
            await it.parts.background.drain(within=30.0)
            page = (await client.get("/v1/admin/ledger", headers={"authorization": f"Bearer {ADMIN}"})).json()
            spent.append(page["total"]["answers_usd"])
    await it.parts.aclose()

    assert len(upstream.calls) == 2
    assert spent[1] == pytest.approx(2 * spent[0])
    assert spent[0] > 0
