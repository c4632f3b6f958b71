from __future__ import annotations

import pytest

from sentinel_core.cache.purge import Purge
from tests.support.fakes import PRICE, FakeClock
from tests.tenants.doors import shown_to
from tests.web.conftest import Api
from tests.web.operator import Build, ask, call, kept_apart, told

pytestmark = pytest.mark.anyio

STORED, LIKE = "what is machine learning", "What is this machine learning?"


@pytest.fixture
def it(api: Build, clock: FakeClock) -> Api:
    return kept_apart(api, clock)


async def semantic_hit(it: Api, tenant: str = "acme") -> None:
    await ask(it, tenant, STORED)
    response = await it.query({"prompt": LIKE, "similarity_threshold": 0.75}, x_api_key=shown_to(tenant))
    assert response.json()["outcome"] == "hit_semantic"


async def test_the_latest_requests_are_shown_with_outcome_cost_and_stages(it: Api, clock: FakeClock) -> None:
    await semantic_hit(it)
    page = await told(it, "/requests")
    hit, miss = page["requests"]

    assert (page["last"], page["keeps"], page["keeps_prompts"]) == (2, True, True)
    assert miss["timings_ms"].keys() > {"provider"}
    assert {name: miss[name] for name in ("id", "at", "tenant", "outcome", "prompt", "cost_usd", "status")} == {
        "id": 1, "at": clock.now(), "tenant": "acme", "outcome": "miss", "prompt": STORED, "cost_usd": PRICE,
        "status": 200,
    }  # fmt: skip
    assert (hit["outcome"], hit["saved_usd"], hit["entry_id"]) == ("hit_semantic", PRICE, miss["entry_id"])
    assert [each["id"] for each in (await told(it, "/requests?after=1"))["requests"]] == [2]
    assert [each["id"] for each in (await told(it, "/requests?outcome=miss"))["requests"]] == [1]
    assert (await told(it, "/requests?tenant=globex"))["requests"] == []


async def test_a_rejected_request_is_shown_without_a_model(it: Api) -> None:
    await it.query({"prompt": 1, "model": "x" * 100}, x_api_key=shown_to("acme"))

    [seen] = (await told(it, "/requests"))["requests"]
    assert (seen["outcome"], seen["status"], seen["model"], seen["prompt"]) == ("rejected", 422, None, None)


@pytest.mark.parametrize(
    ("verdict", "changed", "own", "like"),
    [
        ("right", False, "hit_exact", "hit_semantic"),
        ("wrong_match", True, "hit_exact", "miss"),
        ("wrong_answer", True, "miss", "hit_semantic"),
        ("wrong-match", True, "hit_exact", "miss"),
    ],
)
async def test_a_wrong_verdict_takes_effect_at_once(it: Api, verdict: str, changed: bool, own: str, like: str) -> None:
    await semantic_hit(it)
    [hit] = (await told(it, "/hits"))["hits"]
    judged = await call(it, "POST", f"/hits/{hit['id']}/verdict", {"verdict": verdict})
    outcomes = [
        (await it.query({"prompt": prompt, "similarity_threshold": 0.75}, x_api_key=shown_to("acme"))).json()["outcome"]
        for prompt in (STORED, LIKE)
    ]

    assert (hit["prompt"], hit["matched_prompt"], hit["verdict"]) == (LIKE, STORED, None)
    assert (judged.status_code, judged.json()["changed"], judged.json()["hit"]["verdict"]) == (
        200, changed, verdict.replace("-", "_"),
    )  # fmt: skip
    assert outcomes == [own, like]
    total = (await told(it, "/series"))["total"]
    assert (total["right"], total["wrong"]) == ((0, 1) if changed else (1, 0))


async def test_an_erasure_drops_the_hits_and_requests_of_the_namespace(it: Api) -> None:
    for tenant in ("acme", "globex"):
        await semantic_hit(it, tenant)
    observed = it.service.recording.observed
    assert observed is not None
    namespace = it.directory.namespace("acme") if it.directory is not None else ""
    observed.erase(Purge(namespace, author="someone"))

    assert {hit["tenant"] for hit in (await told(it, "/hits"))["hits"]} == {"globex"}
    assert {each["tenant"] for each in (await told(it, "/requests"))["requests"]} == {"globex"}


async def test_a_second_verdict_replaces_the_first_and_counts_once(it: Api) -> None:
    await semantic_hit(it)
    verdicts = ("right", "wrong_match", "wrong_match")
    *_, last = [await call(it, "POST", "/hits/1/verdict", {"verdict": verdict}) for verdict in verdicts]

    assert (last.json()["hit"]["verdict"], last.json()["changed"]) == ("wrong_match", False)
    assert (await told(it, "/series"))["wrong_hits"]["judged"] == 1

    taken_back = (await call(it, "POST", "/hits/1/verdict", {"verdict": "right"})).json()
    assert (taken_back["hit"]["verdict"], taken_back["changed"]) == ("right", False)
    assert "counters keep the first verdict" in taken_back["effect"]


@pytest.mark.parametrize("identifier", ["2", "0", "-1", "x", "1e3", "9" * 40])
async def test_an_unknown_hit_cannot_be_judged(it: Api, identifier: str) -> None:
    response = await call(it, "POST", f"/hits/{identifier}/verdict", {"verdict": "right"})

    assert response.status_code in (404, 422)


async def test_nothing_is_kept_of_a_request_that_forbids_it(it: Api) -> None:
    await ask(it, "acme", STORED)
    await it.query({"prompt": LIKE, "similarity_threshold": 0.75}, x_api_key=shown_to("acme"), cache_control="no-store")

    assert (await told(it, "/hits"))["hits"] == []
    assert [each["prompt"] for each in (await told(it, "/requests"))["requests"]] == [None, STORED]


async def test_a_server_that_shows_no_prompts_keeps_none(api: Build, clock: FakeClock) -> None:
    it = kept_apart(api, clock, keeps_prompts=False)
    await semantic_hit(it)

    assert await told(it, "/hits") == {"hits": [], "unjudged": 0, "keeps": False}
    assert {each["prompt"] for each in (await told(it, "/requests"))["requests"]} == {None}


async def test_a_tenant_sees_and_judges_its_own_hits_only(it: Api) -> None:
    await semantic_hit(it, "acme")
    await semantic_hit(it, "globex")
    key = {"x-api-key": shown_to("acme")}
    hits = (await it.client.get("/v1/cache/hits", headers=key)).json()["hits"]
    requests = (await it.client.get("/v1/cache/requests", headers=key)).json()["requests"]
    series = (await it.client.get("/v1/cache/series", headers=key)).json()
    statuses = [
        (await it.client.post(f"/v1/cache/hits/{number}/verdict", headers=key, json={"verdict": "wrong_match"}))
        .status_code
        for number in (1, 2)
    ]  # fmt: skip

    assert [hit["tenant"] for hit in hits] == ["acme"]
    assert {request["tenant"] for request in requests} == {"acme"}
    assert (series["total"]["requests"], (await told(it, "/series"))["total"]["requests"]) == (2, 4)
    assert statuses == [200, 404]
    assert (await it.client.get("/v1/admin/hits", headers=key)).status_code == 401


async def test_a_series_gives_points_a_total_and_the_share_of_wrong_hits(it: Api, clock: FakeClock) -> None:
    await semantic_hit(it)
    await call(it, "POST", "/hits/1/verdict", {"verdict": "wrong_match"})
    clock.advance(120)
    await ask(it, "acme", "what is deep water")
    series = await told(it, "/series?step=minute&last=60")

    assert [point["requests"] for point in series["points"]] == [2, 1]
    assert (series["total"]["semantic_hits"], series["total"]["misses"]) == (1, 2)
    assert series["wrong_hits"] == {
        "judged": 1, "wrong": 1, "rate": 1.0, "low": pytest.approx(0.2065, abs=1e-3), "high": 1.0,
    }  # fmt: skip
    assert (await told(it, "/series?last=1"))["total"]["requests"] == 1
    assert (await told(it, "/series?tenant=globex"))["total"]["requests"] == 0


async def test_costs_are_a_table_that_no_spreadsheet_computes(it: Api) -> None:
    await ask(it, "acme", STORED)
    await it.query({"prompt": "what is deep water", "model": "=1+1"}, x_api_key=shown_to("acme"))
    response = await call(it, "GET", "/costs.csv")
    head, *rows = response.text.splitlines()

    assert response.headers["content-type"].startswith("text/csv")
    assert head.startswith("day,tenant,key,provider,model,outcome,requests,")
    assert sorted(row.split(",")[4] for row in rows) == ["'=1+1", "small"]
    for tenant, count in (("acme", 2), ("globex", 0)):
        own = await call(it, "GET", f"/costs.csv?tenant={tenant}")
        assert len(own.text.splitlines()) == 1 + count


@pytest.mark.parametrize(
    ("path", "name", "known"),
    [
        ("/costs.csv?tenants=acme", "tenants", "knows tenant"),
        ("/settings?tenant=acme", "tenant", "knows none"),
        ("/hits?tenant=acme&limits=1", "limits", "knows limit, tenant, unjudged"),
    ],
)
async def test_a_query_parameter_that_no_route_has_is_refused(it: Api, path: str, name: str, known: str) -> None:
    response = await call(it, "GET", path)
    error = response.json()["error"]

    assert (response.status_code, error["param"], error["code"]) == (400, name, "unknown_parameter")
    assert error["message"] == f"{name}: no such query parameter; this route {known}"


async def test_settings_in_force_are_listed(it: Api) -> None:
    assert await told(it, "/settings") == {"settings": [{"name": "SENTINEL_PORT", "value": "8001", "meaning": "port"}]}
