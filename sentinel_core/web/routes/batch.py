"""`POST /v1/query/batch`: many prompts in, each with its own answer or error out."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from sentinel_core.errors import ProviderError, RequestError
from sentinel_core.gateway.gateway import Gateway
from sentinel_core.web import cache_headers, errors
from sentinel_core.web.context import context_of
from sentinel_core.web.json_route import JsonRoute
from sentinel_core.web.presenting import AnswerView
from sentinel_core.web.routes.query import QueryFields, QueryRequest, QueryResponse, chat_of, steered
from sentinel_core.web.service import service_of

MOST = 256

_log = logging.getLogger("sentinel")

router = APIRouter(route_class=JsonRoute, responses=errors.RESPONSES)


class BatchRequest(BaseModel):
    """Up to 256 queries, and what they share."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "defaults": {"temperature": 0.0},
                    "items": [{"prompt": "What is machine learning?"}, {"prompt": "What is 2+2?", "max_tokens": 20}],
                }
            ]
        },
    )

    items: list[dict[str, JsonValue]] = Field(
        min_length=1, max_length=MOST, description="Each as the body of `POST /v1/query`; one that is not fails alone."
    )
    defaults: QueryFields | None = Field(None, description="Fields for every item that does not say otherwise.")


class BatchItem(BaseModel):
    """What became of one item: `answer` or `error`."""

    index: int = Field(description="Place in `items`.")
    status: int = Field(description="What `POST /v1/query` would have answered with.")
    answer: QueryResponse | None = None
    error: errors.Error | None = None


class BatchResponse(BaseModel):
    """One result per item, in their order."""

    results: list[BatchItem]


@router.post(
    "/v1/query/batch",
    response_model=BatchResponse,
    summary="Ask many prompts",
    tags=["query"],
    openapi_extra=cache_headers.DESCRIBED,
)
async def batch(body: BatchRequest, request: Request) -> Response:
    """
    Answer each item as `POST /v1/query` would: embedded and looked up together, equal ones asked once.

    Answers with 200 whatever becomes of the items; `Cache-Control` and the `x-sentinel-` headers hold for all.
    """
    cache_headers.parse(request.headers)  # what is wrong there is wrong for all
    service = service_of(request)
    shared = {} if body.defaults is None else body.defaults.model_dump(exclude_unset=True)
    gateway = service.batching()
    answering = (_item(index, {**shared, **item}, request, gateway) for index, item in enumerate(body.items))
    results = await asyncio.gather(*answering)
    return Response(BatchResponse(results=results).model_dump_json(), media_type="application/json")


async def _item(index: int, fields: dict[str, Any], request: Request, gateway: Gateway) -> BatchItem:
    service = service_of(request)
    try:
        return BatchItem(index=index, status=200, answer=await _answer(fields, request, gateway))
    except (RequestError, ProviderError) as error:
        service.recording.failure(request, error)
        return BatchItem(index=index, status=error.status, error=errors.described(error))
    except Exception:  # noqa: BLE001  the others are answered
        _log.exception("item.crashed", extra={"fields": {"request_id": context_of(request.scope).request_id}})
        service.recording.crash(request)
        return BatchItem(index=index, status=500, error=errors.INTERNAL)


async def _answer(fields: dict[str, Any], request: Request, gateway: Gateway) -> QueryResponse:
    service = service_of(request)
    try:
        body = QueryRequest.model_validate(fields)
    except ValidationError as error:
        raise errors.from_validation(error, status=JsonRoute.invalid_status) from None
    chat = chat_of(body, service)
    answer = await service.answer(chat, steered(body, request), request, gateway)
    latency_ms = round(service.recording.elapsed_ms(request), 3)
    view = AnswerView(answer)
    service.recording.answer(request, chat, view, latency_ms=latency_ms)
    return QueryResponse.model_validate(view.query_fields(latency_ms))
