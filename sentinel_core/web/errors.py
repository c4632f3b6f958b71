"""One JSON shape for every error: OpenAI's `{"error": {"message", "type", "param", "code"}}`, or Anthropic's."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Match, Route
from starlette.types import Scope

from sentinel_core.chat.surfaces.anthropic_events import written_error
from sentinel_core.errors import (
    InvalidRequestError,
    ProviderError,
    ProviderLoopError,
    ProviderQuotaError,
    ProviderRateLimitedError,
    ProviderRejectedError,
    RequestError,
)
from sentinel_core.web.context import context_of
from sentinel_core.web.docs import served
from sentinel_core.web.service import service_of

if TYPE_CHECKING:
    from sentinel_core.web.recording import Recording

_log = logging.getLogger("sentinel")

_RETRY_SECONDS = 5
_FINAL = {"x-should-retry": "false"}
"""OpenAI's SDKs ask again after any 5xx without this header."""

ANTHROPIC = "/v1/messages"
_VERSION = b"anthropic-version"
_LONGEST_PATH = 200  # the names in it are the caller's


class Error(BaseModel):
    """The error, and whose turn it is."""

    message: str = Field(description="For people; names the field and the rule.")
    type: str = Field(description="Whose fault it is: invalid_request_error, provider_error, …")
    param: str | None = Field(description="Path of the field or name of the header at fault.")
    code: str | None = Field(description="For programs.")


INTERNAL = Error(message="internal error", type="internal_error", param=None, code="internal_error")


class ErrorResponse(BaseModel):
    """The body of every answer that is not a success."""

    error: Error


RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": ErrorResponse, "description": "The request breaks a rule; it was not forwarded."},
    "5XX": {
        "model": ErrorResponse,
        "description": "The provider failed, or `only-if-cached` found nothing stored.",
    },
}
"""For the description of the routes."""


class AnthropicError(BaseModel):
    """Anthropic's error object."""

    type: str = Field(description="invalid_request_error, rate_limit_error, api_error, …")
    message: str


class AnthropicErrorResponse(BaseModel):
    """The body of every answer of Anthropic's routes that is not a success."""

    type: str
    error: AnthropicError
    request_id: str


ANTHROPIC_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {**response, "model": AnthropicErrorResponse} for status, response in RESPONSES.items()
}
"""For the description of Anthropic's routes."""


def install(app: FastAPI) -> None:
    """Answer every failure of the app's routes in our shape; handlers are found by the error's `__mro__`."""
    for cls in (RequestError, ProviderError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(cls, handle)


def body(message: str, *, kind: str, code: str, param: str | None = None) -> dict[str, dict[str, object]]:
    """Build the body of an error."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


async def handle(request: Request, error: Exception) -> JSONResponse:
    """Record a failed request and answer it, for FastAPI's routes and for the direct ones alike."""
    recording = service_of(request).recording
    match error:
        case RequestError():
            return refuse(recording, request, error)
        case ProviderError():
            return _provider_error(recording, request, error)
        case RequestValidationError():
            return refuse(recording, request, _parameter_error(error))
        case HTTPException():
            return _http_error(request, error)
        case _:
            # Starlette raises the error again once this is sent, and the outermost layer logs it.
            recording.crash(request)
            return internal(request.scope)


def _answer(
    scope: Scope, content: Mapping[str, Mapping[str, object]], status: int, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Answer in the shape of the API that was called."""
    if not is_anthropic(scope):
        return JSONResponse(content, status, headers)
    request_id = context_of(scope).request_id
    return JSONResponse(written_error(status, str(content["error"]["message"]), request_id), status, headers)


def is_anthropic(scope: Scope) -> bool:
    """Whether a request is Anthropic's: below `/v1/messages`, or with the header that its clients always send."""
    path: str = scope.get("path", "")
    if path.startswith(ANTHROPIC) and path[len(ANTHROPIC) : len(ANTHROPIC) + 1] in ("", "/"):
        return True
    # Each answer asks: a loop takes a third of the time of a generator.
    for name, _ in scope.get("headers", ()):  # noqa: SIM110
        if name == _VERSION:
            return True
    return False


def _provider_error(recording: Recording, request: Request, error: ProviderError) -> JSONResponse:
    recording.failure(request, error)
    headers = {"cache-status": "sentinel; fwd=miss"}
    if error.retryable:
        headers["retry-after"] = str(max(1, math.ceil(error.retry_after or _RETRY_SECONDS)))
    if error.is_final:
        headers |= _FINAL
    content, hint = of_provider(error), context_of(request.scope).hint
    if hint is not None and isinstance(error, ProviderRejectedError):
        content["error"]["message"] = f"{content['error']['message']} ({hint})"
    return _answer(request.scope, content, error.status, headers)


def as_event(recording: Recording, request: Request, error: Exception) -> dict[str, dict[str, object]]:
    """Record the error that ended a stream whose headers have left, and build its event."""
    if isinstance(error, RequestError | ProviderError):
        recording.failure(request, error)
        return {"error": described(error).model_dump()}
    _log.error("stream.crashed", exc_info=error, extra={"fields": {"request_id": context_of(request.scope).request_id}})
    recording.crash(request)
    return {"error": INTERNAL.model_dump()}


def refuse(recording: Recording, request: Request, error: RequestError) -> JSONResponse:
    """Record a request that breaks a rule, and answer it."""
    recording.failure(request, error)
    headers = {"www-authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else {}
    if error.retry_after is not None:
        headers["retry-after"] = str(max(1, math.ceil(error.retry_after)))
    headers |= _FINAL if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR else {}
    content = body(str(error), kind=error.kind, code=error.code, param=error.param)
    return _answer(request.scope, content, error.status, headers)


def of_provider(error: ProviderError) -> dict[str, dict[str, object]]:
    """Build the body for a provider's failure, with the provider's own words where they concern the request."""
    content = body(str(error), kind=_kind(error), code=error.code)
    if isinstance(error, ProviderRejectedError):
        content["error"] |= {name: text for name, text in error.error.items() if name in Error.model_fields}
    return content


def _kind(error: ProviderError) -> str:
    if isinstance(error, ProviderRateLimitedError):
        return "rate_limit_error"
    if isinstance(error, ProviderQuotaError):
        return "insufficient_quota"
    return "invalid_request_error" if isinstance(error, ProviderRejectedError) else "provider_error"


def described(error: RequestError | ProviderError) -> Error:
    """Describe one item's error where others have answers."""
    if isinstance(error, ProviderError):
        content = of_provider(error)["error"]
    else:
        content = body(str(error), kind=error.kind, code=error.code, param=error.param)["error"]
    texts = {name: _text(content.get(name)) for name in Error.model_fields}
    return Error(
        message=texts["message"] or error.code, type=texts["type"] or "", param=texts["param"], code=texts["code"]
    )


def _text(value: object) -> str | None:
    """Return a foreign value as text: an error that cannot be described would cost the other items their answers."""
    return value if value is None or isinstance(value, str) else str(value)[:_LONGEST_PATH]


def _http_error(request: Request, error: HTTPException) -> JSONResponse:
    """Answer Starlette's own errors: no such route, no such method."""
    phrase = HTTPStatus(error.status_code).phrase
    message = f"{request.method} {request.scope['path']}: {phrase.lower()}"
    if error.status_code == HTTPStatus.NOT_FOUND:
        message += f"; this gateway serves {', '.join(served(request.app))}"
    allowed = {"Allow": _allowed(request)} if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED else {}
    if allowed:
        message += f"; use {allowed['Allow']}"
    content = body(message, kind=RequestError.kind, code=phrase.lower().replace(" ", "_"))
    return _answer(request.scope, content, error.status_code, {**(error.headers or {}), **allowed})


def _allowed(request: Request) -> str:
    """Name the methods of every route at this path; Starlette names those of the first."""
    routes = [route for route in request.app.router.routes if isinstance(route, Route)]
    here = [route.methods or () for route in routes if route.matches(request.scope)[0] is not Match.NONE]
    methods = set().union(*here)
    return ", ".join(sorted(methods | {"HEAD"} if "GET" in methods else methods))


def _parameter_error(error: RequestValidationError) -> InvalidRequestError:
    """Translate FastAPI's own error: a query parameter of another type."""
    problem = error.errors()[0]
    name = str(problem["loc"][-1])
    return InvalidRequestError(f"{name}: {problem['msg']}", code=problem["type"], param=name, status=422)


def internal(scope: Scope) -> JSONResponse:
    """Answer an unexpected error; its cause is in the log, not here."""
    return _answer(scope, {"error": INTERNAL.model_dump()}, HTTPStatus.INTERNAL_SERVER_ERROR)


def loop(scope: Scope) -> JSONResponse:
    """Refuse a request that this gateway has sent itself (RFC 5842 section 7.2)."""
    message = "this gateway asks itself: the base URL of a provider leads back to it"
    content = body(message, kind="provider_error", code=ProviderLoopError.code)
    return _answer(scope, content, HTTPStatus.LOOP_DETECTED, _FINAL)


def invalid(param: str, rule: str) -> InvalidRequestError:
    """Return the error for a field that breaks a rule."""
    message = f"{param}: {rule}" if param else rule
    return InvalidRequestError(message, code="invalid_value", param=param or None)
