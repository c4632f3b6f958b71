"""`POST /v1/query/batch`: many prompts in, each with its own answer or error out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sentinel_core.errors import ProviderError, RequestError, RequestTooLargeError, ServiceUnavailableError
from sentinel_core.gateway.gateway import Gateway
from sentinel_core.support.loop_turns import LoopTurns
from sentinel_core.support.off_loop import off_loop
from sentinel_core.support.owner_bounds import OwnerBounds
from sentinel_core.support.rests import Rests
from sentinel_core.support.turns import OWNER
from sentinel_core.web import cache_options, errors
from sentinel_core.web.body_errors import from_validation
from sentinel_core.web.context import context_of
from sentinel_core.web.json_route import JsonRoute, written
from sentinel_core.web.presenting import LARGE, AnswerView
from sentinel_core.web.request_shares import RequestShares
from sentinel_core.web.routes.query import QueryFields, QueryRequest, QueryResponse, chat_of, steered
from sentinel_core.web.service import service_of

MOST = 256
MOST_UNDER_WAY = 2 * MOST
"""Items of one key under way at once, in all its batches; further batches wait."""
CHARACTERS_AT_ONCE = 8_000
MOST_AT_ONCE = 32
"""Items in one round of the event loop: it takes about 10 ms."""
BESIDE_OTHERS = 8
"""Times fewer items while other keys ask."""
BESIDE_OTHERS_SECONDS = 0.003
"""Pause after such a round while other keys ask: each request has ten rounds or more to take."""
ROUNDS_BEGUN = 16
"""Rounds of items begun and not ended: each item holds 100 objects, which every full garbage collection walks."""
MOST_EXPANDED = 16
"""Times the largest body that a batch may come to with its defaults repeated for each item."""

_UNDER_WAY = OwnerBounds(MOST_UNDER_WAY)
_ROUNDS = LoopTurns()
_RESTS = Rests()
_log = logging.getLogger("sentinel")

router = APIRouter(route_class=JsonRoute, responses=errors.RESPONSES)


class BatchRequest(BaseModel):
    """Up to 256 queries, and their shared fields."""

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

    items: list[dict[str, Any]] = Field(
        min_length=1, max_length=MOST, description="Each as the body of `POST /v1/query`; one that is not fails alone."
    )
    defaults: QueryFields | None = Field(None, description="Fields for every item that does not say otherwise.")


class BatchItem(BaseModel):
    """The result of one item: `answer` or `error`."""

    index: int = Field(description="Place in `items`.")
    status: int = Field(
        description="What `POST /v1/query` would have answered with; 413 where the answers before left no room."
    )
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
    openapi_extra=cache_options.DESCRIBED,
)
async def batch(body: BatchRequest, request: Request) -> Response:
    """
    Answer each item as `POST /v1/query` would: embedded and looked up together, equal ones asked once.

    Answers with 200 whatever becomes of the items; `Cache-Control` and the `x-sentinel-` headers hold for all.
    """
    cache_options.parse(request.headers)  # what is wrong there is wrong for all
    service = service_of(request)
    shared = {} if body.defaults is None else body.defaults.model_dump(exclude_unset=True)
    _check_expansion(shared, len(body.items), request.app.state.body_limits.bytes)
    owner, items = OWNER.get(), len(body.items)
    pace = OwnersPace(owner, at_once_of(body.items), service.access.shares, service.defaults.batch_concurrency)
    gateway = service.batching(pace)
    room = _Room(gateway.rules.max_answer_bytes)
    answering = (_item(index, {**shared, **item}, request, gateway, room) for index, item in enumerate(body.items))
    await _admit(request, owner, items)
    try:
        results = await asyncio.gather(*await _begun(answering, pace), return_exceptions=True)
    finally:
        _UNDER_WAY.release(owner, items)
    shown = [
        _crashed(index, request, each) if isinstance(each, BaseException) else each
        for index, each in enumerate(results)
    ]
    content = await off_loop(lambda: written(BatchResponse(results=shown).model_dump()), is_large=_is_large(shown))
    return Response(content, media_type="application/json")


async def _admit(request: Request, owner: str, items: int) -> None:
    """Wait for room among the key's items; raises ServiceUnavailableError at the request's deadline."""
    service = service_of(request)
    ends = context_of(request.scope).deadline_within(service.defaults.timeout)
    try:
        async with asyncio.timeout(max(0.0, ends - service.clock.monotonic())):
            await _UNDER_WAY.acquire(owner, items)
    except TimeoutError:
        raise ServiceUnavailableError("other batches of this key are under way", what="batch") from None


@dataclass(frozen=True, slots=True)
class OwnersPace:
    """Lets the items of one key's batches work in turn, and slower while other keys ask."""

    owner: str
    most_at_once: int
    shares: RequestShares
    concurrency: int = 16
    """Calls to providers at once."""

    @property
    def at_once(self) -> int:
        """Return how many items work in one round of the event loop."""
        return max(1, self.most_at_once // BESIDE_OTHERS) if self.shares.are_others(self.owner) else self.most_at_once

    @property
    def most_begun(self) -> int:
        """Return how many items are begun before the first has ended: as many wait for a provider as are there."""
        return max(2 * self.concurrency, ROUNDS_BEGUN * self.at_once)

    async def turn(self) -> None:
        are_others = self.shares.are_others(self.owner)
        await _ROUNDS.take(self.owner, seconds=BESIDE_OTHERS_SECONDS if are_others else 0.0)

    def working(self) -> AbstractAsyncContextManager[object]:
        """Hold while texts are embedded, one batch's at a time, with rests while other keys ask."""
        return _RESTS.working(self.owner, self.shares)


def at_once_of(items: Sequence[Mapping[str, Any]]) -> int:
    """Return how many items work in one round of a key that asks alone: fewer the longer they are."""
    characters = sum(len(value) for item in items for value in item.values() if isinstance(value, str))
    return max(1, min(MOST_AT_ONCE, CHARACTERS_AT_ONCE * len(items) // (characters + 1)))


async def _begun(
    answering: Iterable[Coroutine[Any, Any, BatchItem]], pace: OwnersPace
) -> list[asyncio.Task[BatchItem]]:
    """Begin items at a pace, and not too many before others have ended: all at once would hold the event loop."""
    tasks, begun, one_ended = list[asyncio.Task[BatchItem]](), set[asyncio.Task[BatchItem]](), asyncio.Event()

    def end(task: asyncio.Task[BatchItem]) -> None:
        begun.discard(task)
        one_ended.set()

    try:
        for each in answering:
            task = asyncio.create_task(each)
            tasks.append(task)
            begun.add(task)
            task.add_done_callback(end)
            if len(tasks) % pace.at_once == 0:
                await pace.turn()
            while len(begun) >= pace.most_begun:
                one_ended.clear()
                await one_ended.wait()
    except BaseException:
        for task in tasks:
            task.cancel()
        raise
    return tasks


def _check_expansion(shared: dict[str, Any], items: int, limit: int) -> None:
    """Raise RequestTooLargeError where a small body stands for far more than the largest body."""
    size = items * sum(len(value) for value in shared.values() if isinstance(value, str))
    if size > MOST_EXPANDED * limit:
        raise RequestTooLargeError(
            f"defaults: repeated for each item, they are larger than {MOST_EXPANDED} × {limit} characters",
            code="batch_too_large",
            param="defaults",
        )


@dataclass(slots=True)
class _Room:
    """Characters left for the answers of one batch, in the order in which they come."""

    most: int
    taken: int = 0

    def take(self, answer: QueryResponse) -> None:
        """Raise RequestTooLargeError for an answer that leaves no room for itself; others may still fit."""
        size = len(answer.response) + len(answer.matched_prompt or "")
        if self.taken + size > self.most:
            raise RequestTooLargeError(
                f"the answers of this batch are larger than {self.most} characters: ask for this one alone",
                code="batch_answers_too_large",
            )
        self.taken += size


async def _item(index: int, fields: dict[str, Any], request: Request, gateway: Gateway, room: _Room) -> BatchItem:
    service = service_of(request)
    try:
        answer = await _answer(fields, request, gateway)
    except (RequestError, ProviderError) as error:
        service.recording.failure(request, error)
        return BatchItem(index=index, status=error.status, error=errors.described(error))
    try:
        room.take(answer)
    except RequestTooLargeError as error:  # the answer itself was recorded, and is stored if it may be
        return BatchItem(index=index, status=error.status, error=errors.described(error))
    return BatchItem(index=index, status=200, answer=answer)


def _crashed(index: int, request: Request, error: BaseException) -> BatchItem:
    """Answer for an item that ended in a foreign exception, a cancelled call of another request included."""
    fields = {"request_id": context_of(request.scope).request_id}
    _log.error("item.crashed", exc_info=error, extra={"fields": fields})
    service_of(request).recording.crash(request)
    return BatchItem(index=index, status=500, error=errors.INTERNAL)


def _is_large(items: Sequence[BatchItem]) -> bool:
    texts = (item.answer for item in items if item.answer is not None)
    return sum(len(answer.response) + len(answer.matched_prompt or "") for answer in texts) > LARGE


async def _answer(fields: dict[str, Any], request: Request, gateway: Gateway) -> QueryResponse:
    service = service_of(request)
    try:
        body = QueryRequest.model_validate(fields)
    except ValidationError as error:
        raise from_validation(error, status=JsonRoute.invalid_status, model=QueryRequest) from None
    chat = chat_of(body, service)
    answer = await service.answer_in_batch(chat, steered(body, request), request, gateway)
    latency_ms = service.recording.elapsed_ms(request)
    view = AnswerView(answer)
    service.recording.answer(request, chat, view, latency_ms=latency_ms)
    return QueryResponse.model_validate(view.query_fields(latency_ms))
