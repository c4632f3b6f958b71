"""Reads a request's body as a model, without FastAPI's own parsing: one pass, our limits, our errors."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, get_type_hints

from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_json
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sentinel_core.chat.messages import Json
from sentinel_core.errors import InvalidRequestError, RequestTooLargeError
from sentinel_core.support import json_pieces
from sentinel_core.support.begun import Begun
from sentinel_core.support.off_loop import off_loop
from sentinel_core.web.azure_paths import MODEL, with_model
from sentinel_core.web.body_errors import from_validation
from sentinel_core.web.body_limits import FINITE, BodyLimits, check_values, has_many_values, is_finite, is_large
from sentinel_core.web.body_room import BodyPlace
from sentinel_core.web.context import RawHeaders, context_of, first
from sentinel_core.web.departures import while_present
from sentinel_core.web.repeats import PATHS
from sentinel_core.web.service import service_of

BODY_SECONDS = 10.0
_JSON_TYPE = re.compile(r"application/(json|[a-z0-9!#$&^_.+-]+\+json)")
"""RFC 6839 section 3.1: a suffix `+json` says that any JSON parser reads it."""


class JsonRoute(APIRoute):
    """
    A route whose endpoint is `async def (body: Model, request: Request) -> Response`.

    FastAPI's seam for custom routes: the signature still makes the OpenAPI description, but the body
    is read within the operator's limits and validated from its bytes, which costs half. A large body is parsed
    outside the event loop. A content type other than JSON is a 415: browsers send those without a preflight.
    A caller who leaves ends the request; streams see to that themselves.
    """

    invalid_status = 422

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        kind = get_type_hints(self.endpoint)["body"]
        model: TypeAdapter[Any] = TypeAdapter(kind)
        may_stream = "stream" in getattr(kind, "model_fields", ("stream",))
        endpoint, status, is_remembered = self.endpoint, self.invalid_status, self.path in PATHS

        async def handle(request: Request) -> Response:
            check_content_type(request.scope["headers"])
            limits: BodyLimits = request.app.state.body_limits
            raw = await read(request, limits)
            repeat = service_of(request).repeated(request, raw) if is_remembered else None
            if repeat is not None:
                body = repeat.body
            else:
                large = context_of(request.scope).is_large = is_large(raw)
                named = request.scope.get(MODEL)
                body = await off_loop(partial(_parsed, model, kind, raw, limits.values, status, named), is_large=large)
            del raw  # the values are enough to hold
            if may_stream and getattr(body, "stream", False):
                response: Response = await endpoint(body, request)
                return response
            return await while_present(endpoint(body, request), request)

        return handle


def _parsed(
    model: TypeAdapter[Any], kind: Any, raw: bytes, most_values: int, invalid_status: int, named: str | None
) -> Any:
    check_values(raw, most_values)
    raw = raw if named is None else with_model(raw, named)
    context = FINITE if is_finite(raw) else None
    try:
        if context is not None and has_many_values(raw):
            with suppress(ValueError):  # its errors are worded for values of Python: let the bytes be validated
                return model.validate_python(json_pieces.parse(raw), context=context)
        return model.validate_json(raw, context=context)
    except ValidationError as error:
        raise from_validation(error, status=invalid_status, model=kind) from None


def check_content_type(headers: RawHeaders) -> None:
    """
    Raise InvalidRequestError for a content type other than JSON, and for a compressed body.

    No type is taken for JSON (RFC 9110 section 8.3). Section 15.5.16 gives both the status 415.
    """
    # One pass over raw headers: those of most requests, read by name, would cost four times as much.
    encoding = None
    for name, value in headers:
        if name == b"content-type" and value != b"application/json" and not _is_json(value):
            raise _unsupported("content-type", "must be application/json")
        if name == b"content-encoding" and encoding is None:
            encoding = value.strip().lower()
    if encoding not in (None, b"", b"identity"):
        raise _unsupported("content-encoding", "a compressed body is not read; send it as it is")


def _is_json(given: bytes) -> bool:
    kind = given.decode("latin-1").partition(";")[0].strip().lower()
    return not kind or kind == "application/json" or _JSON_TYPE.fullmatch(kind) is not None


def _unsupported(header: str, message: str) -> InvalidRequestError:
    return InvalidRequestError(f"{header}: {message}", code="unsupported_media_type", param=header, status=415)


async def read(request: Request, limits: BodyLimits, *, seconds: float = BODY_SECONDS) -> bytes:
    """
    Read a body within `limits`; its room is given back at the end of the request.

    Raises RequestTooLargeError as soon as it is known to be larger, and ServiceUnavailableError while the bodies of
    other requests leave no room.
    """
    context = context_of(request.scope)
    context.body = context.body or BodyPlace(limits.room, "")
    declared = first(request.scope["headers"], b"content-length")
    if declared.isdigit() and float(declared) > limits.bytes:
        raise _too_large(limits.bytes)
    collecting = Begun(_collect(request.receive, limits.bytes, context.body))
    if collecting.is_done:  # a small body is here with its head; a time limit would cost it 3.5 µs
        return collecting.result
    try:
        async with asyncio.timeout(seconds):
            return await collecting
    except TimeoutError:
        raise InvalidRequestError("the body did not arrive in time", code="body_timeout", status=408) from None


async def _collect(receive: Receive, limit: int, place: BodyPlace) -> bytes:
    """Starlette's `Request.stream` does the same with a generator that costs more than the reading."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise InvalidRequestError("the body ended early", code="body_incomplete")
        part: bytes = message.get("body", b"")
        size = len(body) + len(part)
        if size > limit:
            raise _too_large(limit)
        place.grow_to(size)
        is_last = not message.get("more_body", False)
        if is_last and not body:
            return part
        body += part
        if is_last:
            return bytes(body)


class JsonAnswer(Response):
    """An answer whose body is written already; Starlette's way to its few headers takes twice as long."""

    media_type = "application/json"

    def __init__(self, content: bytes, headers: RawHeaders) -> None:
        self.status_code, self.background, self.body = 200, None, content
        # The length first: `AnswerParts` looks for it.
        self.raw_headers = [(b"content-length", b"%d" % len(content)), (b"content-type", b"application/json"), *headers]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body})


def written(content: Mapping[str, Json] | Json) -> bytes:
    """Encode a body or a value as JSON; half a surrogate pair, which UTF-8 has no place for, as an escape."""
    try:
        return to_json(content)
    except PydanticSerializationError:
        return json.dumps(content).encode("ascii")


def _too_large(limit: int) -> RequestTooLargeError:
    return RequestTooLargeError(f"the body is larger than {limit} bytes", code="body_too_large")
