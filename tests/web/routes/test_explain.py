from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sentinel_core.cache.scope import digest
from sentinel_core.matching.gate import RULES, Gate
from tests.web.conftest import Api
from tests.web.routes.test_query import ML

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]


async def explain(it: Api, body: object, **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = await it.client.post("/v1/cache/explain", json=body, headers=named)
    assert response.status_code == 200, response.text
    told: dict[str, Any] = response.json()
    return told


def query(prompt: str = ML, **fields: Any) -> dict[str, Any]:
    return {"query": {"prompt": prompt, **fields}}


async def test_an_empty_cache_has_nothing_to_show(api: Build) -> None:
    it = api()
    told = await explain(it, query())

    assert (told["outcome"], told["reason"], told["exact"], told["candidates"]) == ("miss", None, None, [])
    assert (told["threshold"], told["ttl_seconds"], told["digest"]) == (0.75, 100.0, digest(ML))
    assert it.world.provider.calls == 0
    assert (await it.metrics())["total_requests"] == 0


async def test_the_scope_is_told_by_its_parts(api: Build) -> None:
    it = api()
    told, other = await explain(it, query()), await explain(it, query(temperature=0.1))
    values = {part["name"]: part["value"] for part in told["scope"]}
    differing = [
        one["name"]
        for one, another in zip(told["scope"], other["scope"], strict=True)
        if one["sha256"] != another["sha256"]
    ]

    assert (values["provider"], values["model"]) == ("fake", "small")
    assert values["params"] == {}
    assert values["earlier"] is None
    assert differing == ["params"]
    assert told["fingerprint"] != other["fingerprint"]


async def test_what_would_answer_exactly_is_shown_with_its_age(api: Build) -> None:
    it = api()
    await it.query({"prompt": ML}, x_sentinel_tag="a")
    it.world.clock.advance(30.0)
    told = await explain(it, query())

    assert told["outcome"] == "hit_exact"
    assert told["exact"] == {
        "prompt": ML, "similarity": 1.0, "reaches_threshold": True, "verdict": None, "fresh": True,
        "may_stand_in": True, "age_seconds": 30, "ttl_left_seconds": 70, "provider": "fake", "model": "small",
        "tags": ["a"],
    }  # fmt: skip


async def test_candidates_are_shown_with_the_gates_verdict_whatever_their_similarity(api: Build) -> None:
    it = api(gate=Gate(frozenset(RULES), 1.0))
    await it.query({"prompt": "What is 2 plus 2 please?"})
    await it.query({"prompt": "How tall is everest?"})
    told = await explain(it, query("What is 2 plus 3 please?"))
    near, far = told["candidates"]

    assert told["needed"] == 0.0
    assert (told["outcome"], told["reason"]) == ("miss", f"gate:{near['verdict']['rule']}")
    assert (near["reaches_threshold"], near["verdict"]["passed"]) == (True, False)
    assert (near["verdict"]["asked_span"], near["verdict"]["also"]) == ("3", ["replacement"])
    assert (far["reaches_threshold"], far["prompt"]) == (False, "How tall is everest?")


async def test_the_confidence_that_a_pair_needs_is_shown(api: Build) -> None:
    strict, loose = [await explain(api(gate=Gate(frozenset(RULES), share)), query("a b")) for share in (0.02, 0.2)]

    assert 0 < loose["needed"] < strict["needed"] < 1


async def test_what_is_past_its_time_says_whether_it_may_stand_in(api: Build) -> None:
    it = api()
    await it.query({"prompt": ML})
    it.world.clock.advance(120.0)
    told, strict = await explain(it, query()), await explain(it, query(), cache_control="max-age=60")

    assert (told["outcome"], told["reason"]) == ("miss", "expired")
    exact = told["exact"]
    assert (exact["fresh"], exact["may_stand_in"], exact["ttl_left_seconds"]) == (False, True, -20)
    assert strict["exact"]["may_stand_in"] is False


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (query(temperature=1.5), "temperature"),
        (query(cache_control="no-cache"), "no-cache"),
        ({"chat": {"messages": [{"role": "user", "content": "Hi"}], "n": 2}}, "several-choices"),
        ({"chat": {"messages": [{"role": "assistant", "content": "Hi"}]}}, "not-a-user-turn"),
    ],
)
async def test_a_bypass_says_why(api: Build, body: object, reason: str) -> None:
    told = await explain(api(), body)

    assert (told["outcome"], told["reason"], told["candidates"]) == ("bypass", reason, [])


async def test_a_chat_is_explained_as_its_route_would_answer_it(api: Build) -> None:
    it = api()
    chat = {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": ML}]}
    await it.client.post("/v1/chat/completions", json=chat)

    assert (await explain(it, {"chat": chat}))["outcome"] == "hit_exact"
    assert (await explain(it, query()))["outcome"] == "miss"


async def test_pictures_are_not_compared(api: Build) -> None:
    content = [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]
    told = await explain(api(), {"chat": {"messages": [{"role": "user", "content": content}]}})

    assert (told["outcome"], told["reason"], told["not_compared"]) == ("miss", "not-text", "not-text")


@pytest.mark.parametrize("step", ["load", "nearest"])
async def test_a_store_that_is_down_shows_nothing(api: Build, step: str) -> None:
    told = await explain(api(broken={step}), query())

    assert (told["outcome"], told["reason"], told["exact"]) == ("bypass", "store-unavailable", None)


@pytest.mark.parametrize("body", [{}, {**query(), "chat": {"messages": [{"role": "user", "content": "Hi"}]}}])
async def test_one_request_is_explained_at_a_time(api: Build, body: object) -> None:
    response = await api().client.post("/v1/cache/explain", json=body)

    assert (response.status_code, response.json()["error"]["message"]) == (422, "give either query or chat")


async def test_a_field_that_breaks_a_rule_is_named(api: Build) -> None:
    response = await api().client.post("/v1/cache/explain", json=query(temperature=3))

    assert (response.status_code, response.json()["error"]["param"]) == (422, "query.temperature")
