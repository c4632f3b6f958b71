from __future__ import annotations

import json
import random
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

from scripts.benches.bodies import TEMPLATES, bodies
from sentinel_core.web.json_route import JsonRoute
from sentinel_core.web.route_groups import GROUPS
from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

LARGEST = 20_000

TURNS = [{"role": "user", "content": "a"}] * 8_000
DEEP = [[1]] * 12_000
MANY_VALUES = {
    "/v1/query/batch": {"items": [{"prompt": "hi", "a": DEEP}]},
    "/v1/chat/completions": {"messages": TURNS, "metadata": {"a": DEEP}},
    "/v1/responses": {"input": TURNS, "metadata": {"a": DEEP}},
    "/v1/messages": {"model": "small", "max_tokens": 9, "messages": TURNS},
    "/v1/messages/count_tokens": {"model": "small", "messages": TURNS},
    "/v1/completions": {"prompt": "hi", "logit_bias": {"a": DEEP}},
    "/v1/embeddings": {"model": "sentinel/minilm", "input": "hi", "a": DEEP},
    "/v1/moderations": {"model": "small", "input": DEEP},
    "/v1/cache/explain": {"chat": {"messages": TURNS}},
}
MOST_CALLS = 8_000
"""Calls of functions for one request on the event loop; working through one of these bodies takes 12,000 and more."""


async def test_no_body_of_any_shape_ends_in_an_exception(api: Callable[..., Api]) -> None:
    it = api(max_body_bytes=LARGEST, max_json_values=2_000)
    statuses = {}
    chance = random.Random(3)  # noqa: S311  the same bodies in every run
    for body in bodies(chance, count=500, largest=LARGEST):
        answer = await it.client.request(body.method, body.path, content=body.raw)
        statuses[body] = answer.status_code

    assert set(statuses.values()) <= {200, 400, 401, 404, 413, 422}
    assert {200, 413} <= set(statuses.values())
    assert {body.path for body in statuses} == {path for path, _ in TEMPLATES}
    assert all(len(body.raw) <= LARGEST for body in statuses)


def test_the_search_has_bodies_for_every_json_route() -> None:
    routes = [route for group in GROUPS for route in group.routes()]
    paths = {route.path for route in routes if isinstance(route, JsonRoute) and not route.param_convertors}

    assert {path for path, _ in TEMPLATES} >= paths | {"/v1/moderations"}


class Calls:
    """Counts calls of functions in this thread."""

    number = 0

    def note(self, frame: FrameType, event: str, argument: Any) -> None:
        self.number += event in ("call", "c_call")


@contextmanager
def counted() -> Iterator[Calls]:
    calls = Calls()
    sys.setprofile(calls.note)
    try:
        yield calls
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize("path", MANY_VALUES)
async def test_the_event_loop_does_not_work_through_many_values(api: Callable[..., Api], path: str) -> None:
    it = api()
    await it.client.post(path, json={})  # imports what it needs
    request = it.client.build_request("POST", path, json=MANY_VALUES[path])
    with counted() as calls:
        answer = await it.client.send(request)

    assert answer.status_code in (200, 404, 422)
    assert calls.number < MOST_CALLS


@pytest.mark.parametrize("stream", [False, True])
async def test_a_response_that_goes_on_from_a_large_one_is_large(api: Callable[..., Api], *, stream: bool) -> None:
    it = api()
    first = (await it.client.post("/v1/responses", json={"input": TURNS})).json()
    body = {"input": "And more?", "previous_response_id": first["id"], "stream": stream}
    with counted() as calls:
        answer = await it.client.post("/v1/responses", json=body)

    assert answer.status_code == 200
    assert len(it.world.provider.requests[-1].messages) == len(TURNS) + 2
    assert calls.number < MOST_CALLS


@pytest.mark.parametrize("is_hit", [False, True], ids=["a miss", "a hit"])
async def test_events_that_repeat_a_large_request_are_written_off_the_loop(
    api: Callable[..., Api], monkeypatch: pytest.MonkeyPatch, *, is_hit: bool
) -> None:
    it, threads = api(), list[int]()
    dumps = json.dumps

    def dumped(content: Any, **options: Any) -> str:
        text: str = dumps(content, **options)
        if len(text) > 100_000:
            threads.append(threading.get_ident())
        return text

    body = {"input": "hi", "metadata": {f"{at:0100}": "1" for at in range(2_000)}}
    if is_hit:
        await it.client.post("/v1/responses", json=body)
    monkeypatch.setattr(json, "dumps", dumped)
    answer = await it.client.post("/v1/responses", json={**body, "stream": True})

    assert answer.status_code == 200
    assert len(threads) == 3
    assert threading.get_ident() not in threads
