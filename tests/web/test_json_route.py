from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import pytest
from starlette.requests import Request

from sentinel_core.chat.messages import Json
from sentinel_core.errors import InvalidRequestError, RequestTooLargeError
from sentinel_core.web.body_limits import BodyLimits
from sentinel_core.web.json_route import check_content_type, read, written

pytestmark = pytest.mark.anyio

Message = MutableMapping[str, Any]


def _request(*messages: Message, declared: str | None = None) -> Request:
    """A request whose body comes in these messages, and then not at all."""
    left = list(messages)

    async def receive() -> Message:
        if not left:
            await asyncio.Event().wait()
        return left.pop(0)

    headers = [] if declared is None else [(b"content-length", declared.encode("latin-1"))]
    receiver: Callable[[], Awaitable[Message]] = receive
    return Request({"type": "http", "method": "POST", "headers": headers}, receiver)


def _part(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


@pytest.mark.parametrize(
    "messages",
    [
        [_part(b"12345")],
        [_part(b"123", more=True), _part(b"45")],
        [_part(b"", more=True), _part(b"12345", more=True), _part(b"")],
    ],
)
@pytest.mark.parametrize("declared", [None, "5", "3", "0", "five", "-6", "\u00b2"])
async def test_a_body_is_put_together_whatever_is_declared(messages: list[Message], declared: str | None) -> None:
    assert await read(_request(*messages, declared=declared), BodyLimits(5)) == b"12345"


async def test_nothing_is_a_body_too() -> None:
    assert await read(_request(_part(b"")), BodyLimits(5)) == b""


@pytest.mark.parametrize("declared", ["6", "0006", "9" * 5000])
async def test_a_body_declared_too_large_is_not_read(declared: str) -> None:
    with pytest.raises(RequestTooLargeError):
        await read(_request(declared=declared), BodyLimits(5))


@pytest.mark.parametrize("messages", [[_part(b"123456")], [_part(b"123", more=True), _part(b"456", more=True)]])
async def test_a_body_that_grows_too_large_is_left(messages: list[Message]) -> None:
    with pytest.raises(RequestTooLargeError) as caught:
        await read(_request(*messages), BodyLimits(5))

    assert (str(caught.value), caught.value.status, caught.value.code) == (
        "the body is larger than 5 bytes", 413, "body_too_large",
    )  # fmt: skip


async def test_a_body_that_does_not_arrive_in_time_is_left() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        await read(_request(_part(b"1", more=True)), BodyLimits(5), seconds=0.0)

    assert (caught.value.status, caught.value.code) == (408, "body_timeout")


async def test_a_body_that_ends_early_is_no_body() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        await read(_request(_part(b"1", more=True), {"type": "http.disconnect"}), BodyLimits(5))

    assert (caught.value.status, caught.value.code) == (400, "body_incomplete")


@pytest.mark.parametrize("text", ["plain", "Ünïcödé 🙂", "half a pair \ud83d", '\x00\u2028"\\'])
def test_any_text_of_an_answer_can_be_written(text: str) -> None:
    content: dict[str, Json] = {"response": text, "similarity_score": 0.97, "age_seconds": None, "cache_hit": True}

    assert json.loads(written(content)) == content


@pytest.mark.parametrize(
    "given",
    [
        *([], [""], ["application/json"], ["application/json; charset=utf-8"], ["Application/JSON"]),
        *(["application/problem+json"], ["application/vnd.api+json;v=1"]),
    ],
)
def test_json_and_no_content_type_pass(given: list[str]) -> None:
    check_content_type(_content_types(given))


@pytest.mark.parametrize(
    "given",
    [
        *(["text/plain"], ["application/x-www-form-urlencoded"], ["multipart/form-data; boundary=a"], ["json"]),
        *(["text/json"], ["application/jsonp"], ["application/json", "text/plain"], ["application/json, text/plain"]),
    ],
)
def test_any_other_content_type_is_refused(given: list[str]) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        check_content_type(_content_types(given))

    assert (caught.value.status, caught.value.code) == (415, "unsupported_media_type")


@pytest.mark.parametrize("given", ["", "identity", " Identity "])
def test_a_body_without_compression_passes(given: str) -> None:
    check_content_type([(b"content-encoding", given.encode())])


@pytest.mark.parametrize("given", ["gzip", "GZIP", "br", "zstd", "identity, gzip"])
def test_a_compressed_body_is_refused_by_name(given: str) -> None:
    with pytest.raises(InvalidRequestError, match="compressed body is not read") as caught:
        check_content_type([(b"content-encoding", given.encode())])
    error = caught.value
    assert (error.status, error.code, error.param) == (415, "unsupported_media_type", "content-encoding")


def _content_types(values: list[str]) -> list[tuple[bytes, bytes]]:
    return [(b"content-type", value.encode()) for value in values]
