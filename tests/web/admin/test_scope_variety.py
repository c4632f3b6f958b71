from __future__ import annotations

import pytest

from tests.support.fakes import FakeClock
from tests.tenants.doors import shown_to
from tests.web.conftest import Api
from tests.web.operator import Build, call, kept_apart, told

pytestmark = pytest.mark.anyio


@pytest.fixture
def it(api: Build, clock: FakeClock) -> Api:
    return kept_apart(api, clock)


async def ask(it: Api, tenant: str, system: str) -> None:
    messages = [{"role": "system", "content": system}, {"role": "user", "content": "What is a bond?"}]
    body = {"model": "m", "messages": messages}
    await it.client.post("/v1/chat/completions", json=body, headers={"x-api-key": shown_to(tenant)})


async def test_the_part_that_changes_is_shown_to_its_tenant_alone(it: Api) -> None:
    for second in range(20):
        await ask(it, "acme", f"It is 12:30:{second + 10}.")
    mine, theirs = [await told(it, f"/scope-variety?tenant={tenant}") for tenant in ("acme", "globex")]
    metrics = (await it.client.get("/v1/metrics", headers={"x-api-key": shown_to("acme")})).json()
    text = (await it.client.get("/metrics", headers={"x-api-key": shown_to("acme")})).text
    body = {"query": {"prompt": "hi"}}
    explained = (await it.client.post("/v1/cache/explain", json=body, headers={"x-api-key": shown_to("acme")})).json()

    assert (mine["requests"], mine["parts"][0]["name"], theirs["requests"]) == (20, "system", 0)
    assert mine["advice"].startswith("100% of your requests differ in `system`: it holds a time.")
    assert (metrics["scope_advice"], metrics["distinct_share_by_part"]["system"]) == (mine["advice"], 1.0)
    assert 'sentinel_scope_distinct_share{part="system",tenant="acme"} 1.0' in text
    assert explained["variety"] == mine


async def test_a_tenant_without_requests_has_no_variety(it: Api) -> None:
    assert await told(it, "/scope-variety?tenant=acme") == {"requests": 0, "parts": [], "advice": None}


async def test_a_tenant_must_be_named_where_there_are_keys(it: Api) -> None:
    assert (await call(it, "GET", "/scope-variety")).status_code == 422
