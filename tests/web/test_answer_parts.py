"""Large answers leave in parts, and take room until their callers have them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from starlette.types import Message

from sentinel_core.chat.messages import Completion
from sentinel_core.errors import ServiceUnavailableError
from sentinel_core.web.answer_parts import PART_BYTES, AnswerParts
from sentinel_core.web.body_room import BodyPlace, BodyRoom
from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

LARGE = 3 * PART_BYTES + 5


class Sent(list[Message]):
    """The messages that were sent."""

    async def __call__(self, message: Message) -> None:
        self.append(message)


def head(size: int) -> Message:
    return {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % size)]}


def whole(size: int, *, more: bool = False) -> Message:
    return {
        "type": "http.response.body",
        "body": bytes(range(256)) * (size // 256) + b"x" * (size % 256),
        "more_body": more,
    }


@pytest.mark.parametrize("more", [False, True])
async def test_a_large_body_leaves_in_parts(more: bool) -> None:
    sent = Sent()
    parts = AnswerParts(sent, None)
    await parts(head(LARGE))
    await parts(whole(LARGE, more=more))

    assert [len(each["body"]) for each in sent[1:]] == [PART_BYTES] * 3 + [5]
    assert [each["more_body"] for each in sent[1:]] == [True, True, True, more]
    assert b"".join(each["body"] for each in sent[1:]) == whole(LARGE)["body"]


async def test_a_small_body_and_a_streamed_one_take_no_room() -> None:
    room, sent = BodyRoom(0), Sent()
    parts = AnswerParts(sent, BodyPlace(room, "a"))
    await parts(head(PART_BYTES))
    await parts(whole(PART_BYTES))
    await AnswerParts(sent, BodyPlace(room, "a"))({"type": "http.response.start", "status": 200, "headers": []})

    assert [len(each.get("body", b"")) for each in sent] == [0, PART_BYTES, 0]
    assert room.held == 0


async def test_a_large_answer_without_room_is_refused_before_its_head() -> None:
    room, sent = BodyRoom(LARGE), Sent()
    await AnswerParts(sent, BodyPlace(room, "a"))(head(LARGE))
    refused = AnswerParts(sent, BodyPlace(room, "a"))
    with pytest.raises(ServiceUnavailableError):
        await refused(head(LARGE))

    assert len(sent) == 1
    assert not refused.has_begun


async def test_a_stored_answer_without_room_is_a_503_and_later_an_answer(api: Callable[..., Api]) -> None:
    room = BodyRoom(2 * LARGE)
    it = api(body_room=room)
    it.world.provider.queue.append(Completion("fake", "m", {"role": "assistant", "content": "x" * LARGE}, "stop"))
    first = await it.query()
    room.take("", 2 * LARGE)
    refused = await it.query()
    room.give_back("", 2 * LARGE)
    later = await it.query()

    assert (first.status_code, refused.status_code, later.status_code) == (200, 503, 200)
    assert refused.json()["error"]["code"] == "room_unavailable"
    assert later.json()["response"] == "x" * LARGE
    await asyncio.sleep(0)
    assert room.held == 0


async def test_the_only_large_answer_of_a_key_always_finds_room() -> None:
    room, sent = BodyRoom(1_000), Sent()
    place = BodyPlace(room, "a")
    place.grow_to(PART_BYTES + 900)
    await AnswerParts(sent, place)(head(LARGE))
    with pytest.raises(ServiceUnavailableError):
        await AnswerParts(sent, BodyPlace(room, "a"))(head(LARGE))
    await AnswerParts(sent, BodyPlace(room, "b"))(head(LARGE))

    assert len(sent) == 2
