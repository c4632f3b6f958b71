from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from sentinel_core.cache.operator_rules import Mode
from sentinel_core.tenants.policy import Effects, Policy, Rule
from tests.support.fakes import RULES, completion
from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]
ML = "what is machine learning"
LIKE_ML = "what is machine learning now"
CARD = "Is my card 4111 1111 1111 1111 valid?"


def policy(*rules: tuple[Effects, dict[str, str]]) -> Policy:
    return Policy([Rule(line, selectors, effects) for line, (effects, selectors) in enumerate(rules, 1)])


async def asked(it: Api, prompt: str = ML, **headers: str) -> tuple[object, object]:
    body = (await it.query({"prompt": prompt}, **headers)).json()
    return body["outcome"], body["reason"]


@pytest.mark.parametrize(
    ("mode", "again", "reworded"),
    [
        ("semantic", ("hit_exact", "exact"), ("hit_semantic", "semantic")),
        ("exact", ("hit_exact", "exact"), ("miss", "exact-only")),
        ("shadow", ("miss", "shadow"), ("miss", "shadow")),
        ("off", ("bypass", "mode-off"), ("bypass", "mode-off")),
    ],
)
async def test_the_mode_decides_which_answers_are_served(
    api: Build, mode: Mode, again: tuple[str, str], reworded: tuple[str, str]
) -> None:
    it = api(rules=replace(RULES, mode=mode))
    await asked(it)

    assert [await asked(it), await asked(it, LIKE_ML)] == [again, reworded]


@pytest.mark.parametrize(("mode", "asks"), [("semantic", False), ("exact", False), ("shadow", True), ("off", True)])
async def test_explain_says_whether_a_mode_asks_the_provider(api: Build, mode: Mode, asks: bool) -> None:
    it = api(rules=replace(RULES, mode=mode))
    await asked(it)

    explained = (await it.client.post("/v1/cache/explain", json={"query": {"prompt": ML}})).json()

    assert (explained["mode"], explained["asks_provider"]) == (mode, asks)


async def test_shadow_counts_hits_and_compares_them_with_the_providers_answers(api: Build) -> None:
    it = api(rules=replace(RULES, mode="shadow"))
    it.world.provider.queue.extend([completion("One."), completion("One."), completion("Two.")])

    bodies = [(await it.query({"prompt": prompt})).json() for prompt in (ML, ML, LIKE_ML)]

    assert [(body["outcome"], body["shadow"], body["response"]) for body in bodies] == [
        ("miss", None, "One."),
        ("miss", "hit_exact", "One."),
        ("miss", "hit_semantic", "Two."),
    ]
    metrics = await it.metrics()
    assert metrics["shadow_by_outcome"] == {"hit_exact": 1, "hit_semantic": 1, "equal": 1, "different": 1}
    assert metrics["not_stored_by_reason"] == {"shadow": 2}
    assert it.world.provider.calls == 3


async def test_shadow_serves_nothing_to_a_caller_who_wants_stored_answers_only(api: Build) -> None:
    it = api(rules=replace(RULES, mode="shadow"))
    await asked(it)

    assert (await it.query({"prompt": ML}, cache_control="only-if-cached")).status_code == 504


async def test_shadow_streams_are_the_providers_and_counted(api: Build) -> None:
    it = api(rules=replace(RULES, mode="shadow"))
    body = {"messages": [{"role": "user", "content": ML}], "stream": True}

    for _ in range(2):
        await it.client.post("/v1/chat/completions", json=body)

    assert [answered.shadow for answered in it.noted.answers] == [None, "hit_exact"]


async def test_a_rule_by_route_and_tag_changes_the_decision_and_is_explained(api: Build) -> None:
    rules = (Effects(mode="exact"), {"route": "/v1/query"}), (Effects(threshold=0.99), {"tag": "faq"})
    it = api(policy=policy(*rules))
    await asked(it)

    headers = {"x-sentinel-tag": "faq"}
    explained = (await it.client.post("/v1/cache/explain", json={"query": {"prompt": LIKE_ML}}, headers=headers)).json()

    assert await asked(it, LIKE_ML) == ("miss", "exact-only")
    assert explained["policy"] == {"threshold": "line 2: tag=faq"}
    assert (explained["threshold"], explained["mode"]) == (0.99, "semantic")


async def test_a_policy_sets_lifetime_personal_data_and_user_scope(api: Build) -> None:
    effects = Effects(ttl_seconds=10.0, personal_data="skip", user_scope="always", volatile_words=("learning",))
    it = api(policy=policy((effects, {"model": "small"})))

    first = (await it.query({"prompt": ML, "user": "alice"})).json()
    entry = (await it.client.get(f"/v1/cache/entries/{first['entry_id']}")).json()

    assert first["personal"] == "always"
    assert entry["ttl_left_seconds"] == 10.0
    assert await asked(it, CARD) == ("bypass", "personal-data")


async def test_a_policys_lifetime_holds_for_answers_stored_without_it(api: Build) -> None:
    it = api(policy=policy((Effects(ttl_seconds=10.0), {"tag": "strict"})))
    await asked(it)
    it.world.clock.advance(11)

    assert await asked(it) == ("hit_exact", "exact")
    assert (await asked(it, x_sentinel_tag="strict"))[0] == "miss"
    assert await asked(it, x_sentinel_tag="strict") == ("hit_exact", "exact")


async def test_a_callers_header_may_only_be_stricter_than_a_policy(api: Build) -> None:
    it = api(policy=policy((Effects(threshold=0.95), {})))

    async def threshold(header: str) -> object:
        body = {"query": {"prompt": ML}}
        headers = {"x-sentinel-threshold": header}
        return (await it.client.post("/v1/cache/explain", json=body, headers=headers)).json()["threshold"]

    assert [await threshold("0.5"), await threshold("0.99")] == [0.95, 0.99]


async def test_a_policy_hides_personal_data_from_the_provider_by_tag(api: Build) -> None:
    it = api(policy=policy((Effects(mask_upstream="on"), {"tag": "strict"})))
    await asked(it, CARD)
    await asked(it, CARD, x_sentinel_tag="strict", cache_control="no-cache")

    assert [request.is_masked for request in it.world.provider.requests] == [None, True]
