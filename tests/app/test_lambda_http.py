"""HTTP events of Lambda and their answers, around an application that answers with a given text."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from sentinel_core.app.lambda_http import HttpEvents
from tests.support.sandboxes import event


class Context:
    """Lambda's, as far as it is read here."""

    aws_request_id = "request-1"


def events(text: str = "fine") -> HttpEvents:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": text.encode()})

    return HttpEvents(app)


@pytest.fixture(autouse=True)
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Mangum takes the current loop."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield loop
    asyncio.set_event_loop(None)
    loop.close()


def code(answer: Any) -> str:
    return str(json.loads(answer["body"])["error"]["code"])


@pytest.mark.parametrize(
    ("text", "status"),
    [("x" * 6_000_000, 200), ("x" * 6_300_000, 413), ('"' * 3_000_000, 200), ('"' * 3_200_000, 413)],
    ids=["large", "too large", "escaped", "too large once escaped"],
)
def test_an_answer_that_lambda_cannot_hand_over_is_refused_in_our_shape(text: str, status: int) -> None:
    answer = events(text).answer(event("http_api_v2"), Context())

    assert answer["statusCode"] == status
    assert status == 200 or code(answer) == "answer_too_large"


@pytest.mark.parametrize("name", ["http_api_v2", "rest_api_v1", "function_url"])
def test_an_event_is_a_request_with_its_body(name: str) -> None:
    request = events().request(event(name), Context())

    assert isinstance(request, tuple)
    scope, body = request
    assert (scope["type"], scope["method"], scope["path"]) == ("http", "POST", "/v1/query")
    assert json.loads(body)["prompt"] == "What is a gateway?"


def test_a_malformed_event_is_a_400_in_either_way() -> None:
    malformed = {**event("function_url"), "body": 7}

    whole, request = events().answer(malformed, Context()), events().request(malformed, Context())

    assert isinstance(request, dict)
    assert (whole["statusCode"], code(whole)) == (request["statusCode"], code(request)) == (400, "malformed_event")


def test_an_event_that_mangum_does_not_know_is_a_500_in_our_shape() -> None:
    answer = events().answer({}, Context())

    assert (answer["statusCode"], code(answer)) == (500, "internal_error")
