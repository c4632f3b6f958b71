from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from sentinel_core.app.lambda_streaming import answer, metadata

pytestmark = pytest.mark.anyio
NULS = b"\0" * 8


@dataclass
class FakeResponse:
    parts: list[bytes] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    async def write(self, part: bytes) -> None:
        assert part
        self.parts.append(part)

    async def end(self) -> None:
        self.ended.append("end")

    async def fail(self, error: BaseException) -> None:
        self.ended.append(type(error).__name__)


@dataclass
class FakeOpening:
    response: FakeResponse
    steps: list[str] = field(default_factory=list)

    def begin(self) -> None:
        self.steps.append("begin")

    async def open(self) -> FakeResponse:
        self.steps.append("open")
        return self.response


async def run(*messages: Any, raises: Exception | None = None) -> tuple[FakeResponse, Exception | None]:
    response = FakeResponse()
    opening = FakeOpening(response)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert opening.steps == ["begin"]
        assert await receive() == {"type": "http.request", "body": b"asked", "more_body": False}
        for message in messages:
            await send(message)
        if raises is not None:
            raise raises

    error = await answer(app, {"type": "http"}, b"asked", opening)
    assert opening.steps == ["begin", "open"]
    return response, error


def started(status: int = 200, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": headers}


def part(body: bytes, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": more}


def test_metadata_joins_headers_keeps_cookies_apart_and_drops_the_length() -> None:
    headers = [
        (b"Vary", b"a"),
        (b"vary", b"b"),
        (b"Set-Cookie", b"x=1"),
        (b"set-cookie", b"y=2"),
        (b"content-length", b"9"),
    ]
    given = metadata(201, headers)
    assert given.endswith(NULS)
    assert json.loads(given[:-8]) == {"statusCode": 201, "headers": {"vary": "a, b"}, "cookies": ["x=1", "y=2"]}


async def test_each_part_leaves_as_it_comes() -> None:
    response, error = await run(started(), part(b"a"), part(b""), part(b"b", more=False), part(b"late"))
    assert (response.parts[1:], response.ended, error) == ([b"b"], ["end"], None)
    assert response.parts[0].endswith(NULS + b"a")


async def test_an_answer_without_a_body_is_its_metadata() -> None:
    response, _ = await run(started(204), part(b"", more=False))
    assert response.parts == [metadata(204, [])]


async def test_an_error_before_the_first_part_is_a_500() -> None:
    response, error = await run(started(), raises=ValueError("no"))
    assert isinstance(error, ValueError)
    head, _, body = response.parts[0].partition(NULS)
    if not body:
        body = response.parts[1]
    assert (json.loads(head)["statusCode"], json.loads(body)["error"]["code"]) == (500, "internal_error")
    assert response.ended == ["end"]


async def test_an_error_after_the_first_part_cuts_the_response_off() -> None:
    response, error = await run(started(), part(b"a"), raises=ValueError("no"))
    assert (response.ended, type(error)) == (["ValueError"], ValueError)


async def test_an_application_that_does_not_answer_is_a_500() -> None:
    response, error = await run()
    assert (isinstance(error, RuntimeError), response.ended) == (True, ["end"])
    assert json.loads(response.parts[0].partition(NULS)[0])["statusCode"] == 500


async def test_an_error_after_the_end_changes_nothing() -> None:
    response, error = await run(started(), part(b"a", more=False), raises=ValueError("no"))
    assert (response.ended, type(error)) == (["end"], ValueError)
