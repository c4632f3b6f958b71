from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, MutableMapping
from typing import Any

import httpx
import pytest

from sentinel_core.web.cors import METHODS
from sentinel_core.web.errors import ErrorResponse
from sentinel_core.web.middleware import RequestContextMiddleware
from sentinel_core.web.routes.metrics_and_health import Health, Metrics
from sentinel_core.web.routes.query import QueryRequest, QueryResponse
from tests.support.fakes import FakeClock
from tests.web.conftest import PRIVATE, Api

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]
ASGIMessage = MutableMapping[str, Any]


@pytest.mark.parametrize("given", ["request-1", "a" * 8, "A.b_c-9." * 8, "01234567"])
async def test_a_well_formed_request_id_is_kept(api: Build, given: str) -> None:
    response = await api().query(x_request_id=given)

    assert response.headers.get_list("x-request-id") == [given]


@pytest.mark.parametrize(
    "given", ["", "short", "a" * 65, "has space", "new\tline", "semi;colon", "caf\u00e9-caf\u00e9"]
)
async def test_any_other_request_id_is_replaced(api: Build, given: str) -> None:
    it = api()
    response = await it.client.get("/health", headers={b"x-request-id": given.encode("latin-1")})

    assert re.fullmatch("[0-9a-f]{24}", response.headers["x-request-id"])


async def test_every_request_has_an_id_of_its_own_on_errors_too(api: Build) -> None:
    it = api()
    responses = [await it.client.get(path) for path in ("/health", "/health", "/nothing", "/v1/query")]

    assert len({response.headers["x-request-id"] for response in responses}) == 4
    assert all(PRIVATE.items() <= response.headers.items() for response in responses)


async def test_an_answer_over_https_asks_for_https_from_then_on(api: Build) -> None:
    it = api()

    assert "strict-transport-security" not in (await it.client.get("/health")).headers
    secure = await it.client.get("https://sentinel.test/health")
    assert secure.headers["strict-transport-security"] == "max-age=31536000"


async def test_an_error_nobody_foresaw_is_told_in_our_shape_and_nothing_of_it_shown(
    api: Build, caplog: pytest.LogCaptureFixture
) -> None:
    it = api()
    it.world.provider.queue.append(RuntimeError("secret"))
    response = await it.query(x_request_id="request-1")

    error = {"message": "internal error", "type": "internal_error", "param": None, "code": "internal_error"}
    assert (response.status_code, response.json()) == (500, {"error": error})
    assert dict(response.headers) == {
        "content-type": "application/json",
        "content-length": str(len(response.content)),
        "x-request-id": "request-1",
        **PRIVATE,
    }
    assert [(record.levelno, record.message, record.__dict__["fields"]) for record in caplog.records] == [
        (logging.ERROR, "request.crashed", {"request_id": "request-1"})
    ]
    assert [(noted.outcome, noted.status, noted.detail) for noted in it.noted.answers] == [
        ("crashed", 500, "internal_error")
    ]
    assert (await it.query()).status_code == 200


async def _sent(app: RequestContextMiddleware, scope: ASGIMessage) -> list[ASGIMessage]:
    messages: list[ASGIMessage] = []

    async def receive() -> ASGIMessage:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: ASGIMessage) -> None:
        messages.append(message)

    await app(scope, receive, send)
    return messages


async def test_an_application_that_fails_outside_its_own_handlers_is_answered_for(clock: FakeClock) -> None:
    async def broken(scope: object, receive: object, send: object) -> None:
        raise RuntimeError

    start, body = await _sent(RequestContextMiddleware(broken, clock), {"type": "http", "headers": []})

    assert (start["status"], json.loads(body["body"])["error"]["code"]) == (500, "internal_error")


async def test_an_answer_that_has_begun_is_not_begun_again(clock: FakeClock) -> None:
    async def broken(scope: object, receive: object, send: Callable[..., Any]) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError

    messages = await _sent(RequestContextMiddleware(broken, clock), {"type": "http", "headers": []})

    assert [message["type"] for message in messages] == ["http.response.start"]


async def test_what_is_not_http_is_passed_on_untouched(clock: FakeClock) -> None:
    seen: list[object] = []

    async def app(scope: object, receive: object, send: object) -> None:
        seen.append(scope)

    await _sent(RequestContextMiddleware(app, clock), {"type": "lifespan"})

    assert seen == [{"type": "lifespan"}]


async def test_no_other_site_may_call_from_a_browser_unless_the_operator_names_it(api: Build) -> None:
    asking = {"origin": "https://app.test", "access-control-request-method": "POST",
              "access-control-request-headers": "authorization,x-sentinel-ttl"}  # fmt: skip
    closed, opened = api(), api(cors_origins=["https://app.test"])

    assert not _cors(await closed.client.options("/v1/query", headers=asking))
    assert _cors(await opened.client.options("/v1/query", headers=asking))["origin"] == "https://app.test"
    assert not _cors(await opened.client.options("/v1/query", headers={**asking, "origin": "https://b.test"}), "origin")


async def test_an_allowed_origin_may_send_the_headers_that_its_preflight_names(api: Build) -> None:
    it = api(cors_origins=["https://app.test"])
    names = "authorization, content-type, x-stainless-lang, x-stainless-retry-count, anthropic-version"
    for method in METHODS:
        granted = await it.client.options(
            "/v1/chat/completions",
            headers={
                "origin": "https://app.test",
                "access-control-request-method": method,
                "access-control-request-headers": names,
                "access-control-request-private-network": "true",
            },
        )
        shown = _cors(granted)
        assert (granted.status_code, shown["headers"], shown["private-network"]) == (200, names, "true")
        assert method in shown["methods"]


async def test_an_allowed_origin_may_read_every_header_of_an_answer(api: Build) -> None:
    it = api(cors_origins=["https://app.test"], admin="operator")
    answers = [
        await it.query(origin="https://app.test"),
        await it.query(origin="https://app.test"),
        await it.query({"prompt": 1}, origin="https://app.test"),
        await it.client.get("/v1/query", headers={"origin": "https://app.test"}),
        await it.client.get("/v1/admin/keys", headers={"origin": "https://app.test"}),
        await it.client.get("/v1/models", headers={"origin": "https://app.test", "anthropic-version": "2023-06-01"}),
    ]
    safelisted = {"cache-control", "content-language", "content-type", "expires", "last-modified", "pragma"}
    for answer in answers:
        shown = _cors(answer)
        assert shown["origin"] == "https://app.test"
        readable = set(shown["expose-headers"].split(", ")) | safelisted | set(PRIVATE) | {"vary"}
        assert {name for name in answer.headers if not name.startswith("access-control-")} <= readable


def _cors(response: httpx.Response, only: str = "") -> dict[str, str]:
    prefix = f"access-control-{'allow-' if only else ''}{only}"
    return {
        name.removeprefix("access-control-").removeprefix("allow-"): value
        for name, value in response.headers.items()
        if name.startswith(prefix)
    }


async def _document(api: Build) -> dict[str, Any]:
    document: dict[str, Any] = (await api().client.get("/openapi.json")).json()
    return document


def _schema(model: type[QueryRequest | QueryResponse | ErrorResponse | Metrics | Health]) -> dict[str, Any]:
    return {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}


async def test_the_description_has_the_native_route_whole(api: Build) -> None:
    document = await _document(api)
    route = document["paths"]["/v1/query"]["post"]

    assert (route["summary"], route["tags"]) == ("Ask one prompt", ["query"])
    assert route["description"]
    assert route["requestBody"] == {"required": True, "content": {"application/json": _schema(QueryRequest)}}
    assert {status: answer["content"]["application/json"] for status, answer in route["responses"].items()} == {
        "200": _schema(QueryResponse),
        **dict.fromkeys(("401", "402", "429", "4XX", "5XX"), _schema(ErrorResponse)),
    }


@pytest.mark.parametrize(
    ("path", "model", "refusals"), [("/v1/metrics", Metrics, ["401", "429", "4XX"]), ("/health", Health, ["4XX"])]
)
async def test_the_description_has_what_an_operator_looks_at(
    api: Build, path: str, model: type[Metrics | Health], refusals: list[str]
) -> None:
    route = (await _document(api))["paths"][path]["get"]

    assert {status: answer["content"]["application/json"] for status, answer in route["responses"].items()} == {
        "200": _schema(model),
        **dict.fromkeys([*refusals, "5XX"], _schema(ErrorResponse)),
    }


async def test_requests_and_responses_are_described_with_an_example_that_is_one(api: Build) -> None:
    schemas = (await _document(api))["components"]["schemas"]

    for model in (QueryRequest, QueryResponse):
        schema = schemas[model.__name__]
        assert all(field["description"] for field in schema["properties"].values())
        assert [model.model_validate(example) for example in schema["examples"]]
    assert schemas["QueryRequest"]["additionalProperties"] is False
    assert schemas["QueryRequest"]["required"] == ["prompt"]


async def test_no_error_is_promised_that_is_not_ours(api: Build) -> None:
    document = await _document(api)

    assert not {"HTTPValidationError", "ValidationError"} & document["components"]["schemas"].keys()
    assert all(
        answer["description"]
        for route in document["paths"].values()
        for method in route.values()
        for answer in method["responses"].values()
    )


async def test_the_example_in_the_description_can_be_sent(api: Build) -> None:
    it = api()
    schemas = (await it.client.get("/openapi.json")).json()["components"]["schemas"]

    for example in schemas["QueryRequest"]["examples"]:
        assert (await it.query(example)).status_code == 200
