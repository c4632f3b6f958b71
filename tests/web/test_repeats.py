from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from sentinel_core.cache.purge import Purge
from sentinel_core.chat.messages import Json
from sentinel_core.stores.memory_counts import MemoryCounts
from sentinel_core.telemetry.records import Answered
from sentinel_core.tenants.limits import Limiter
from sentinel_core.tenants.policy import Effects
from sentinel_core.web.repeats import LONGEST
from tests.support.fakes import RULES, FakeClock
from tests.tenants.doors import MemoryKeys, directory, key_of, shown_to
from tests.web.conftest import Api
from tests.web.test_policies import policy

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]
ML = "what is machine learning"
CHAT = {"model": "small", "messages": [{"role": "user", "content": ML}]}
EACH_TIME = ("x-request-id", "server-timing")


async def outcomes(it: Api, times: int, body: object = None, **headers: str) -> list[object]:
    return [(await it.query(body, **headers)).json()["outcome"] for _ in range(times)]


def facts(answered: Answered) -> Answered:
    return answered._replace(request_id=None, timings_ms={}, latency_ms=0.0)


@pytest.mark.parametrize(("path", "body"), [("/v1/query", {"prompt": ML}), ("/v1/chat/completions", CHAT)])
async def test_a_remembered_request_is_answered_and_recorded_as_any_hit(
    api: Build, path: str, body: Mapping[str, Json]
) -> None:
    it = api()
    answers = [await it.client.post(path, json=body) for _ in range(5)]

    assert len(it.service.repeats) == 1
    shown = [{name: value for name, value in each.json().items() if name != "id"} for each in answers]
    assert shown[1:] == shown[1:2] * 4
    headers = [{name: value for name, value in each.headers.items() if name not in EACH_TIME} for each in answers]
    assert headers[1:] == headers[1:2] * 4
    noted = [facts(each) for each in it.noted.answers]
    assert noted[1:] == noted[1:2] * 4
    assert it.service.gateway.varieties.of("open").requests == 5


async def test_a_remembered_request_meets_the_policy_of_now(api: Build) -> None:
    it = api(rules=RULES)
    assert await outcomes(it, 4) == ["miss", *["hit_exact"] * 3]

    it.policy = policy((Effects(mode="off"), {}))
    assert await outcomes(it, 2) == ["bypass"] * 2


async def test_a_remembered_request_asks_the_provider_once_its_entry_expires(api: Build, clock: FakeClock) -> None:
    it = api()
    await outcomes(it, 4)
    clock.advance(RULES.ttl + 1)

    assert await outcomes(it, 2) == ["miss", "hit_exact"]


@pytest.mark.parametrize(
    ("headers", "body", "is_kept"),
    [
        ({}, {"prompt": ML}, True),
        ({"cache_control": "max-age=60"}, {"prompt": ML}, True),
        ({"cache_control": "no-store"}, {"prompt": ML}, False),
        ({}, {"prompt": ML, "cache_control": "no-store"}, False),
        ({}, {"prompt": "a" * (LONGEST - 13)}, True),
        ({}, {"prompt": "a" * (LONGEST - 12)}, False),
    ],
)
async def test_only_small_storable_requests_are_remembered(
    api: Build, headers: dict[str, str], body: dict[str, Json], is_kept: bool
) -> None:
    it = api()
    await it.query({"prompt": body["prompt"]})

    await outcomes(it, 2, body, **headers)

    assert len(it.service.repeats) == int(is_kept)


@pytest.mark.parametrize(
    ("headers", "outcome"),
    [
        ({"cache_control": "no-cache"}, "bypass"),
        ({"cache_control": "max-age=0"}, "miss"),
        ({"x_other": "1"}, "hit_exact"),
    ],
)
async def test_a_remembered_request_obeys_headers_of_its_own(api: Build, headers: dict[str, str], outcome: str) -> None:
    it = api()
    await outcomes(it, 4)

    assert await outcomes(it, 1, **headers) == [outcome]


async def test_a_personal_prompt_is_remembered_for_its_user_alone(api: Build) -> None:
    it, body = api(), {"prompt": "what is my balance"}
    assert await outcomes(it, 4, body, x_sentinel_user="alice") == ["miss", *["hit_exact"] * 3]

    assert await outcomes(it, 2, body, x_sentinel_user="bob") == ["miss", "hit_exact"]


async def test_a_remembered_request_is_limited_and_refused_as_any(api: Build, clock: FakeClock) -> None:
    keys = MemoryKeys(key_of("acme", limits={"requests_per_minute": 5}), key_of("other"))
    it = api(directory=directory(clock, keys), limiter=Limiter(MemoryCounts(clock), clock=clock))
    mine, theirs = {"x_api_key": shown_to("acme")}, {"x_api_key": shown_to("other")}
    asked = [await it.query(**mine) for _ in range(6)]

    assert [each.status_code for each in asked] == [*[200] * 5, 429]
    assert [each.headers["x-ratelimit-remaining-requests"] for each in asked] == ["4", "3", "2", "1", "0", "0"]
    assert await outcomes(it, 3, **theirs) == ["miss", "hit_exact", "hit_exact"]
    await keys.put(key_of("other", state="revoked"))
    clock.advance(1_000)
    assert (await it.query(**theirs)).status_code == 401


async def test_an_erasure_forgets_the_namespaces_requests(api: Build) -> None:
    it = api()
    await outcomes(it, 4)

    it.service.repeats.erase(Purge("theirs", author="a"))
    assert len(it.service.repeats) == 1
    it.service.repeats.erase(Purge("open", author="a"))
    assert len(it.service.repeats) == 0
