"""Moderations, images and audio, passed on under the caller's rights; files and batches, refused with a reason."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from sentinel_core.cache.answer import NO_USAGE, Answer
from sentinel_core.cache.outcome import Bypass, BypassReason
from sentinel_core.cache.storing import Unstorable
from sentinel_core.chat.messages import Completion, Usage
from sentinel_core.errors import InvalidRequestError, NotFoundError, RequestError
from sentinel_core.providers.direct_calls import RawAnswer
from sentinel_core.support.off_loop import off_loop
from sentinel_core.web import errors
from sentinel_core.web.body_limits import BodyLimits, check_values, is_large
from sentinel_core.web.direct import Direct, direct_of
from sentinel_core.web.json_route import check_content_type, read
from sentinel_core.web.presenting import AnswerView
from sentinel_core.web.service import check_model_name, service_of

router = APIRouter(tags=["openai"], responses=errors.RESPONSES)

PATHS = (
    *("/moderations", "/images/generations", "/images/edits", "/images/variations"),
    *("/audio/speech", "/audio/transcriptions", "/audio/translations"),
)
"""Calls that leave nothing behind at the provider."""
_FORM_PATHS = frozenset({"/images/edits", "/images/variations", "/audio/transcriptions", "/audio/translations"})
"""Calls that bring a file; their bodies may be forms."""

KEPT_AT_PROVIDER = (
    *("/files", "/batches", "/messages/batches", "/uploads", "/fine_tuning", "/vector_stores", "/containers"),
    *("/assistants", "/threads", "/conversations", "/evals", "/videos", "/skills", "/realtime", "/chatkit"),
)
"""What lives on in the provider's account, by the paths of OpenAI's and Anthropic's clients."""
PICTURE_TOKENS, MEGABYTE_TOKENS = 1_500, 1_500
"""Estimated tokens of a picture, and of a megabyte of sound."""
_BYTES_PER_TOKEN = 3
_MEGABYTE = 1_048_576
_MODEL_PART = re.compile(
    rb'(Content-Disposition: *form-data; *name="?model"?[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n)([^\r\n]{1,200})',
    re.IGNORECASE,
)
_FORM = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class _Call:
    """A body with the provider's own name of the model."""

    provider: str
    model: str
    body: bytes
    content_type: str
    pictures: int


def _endpoint(path: str) -> Callable[[Request], Awaitable[Response]]:
    async def pass_on(request: Request) -> Response:
        """Ask the provider, with the gateway's key; nothing is stored."""
        limits: BodyLimits = request.app.state.body_limits
        raw = await read(request, limits)
        is_form = path in _FORM_PATHS
        call = await off_loop(lambda: _read(raw, request, limits.values, is_form=is_form), is_large=is_large(raw))
        direct = direct_of(request, call.provider, call.model)
        await direct.admit()
        if direct.calls is None:
            raise NotFoundError(f"model: {call.provider} has no {path} here", code="model_not_found", param="model")
        direct.enter_budget()
        answer = await direct.calls.post(
            path, call.body, timeout=direct.left(), content_type=call.content_type, owner=direct.owner
        )
        used = await off_loop(lambda: _usage(answer), is_large=is_large(answer.body))
        cost = direct.charge(used, estimated_tokens=_estimate(path, call, answer))
        await direct.settle()
        return _respond(request, direct, call, used, answer, cost)

    return pass_on


def _read(raw: bytes, request: Request, most_values: int, *, is_form: bool) -> _Call:
    kind = request.headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() == _FORM and is_form:
        return _read_form(raw, kind, request)
    check_content_type(request.scope["headers"])
    check_values(raw, most_values)
    try:
        body: Any = json.loads(raw)
    except (ValueError, RecursionError):
        raise InvalidRequestError("the body is not JSON", code="invalid_json") from None
    if not isinstance(body, dict):
        raise errors.invalid("", "the body must be an object")
    for name in ("model", "provider"):
        if not isinstance(body.get(name), str | None):
            raise errors.invalid(name, "must be text")
    provider, model = _chosen(request, body.pop("provider", None), body.get("model"))
    if body.get("model") is not None:
        body["model"] = model
    count = body.get("n")
    pictures = count if isinstance(count, int) and 0 < count <= 100 else 1
    return _Call(provider, model, json.dumps(body).encode("ascii"), "application/json", pictures)


def _read_form(raw: bytes, kind: str, request: Request) -> _Call:
    """Read the model of a form, and give it the provider's own name; every other part stays as it is."""
    part = _MODEL_PART.search(raw)
    named = None if part is None else part[2].decode("utf-8", "replace")
    provider, model = _chosen(request, None, named)
    if part is not None and model != named:
        raw = raw[: part.start(2)] + model.encode() + raw[part.end(2) :]
    return _Call(provider, model, raw, kind, 1)


def _chosen(request: Request, provider: str | None, model: str | None) -> tuple[str, str]:
    """Without a model, the provider chooses it; a key that may ask some models only must name one."""
    defaults = service_of(request).defaults
    check_model_name(model)
    if provider is None:
        provider, model = (defaults.provider, "") if model is None else defaults.split(model)
    if provider not in defaults.models:
        known = ", ".join(sorted(defaults.models))
        raise InvalidRequestError(f"provider: must be one of {known}", code="unknown_provider", param="provider")
    return provider, model or ""


def _usage(answer: RawAnswer) -> Usage | None:
    """Read the tokens that image and speech models report; None where there are none."""
    if not answer.content_type.startswith("application/json"):
        return None
    try:
        used = json.loads(answer.body).get("usage")
        return Usage(prompt_tokens=int(used["input_tokens"]), completion_tokens=int(used["output_tokens"]))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def _estimate(path: str, call: _Call, answer: RawAnswer) -> int:
    text = len(call.body) // _BYTES_PER_TOKEN
    if path.startswith("/images"):
        return call.pictures * PICTURE_TOKENS
    if call.content_type != "application/json":
        return MEGABYTE_TOKENS * (1 + len(call.body) // _MEGABYTE)
    return text if path == "/moderations" else text + MEGABYTE_TOKENS * (len(answer.body) // _MEGABYTE)


def _respond(
    request: Request, direct: Direct, call: _Call, used: Usage | None, answer: RawAnswer, cost: float | None
) -> Response:
    service = direct.service
    view = AnswerView(
        Answer(
            completion=Completion(call.provider, call.model, {}, "stop"),
            outcome=Bypass(BypassReason.PASSED_ON),
            billed=used or NO_USAGE,
            cost_usd=cost,
            saved_usd=0.0,
            unstorable=Unstorable.BYPASSED,
        )
    )
    latency_ms = service.recording.elapsed_ms(request)
    service.recording.answer(request, direct.chat, view, latency_ms=latency_ms)
    return Response(answer.body, headers={**view.headers(latency_ms), "content-type": answer.content_type})


async def _refuse(request: Request) -> Response:
    """Refuse a call that would keep something at the provider."""
    raise RequestError(
        "not served: files, batches and what else a provider keeps belong to its account, which all tenants of this "
        "gateway share",
        code="not_implemented",
        status=501,
    )


_BODY = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}
_FORM_BODY = {"requestBody": {"content": {_FORM: {"schema": {"type": "object"}}}}}

for _path in PATHS:
    router.add_api_route(
        f"/v1{_path}",
        _endpoint(_path),
        methods=["POST"],
        summary=f"Pass {_path} on",
        operation_id=f"pass_on{_path.replace('/', '_')}",
        response_class=Response,
        openapi_extra=_FORM_BODY if _path in _FORM_PATHS else _BODY,
    )
for _path in KEPT_AT_PROVIDER:
    for _end in ("", "/{rest:path}"):
        router.add_api_route(
            f"/v1{_path}{_end}", _refuse, methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False
        )
