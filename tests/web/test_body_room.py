from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableMapping
from typing import Any

import pytest

from sentinel_core.errors import ServiceUnavailableError
from sentinel_core.web.body_room import FREE_BYTES, BodyPlace, BodyRoom
from tests.support.fakes import CountingProvider
from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

SIZE = FREE_BYTES + 1_000
BODY = b'{"prompt":"%s"}' % (b"x" * SIZE)


def test_a_small_body_takes_no_room() -> None:
    room = BodyRoom(0)
    BodyPlace(room, "a").grow_to(FREE_BYTES)

    assert room.held == 0


def test_room_is_taken_once_and_given_back() -> None:
    room = BodyRoom(1_000)
    place = BodyPlace(room, "a")
    for size in (10, FREE_BYTES + 300, FREE_BYTES + 1_000):
        place.grow_to(size)
    with pytest.raises(ServiceUnavailableError):
        place.grow_to(FREE_BYTES + 1_001)

    assert room.held == 1_000
    place.give_back()
    place.give_back()
    assert room.held == 0


def test_an_owner_below_its_even_share_finds_room() -> None:
    room = BodyRoom(1_000)
    room.take("greedy", 1_000)
    for owner, share in (("b", 500), ("c", 333), ("d", 250)):
        room.take(owner, share)
        with pytest.raises(ServiceUnavailableError):
            room.take(owner, 1)
    with pytest.raises(ServiceUnavailableError):
        room.take("greedy", 1)

    assert room.held < 2_100


async def test_bodies_without_room_are_refused_until_others_are_done(api: Callable[..., Api]) -> None:
    gate = asyncio.Event()
    it = api(provider=CountingProvider(gate=gate), body_room=BodyRoom(1_500))
    first = asyncio.create_task(it.client.post("/v1/query", content=BODY))
    await it.world.provider.started.wait()

    refused = await it.client.post("/v1/query", content=BODY)
    small = asyncio.create_task(it.client.post("/v1/query", json={"prompt": "hi"}))
    gate.set()
    answered = [await first, await small, await it.client.post("/v1/query", content=BODY.replace(b"x", b"y"))]

    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "room_unavailable")
    assert refused.headers["retry-after"] == "1"
    assert [answer.status_code for answer in answered] == [200, 200, 200]
    assert it.body_room.held == 0


async def test_a_caller_who_leaves_gives_its_room_back(api: Callable[..., Api]) -> None:
    room = BodyRoom(10_000)
    it = api(body_room=room)
    messages: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": BODY[:-10], "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> MutableMapping[str, Any]:
        return messages.pop(0)

    async def send(message: MutableMapping[str, Any]) -> None:
        del message

    scope = {"type": "http", "method": "POST", "path": "/v1/query", "headers": [], "query_string": b""}
    await it.app(scope, receive, send)

    assert room.held == 0
