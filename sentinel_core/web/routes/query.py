"""`POST /v1/query`: one prompt in, one answer with its price out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from sentinel_core.cache.directives import Controls
from sentinel_core.chat.messages import ChatRequest, Json, Message
from sentinel_core.gateway.straight import Again
from sentinel_core.support.json_formats import json_format
from sentinel_core.support.off_loop import off_loop
from sentinel_core.web import cache_options, errors, pages
from sentinel_core.web.context import context_of
from sentinel_core.web.json_route import JsonAnswer, JsonRoute, written
from sentinel_core.web.presenting import AnswerView
from sentinel_core.web.service import Service, service_of

router = APIRouter(route_class=JsonRoute, responses=errors.RESPONSES)


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("must say something")
    return text


class QueryFields(BaseModel):
    """The fields that decide an answer besides the prompt."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    provider: str | None = Field(
        None, min_length=1, description="Who answers a miss; the operator's default if absent."
    )
    model: str | None = Field(None, min_length=1, description="The provider's model; its default if absent.")
    temperature: float | None = Field(
        None, ge=0, le=2, description="Sampling temperature; the model's own if absent. Part of the scope."
    )
    max_tokens: int | None = Field(
        None, ge=1, le=1_000_000, description="Longest answer in tokens; the model's own if absent. Part of the scope."
    )
    system: str | None = Field(None, description="System prompt; part of the scope.")
    similarity_threshold: float | None = Field(
        None, ge=0, le=1, description="Least similarity of a semantic hit; raises the operator's, never lowers it."
    )
    ttl_seconds: float | None = Field(
        None, gt=0, description="Keep the answer no longer than this; at most the operator's."
    )
    user: str | None = Field(
        None, max_length=512, description="The end user who asks, by any name; personal answers are theirs alone."
    )
    cache_control: str | None = Field(
        None, description="As the header of that name: no-cache, no-store, max-age, only-if-cached, stale-if-error, …"
    )


class QueryRequest(QueryFields):
    """A prompt, with the other fields that decide its answer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"prompt": "What is machine learning?"}]})

    prompt: Annotated[str, AfterValidator(_said)] = Field(
        min_length=1, description="What is asked; compared by meaning."
    )


class QueryResponse(BaseModel):
    """The answer, its source and its cost."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "response": "Machine learning is …",
                    "cache_hit": True,
                    "similarity_score": 0.97,
                    "matched_prompt": "What is machine learning?",
                    "provider": "groq",
                    "model": "openai/gpt-oss-20b",
                    "tokens_used": 0,
                    "latency_ms": 8.1,
                    "cost_usd": 0.0,
                    "saved_usd": 0.0001275,
                    "outcome": "hit_semantic",
                    "reason": "semantic",
                    "age_seconds": 12,
                    "entry_id": f"{'3f' * 32}:{'a0' * 32}",
                    "finish_reason": "stop",
                }
            ]
        }
    )

    response: str = Field(description="The answer's text.")
    cache_hit: bool = Field(description="Whether a stored answer was reused.")
    similarity_score: float | None = Field(description="1.0 if exact, the cosine if semantic, null if nothing matched.")
    matched_prompt: str | None = Field(description="The prompt the stored answer was given to.")
    provider: str = Field(description="Who gave the answer, now or when it was stored.")
    model: str = Field(description="The model that gave it.")
    tokens_used: int = Field(description="Tokens billed for this request: 0 on a hit.")
    latency_ms: float = Field(description="Time in Sentinel, the provider's included.")
    cost_usd: float | None = Field(description="What this request cost; null if the price is not known.")
    saved_usd: float | None = Field(description="What it would have cost; null if the price is not known.")
    estimated_usd: float | None = Field(None, description="Estimated cost that budgets count; null if all is known.")
    outcome: str = Field(description="hit_exact, hit_semantic, stale, miss or bypass.")
    reason: str | None = Field(description="Why that outcome, where there is more to say.")
    volatile: str | None = Field(None, description="Why the answer is kept for a short time only, if it is.")
    personal: str | None = Field(None, description="The rule by which the answer belongs to the named user alone.")
    shadow: str | None = Field(None, description="The outcome that mode shadow decided and did not serve.")
    age_seconds: int | None = Field(description="Age of the stored answer; null if it is new.")
    entry_id: str | None = Field(
        None, description="The stored answer, for `/v1/cache/entries` and feedback; null if none."
    )
    finish_reason: str = Field(description="Why the model stopped; an answer cut off by max_tokens says length.")


@router.post(
    "/v1/query",
    response_model=QueryResponse,
    summary="Ask one prompt",
    tags=["query"],
    openapi_extra=cache_options.DESCRIBED,
)
async def query(body: QueryRequest, request: Request) -> Response:
    """
    Answer from the cache if the same was asked before, in these words or in others; else ask the provider.

    The outcome is also in `Cache-Status` (RFC 9211), `Age`, `x-sentinel-similarity`, `x-sentinel-entry`
    and `Server-Timing`.
    """
    service = service_of(request)
    repeat = context_of(request.scope).repeat
    if repeat is not None:
        found = await service.answer_again(repeat, request)
        page = pages.answered(found, repeat, _BODY, request, service) if isinstance(found, Again) else None
        if page is not None:
            return page
        chat, answer = repeat.chat, found.answer() if isinstance(found, Again) else found
    else:
        chat = chat_of(body, service)
        answer = await service.answer(chat, steered(body, request), request, body)
    latency_ms = service.recording.elapsed_ms(request)
    view = AnswerView(answer)
    service.recording.answer(request, chat, view, latency_ms=latency_ms)
    fields = view.query_fields(latency_ms)
    content = await off_loop(lambda: written(fields), is_large=True) if view.is_large else written(fields)
    return JsonAnswer(content, view.raw_headers(latency_ms))


class _Body:
    """The body of `QueryResponse`."""

    def format(self, view: AnswerView) -> bytes:
        holes = {"response": b"%b", "matched_prompt": b"%b", "latency_ms": b"%a", "age_seconds": b"%d"}
        return json_format(view.query_fields(0.0), holes)

    def filled(self, format_: bytes, again: Again, latency_ms: float) -> bytes:
        entry = again.entry
        return format_ % (written(entry.completion.text), written(entry.prompt), latency_ms, again.age)


_BODY = _Body()


def steered(body: QueryFields, request: Request) -> Controls:
    """Read the caller's cache options from headers and body."""
    return cache_options.parse(
        request.headers, cache_control=body.cache_control, threshold=body.similarity_threshold, ttl=body.ttl_seconds
    )


def chat_of(body: QueryRequest, service: Service) -> ChatRequest:
    provider, model = service.resolve(body.provider, body.model)
    system: list[Message] = [] if body.system is None else [{"role": "system", "content": body.system}]
    hints: dict[str, Json] = {} if body.user is None else {"user": body.user}
    given: dict[str, Json] = {"temperature": body.temperature, "max_tokens": body.max_tokens}
    params = {name: value for name, value in given.items() if value is not None}
    return ChatRequest(provider, model, (*system, {"role": "user", "content": body.prompt}), params, hints)
