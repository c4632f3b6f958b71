from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sentinel_core.errors import ProviderRejectedError, ProviderUnavailableError
from sentinel_core.support.owner_bounds import OwnerBounds
from sentinel_core.web.request_shares import RequestShares
from sentinel_core.web.routes import batch
from tests.support.fakes import RULES, CountingProvider, chat, completion
from tests.web.conftest import Api
from tests.web.routes.test_query import HIT, MISS, ML, unnamed

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]
URL = "/v1/query/batch"


async def ask(it: Api, items: list[Any], **fields: Any) -> list[dict[str, Any]]:
    response = await it.client.post(URL, json={"items": items, **fields})
    assert response.status_code == 200, response.text
    results: list[dict[str, Any]] = response.json()["results"]
    for result in results:
        result["answer"] = result["answer"] and unnamed(result["answer"])
    assert [result["index"] for result in results] == list(range(len(items)))
    return results


def error(message: str, code: str, *, param: str | None = None, kind: str = "invalid_request_error") -> dict[str, Any]:
    return {"message": message, "type": kind, "param": param, "code": code}


async def test_each_item_has_its_own_answer_or_error(api: Build) -> None:
    it = api()
    await it.query({"prompt": ML})
    results = await ask(it, [{"prompt": ML}, {"prompt": "how tall is everest"}, {"prompt": " "}, {"question": "?"}])

    assert results == [
        {"index": 0, "status": 200, "answer": HIT | dict.fromkeys(("volatile", "personal", "shadow")), "error": None},
        {"index": 1, "status": 200, "answer": MISS, "error": None},
        {"index": 2, "status": 422, "answer": None,
         "error": error("prompt: must say something", "value_error", param="prompt")},
        {"index": 3, "status": 422, "answer": None,
         "error": error("prompt: Field required", "missing", param="prompt")},
    ]  # fmt: skip


async def test_equal_items_are_asked_once_and_billed_once(api: Build) -> None:
    it = api()
    results = await ask(it, [{"prompt": ML}] * 3)

    assert it.world.provider.requests == [chat(ML)]
    assert [result["answer"]["tokens_used"] for result in results] == [12, 0, 0]
    assert (await it.metrics())["collapsed_requests"] == 2


async def test_defaults_hold_where_an_item_does_not_say_otherwise(api: Build) -> None:
    it = api()
    defaults = {"temperature": 0.1, "system": "Be brief."}
    await ask(it, [{"prompt": "a"}, {"prompt": "b", "temperature": 0.2}], defaults=defaults)

    system = {"role": "system", "content": "Be brief."}
    assert it.world.provider.requests == [
        chat("a", system, temperature=0.1),
        chat("b", system, temperature=0.2),
    ]


async def test_a_provider_that_fails_for_one_fails_for_that_one(api: Build) -> None:
    it = api()
    it.world.provider.queue += [
        ProviderUnavailableError("down", provider="fake"),
        ProviderRejectedError("no such model", provider="fake", status=404, error={"message": "No!", "code": "gone"}),
    ]
    results = await ask(it, [{"prompt": "one thing"}, {"prompt": "second of all"}, {"prompt": "third of all"}])

    assert [(result["status"], result["error"]) for result in results] == [
        (503, error("down", "provider_unavailable", kind="provider_error")),
        (404, error("No!", "gone")),
        (200, None),
    ]


async def test_a_fault_of_ours_is_the_items_own(api: Build) -> None:
    it = api()
    it.world.provider.queue.append(RuntimeError("a bug"))
    results = await ask(it, [{"prompt": "one thing"}, {"prompt": "second of all"}])

    assert [result["status"] for result in results] == [500, 200]
    assert results[0]["error"] == error("internal error", "internal_error", kind="internal_error")
    assert (await it.metrics())["internal_errors"] == 1


async def test_headers_hold_for_all_items(api: Build) -> None:
    it = api()
    response = await it.client.post(URL, json={"items": [{"prompt": ML}]}, headers={"cache-control": "only-if-cached"})

    assert [result["status"] for result in response.json()["results"]] == [504]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"items": []}, "items"),
        ({"items": [{"prompt": "a"}] * 257}, "items"),
        ({"items": ["a"]}, "items[0]"),
        ({}, "items"),
        ({"items": [{"prompt": "a"}], "defaults": {"prompt": "b"}}, "defaults.prompt"),
        ({"items": [{"prompt": "a"}], "defaults": {"temperature": "hot"}}, "defaults.temperature"),
        ({"items": [{"prompt": "a"}], "other": 1}, "other"),
    ],
)
async def test_a_batch_that_is_none_is_refused_as_a_whole(api: Build, body: object, param: str) -> None:
    it = api()
    response = await it.client.post(URL, json=body)

    assert (response.status_code, response.json()["error"]["param"]) == (422, param)
    assert it.world.provider.calls == 0


async def test_a_header_with_a_bad_value_is_wrong_for_the_whole_batch(api: Build) -> None:
    it = api()
    response = await it.client.post(URL, json={"items": [{"prompt": "a"}]}, headers={"x-sentinel-ttl": "soon"})

    assert (response.status_code, response.json()["error"]["param"]) == (400, "x-sentinel-ttl")
    assert it.world.provider.calls == 0


async def test_as_many_as_are_allowed_are_answered(api: Build) -> None:
    it = api()
    results = await ask(it, [{"prompt": f"question {i}", "system": str(i)} for i in range(256)])

    assert {result["status"] for result in results} == {200}
    loads = it.world.broken_store.loads
    assert sum(loads) == 256
    assert max(loads) <= 4 * batch.MOST_AT_ONCE


@pytest.mark.parametrize(("length", "at_once"), [(1, 32), (249, 32), (500, 15), (2_000, 3), (300_000, 1)])
def test_fewer_items_work_at_once_the_longer_they_are(length: int, at_once: int) -> None:
    assert batch.at_once_of([{"prompt": "a" * length, "max_tokens": 5}] * 7) == at_once


async def test_a_batch_pauses_between_its_items_while_other_keys_ask() -> None:
    shares = RequestShares(9)
    pace = batch.OwnersPace("batching", 1, shares)
    await asyncio.wait_for(pace.turn(), 60)
    shares.begin("batching")
    assert not shares.are_others("batching")

    shares.begin("other")
    assert shares.are_others("batching")
    turn = asyncio.ensure_future(pace.turn())
    for _ in range(9):
        await asyncio.sleep(0)
    assert not turn.done()
    await turn


@pytest.mark.parametrize(
    ("alone", "beside", "concurrency", "begun"), [(32, 4, 16, (512, 64)), (9, 1, 2, (144, 16)), (1, 1, 16, (32, 32))]
)
def test_fewer_items_work_at_once_while_other_keys_ask(
    alone: int, beside: int, concurrency: int, begun: tuple[int, int]
) -> None:
    shares = RequestShares(9)
    pace = batch.OwnersPace("batching", alone, shares, concurrency)
    assert (pace.at_once, pace.most_begun) == (alone, begun[0])

    shares.begin("other")
    assert (pace.at_once, pace.most_begun) == (beside, begun[1])


async def test_items_wait_for_the_end_of_others_before_they_begin(api: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "ROUNDS_BEGUN", 1)
    it = api(provider=CountingProvider(gate=asyncio.Event()))
    asking = asyncio.create_task(ask(it, [{"prompt": f"question {i}", "system": str(i)} for i in range(256)]))
    await asyncio.wait_for(it.world.provider.started.wait(), 60)
    await asyncio.sleep(0.05)
    assert 0 < sum(it.world.broken_store.loads) <= batch.MOST_AT_ONCE
    assert it.world.provider.gate is not None
    it.world.provider.gate.set()

    assert {result["status"] for result in await asyncio.wait_for(asking, 60)} == {200}


async def test_a_batch_waits_for_the_key_s_other_batches_until_its_deadline(
    api: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = api()
    object.__setattr__(it.service, "defaults", replace(it.service.defaults, timeout=0.05))
    under_way = OwnerBounds(4)
    monkeypatch.setattr(batch, "_UNDER_WAY", under_way)
    await under_way.acquire("", 4)
    response = await it.client.post(URL, json={"items": [{"prompt": ML}]})
    under_way.release("", 4)

    assert (response.status_code, response.json()["error"]["code"]) == (503, "batch_unavailable")
    assert it.world.provider.calls == 0
    assert len(under_way) == 0


async def test_an_item_that_ends_in_a_foreign_exception_costs_no_other_its_answer(api: Build) -> None:
    it = api()
    cancelled: Any = asyncio.CancelledError()
    odd: Any = {"message": ["not", "text"], "type": 7, "param": {}, "code": 3.5}
    it.world.provider.queue += [
        cancelled,
        ProviderRejectedError("no", provider="fake", status=400, error=odd),
        RuntimeError("foreign"),
    ]
    results = await ask(it, [{"prompt": f"{name} thing"} for name in ("one", "another", "third", "fourth")])

    assert [result["status"] for result in results] == [500, 400, 500, 200]
    assert results[1]["error"] == error("['not', 'text']", "3.5", param="{}", kind="7")


async def test_half_a_surrogate_pair_costs_no_other_item_its_answer(api: Build) -> None:
    it = api()
    it.world.provider.queue.append(completion("half a \ud83d pair"))
    results = await ask(it, [{"prompt": "one thing"}, {"prompt": "second of all"}])

    assert [result["answer"]["response"] for result in results] == ["half a \ud83d pair", "An answer."]


async def test_defaults_that_grow_with_the_items_are_refused(api: Build) -> None:
    it = api(max_body_bytes=10_000)
    body = {"items": [{"prompt": str(number)} for number in range(200)], "defaults": {"system": "x" * 900}}
    refused = await it.client.post(URL, json=body)

    assert (refused.status_code, refused.json()["error"]["code"]) == (413, "batch_too_large")


async def test_an_answer_without_room_fails_alone(api: Build) -> None:
    it = api(rules=replace(RULES, max_answer_bytes=100))
    it.world.provider.queue.extend(completion(letter * size) for letter, size in (("x", 60), ("y", 50), ("z", 40)))
    results = await ask(it, [{"prompt": word} for word in ("apples", "bridges", "clocks")])
    alone = (await it.query({"prompt": "bridges"})).json()

    full = error(
        "the answers of this batch are larger than 100 characters: ask for this one alone", "batch_answers_too_large"
    )
    assert [(result["status"], result["error"]) for result in results] == [(200, None), (413, full), (200, None)]
    assert results[1]["answer"] is None
    assert (alone["cache_hit"], alone["response"]) == (True, "y" * 50)
    assert (await it.metrics())["total_requests"] == 4
