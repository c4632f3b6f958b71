from __future__ import annotations

import base64
import json

import pytest

from scripts.devtools.aws.gateway_events import Request, Response, failed, from_answer, to_event

JSON = ("content-type", "application/json")


def test_a_request_becomes_the_event_aws_documents() -> None:
    headers = (("Host", "api.test"), ("Content-Type", "application/json"), ("Accept", "a"), ("accept", "b"))
    event = to_event(Request("POST", "/v1/query%20x?a=1&a=2&b=", headers, b'{"prompt":"\xc3\xa9"}'))
    context = event.pop("requestContext")
    assert event == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/v1/query x",
        "rawQueryString": "a=1&a=2&b=",
        "headers": {"host": "api.test", "content-type": "application/json", "accept": "a,b"},
        "queryStringParameters": {"a": "1,2", "b": ""},
        "body": '{"prompt":"é"}',
        "isBase64Encoded": False,
    }
    assert context["http"] == {
        "method": "POST",
        "path": "/v1/query x",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "",
    }


@pytest.mark.parametrize(
    ("kind", "body"), [("application/octet-stream", b"text"), ("application/json", b"\xff\xfe"), ("", b"text")]
)
def test_a_body_that_is_no_text_travels_in_base64(kind: str, body: bytes) -> None:
    event = to_event(Request("POST", "/", (("content-type", kind),), body))
    assert (event["isBase64Encoded"], base64.b64decode(event["body"])) == (True, body)


def test_cookies_are_apart_and_an_empty_body_is_absent() -> None:
    event = to_event(Request("GET", "/", (("Cookie", "a=1; b=2"),), b""))
    assert event["cookies"] == ["a=1", "b=2"]
    assert "body" not in event
    assert "cookie" not in event["headers"]


def test_an_answer_becomes_a_response() -> None:
    answer = {
        "statusCode": 201,
        "headers": {"content-type": "text/plain"},
        "cookies": ["a=1", "b=2"],
        "body": base64.b64encode(b"\x00\x01").decode(),
        "isBase64Encoded": True,
    }
    headers = (("content-type", "text/plain"), ("set-cookie", "a=1"), ("set-cookie", "b=2"))
    assert from_answer(answer) == Response(201, headers, b"\x00\x01")


@pytest.mark.parametrize("answer", [{"warm": {"store": "ok"}}, "text", None, [1]])
def test_an_answer_without_a_status_is_the_body(answer: object) -> None:
    assert from_answer(answer) == Response(200, (JSON,), json.dumps(answer).encode())


@pytest.mark.parametrize("answer", [{"statusCode": "many"}, {"statusCode": 200, "headers": [1]}, {"statusCode": None}])
def test_an_answer_that_makes_no_sense_is_a_500_as_api_gateway_gives_it(answer: object) -> None:
    assert from_answer(answer) == failed() == Response(500, (JSON,), b'{"message": "Internal Server Error"}')
