from __future__ import annotations

from collections.abc import Callable

import pytest

from sentinel_core.chat.messages import Json
from sentinel_core.errors import (
    ProviderError,
    ProviderKeyError,
    ProviderProtocolError,
    ProviderRateLimitedError,
    ProviderRejectedError,
    ProviderTimeoutError,
    ProviderUnavailableError,
)
from sentinel_core.telemetry.records import Answered
from sentinel_core.web import errors
from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]


def _error(message: str, kind: str, code: str) -> dict[str, Json]:
    return {"message": message, "type": kind, "param": None, "code": code}


@pytest.mark.parametrize(
    ("error", "status", "body", "retry_after"),
    [
        (ProviderTimeoutError("late", provider="fake"), 504, _error("late", "provider_error", "provider_timeout"), "5"),
        (ProviderUnavailableError("down", provider="fake"), 503,
         _error("down", "provider_error", "provider_unavailable"), "5"),
        (ProviderUnavailableError("down", provider="fake", retry_after=1.1), 503,
         _error("down", "provider_error", "provider_unavailable"), "2"),
        (ProviderRateLimitedError("slow down", provider="fake", retry_after=0.01), 429,
         _error("slow down", "rate_limit_error", "rate_limit_exceeded"), "1"),
        (ProviderRateLimitedError("slow down", provider="fake", retry_after=30), 429,
         _error("slow down", "rate_limit_error", "rate_limit_exceeded"), "30"),
        (ProviderKeyError("the gateway's key was refused", provider="fake"), 502,
         _error("the gateway's key was refused", "provider_error", "provider_key_refused"), None),
        (ProviderProtocolError("no answer", provider="fake"), 502,
         _error("no answer", "provider_error", "provider_protocol_error"), None),
        (ProviderRejectedError("refused", provider="fake", status=400), 400,
         _error("refused", "invalid_request_error", "provider_rejected"), None),
        (ProviderRejectedError("refused", provider="fake", status=404, error={
            "message": "no such model", "type": "invalid_request_error", "code": "model_not_found",
        }), 404, _error("no such model", "invalid_request_error", "model_not_found"), None),
    ],
)  # fmt: skip
async def test_a_providers_failure_is_told_in_our_shape(
    api: Build, error: ProviderError, status: int, body: dict[str, Json], retry_after: str | None
) -> None:
    it = api()
    it.world.provider.queue.append(error)
    response = await it.query(x_request_id="request-1")

    assert (response.status_code, response.json()) == (status, {"error": body})
    assert response.headers.get("retry-after") == retry_after
    assert it.noted.answers == [Answered("/v1/query", "error", status, 0.0, error.code, "fake", request_id="request-1")]
    told = await it.metrics()
    assert (told["total_requests"], told["provider_errors"], told["errors_by_kind"], told["stored_items"]) == (
        1, 1, {error.code: 1}, 0,
    )  # fmt: skip


async def test_whatever_a_provider_writes_has_our_four_fields(api: Build) -> None:
    it = api()
    it.world.provider.queue.append(
        ProviderRejectedError("refused", provider="fake", status=400, error={"failed_generation": "x"})
    )
    body = (await it.query()).json()

    assert body == {"error": _error("refused", "invalid_request_error", "provider_rejected")}
    assert errors.ErrorResponse.model_validate(body).error.code == "provider_rejected"


@pytest.mark.parametrize(
    ("method", "path", "status", "message", "allow"),
    [
        ("GET", "/v1/query", 405, "GET /v1/query: method not allowed", "POST"),
        ("DELETE", "/health", 405, "DELETE /health: method not allowed", "GET, HEAD"),
        ("POST", "/v1/query/", 404, "POST /v1/query/: not found", None),
        ("GET", "/v1%2Fnothing", 404, "GET /v1/nothing: not found", None),
        ("GET", "/%2e%2e%2fetc%2fpasswd", 404, "GET /../etc/passwd: not found", None),
        ("GET", "/%ff", 404, "GET /\ufffd: not found", None),
        ("GET", "/<script>", 404, "GET /<script>: not found", None),
    ],
)
async def test_what_is_not_there_is_told_in_our_shape(
    api: Build, method: str, path: str, status: int, message: str, allow: str | None
) -> None:
    it = api()
    response = await it.client.request(method, path)

    code = message.split(": ")[1].replace(" ", "_")
    message += SERVED if status == 404 else f"; use {allow}"
    assert (response.status_code, response.json()) == (
        status,
        {"error": _error(message, "invalid_request_error", code)},
    )
    assert (response.headers["content-type"], response.headers.get("allow")) == ("application/json", allow)


SERVED = (
    "; this gateway serves /v1/audio/…, /v1/chat/completions, /v1/completions, /v1/embeddings, /v1/images/…, "
    "/v1/messages, /v1/messages/count_tokens, /v1/metrics, /v1/models, /v1/moderations, /v1/query, /v1/query/batch, "
    "/v1/responses, /v1/cache/…, /health, /docs, /guide, /console"
)


async def test_a_refused_method_is_told_all_that_the_path_takes(api: Build) -> None:
    it = api(admin="operator")
    paths = (await it.client.get("/openapi.json")).json()["paths"]
    refused = {path: await it.client.patch(path, headers={"x-api-key": "operator"}) for path in paths}

    assert {
        path: (answer.status_code, set(answer.headers["allow"].split(", "))) for path, answer in refused.items()
    } == {
        path: (405, _with_head({method.upper() for method in operations} | ALSO.get(path, set())))
        for path, operations in paths.items()
    }


ALSO = {"/v1/admin/entries/search": {"DELETE", "GET"}}
"""`search` may be an entry's name."""


def _with_head(methods: set[str]) -> set[str]:
    """HEAD is served wherever GET is, and is not in the description."""
    return methods | {"HEAD"} if "GET" in methods else methods


async def test_head_is_answered_as_get_without_content(api: Build) -> None:
    it = api(admin="operator")
    paths = ["/health", "/v1/models", "/v1/metrics", "/v1/cache/entries", "/v1/admin/stats", "/docs", "/nothing"]
    for path in paths:
        got, head = [
            await it.client.request(method, path, headers={"x-api-key": "operator", "x-request-id": "request-1"})
            for method in ("GET", "HEAD")
        ]
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert head.headers.keys() == got.headers.keys()


async def test_a_query_parameter_of_another_type_is_named(api: Build) -> None:
    response = await api().client.get("/health?deep=maybe")

    assert (response.status_code, response.json()) == (
        422,
        {"error": {
            "message": "deep: Input should be a valid boolean, unable to interpret input",
            "type": "invalid_request_error", "param": "deep", "code": "bool_parsing",
        }},
    )  # fmt: skip
