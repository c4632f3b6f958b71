"""`POST /v1/embeddings`: OpenAI's embeddings with an exact cache for each input, and a local model without a key."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from sentinel_core.cache import freshness
from sentinel_core.cache.answer import NO_USAGE, Answer
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.outcome import Hit, HitKind, Miss
from sentinel_core.cache.storing import Unstorable
from sentinel_core.chat.messages import ChatRequest, Completion, Json, Usage
from sentinel_core.errors import NotCachedError, NotFoundError, RequestTooLargeError
from sentinel_core.support.off_loop import off_loop
from sentinel_core.web import cache_options, errors
from sentinel_core.web.context import context_of
from sentinel_core.web.direct import Direct, direct_of
from sentinel_core.web.embedding import (
    MOST_ON_LOOP,
    Ask,
    EmbeddingRequest,
    Fetched,
    Input,
    Numbers,
    VectorCache,
    Vectors,
    as_base64,
    ask_locally,
    ask_provider,
    dimensions,
    embedded,
    shares,
)
from sentinel_core.web.json_route import written
from sentinel_core.web.presenting import AnswerView
from sentinel_core.web.routes.chat_completions import OpenAIRoute
from sentinel_core.web.routes.chat_schema import JsonBody
from sentinel_core.web.service import Service, service_of

router = APIRouter(route_class=OpenAIRoute, tags=["openai"], responses=errors.RESPONSES)

LOCAL_PROVIDER, LOCAL_MODEL = "sentinel", "minilm"
MOST_INPUTS = 2_048
MOST_NUMBERS = 2_048 * 3_072
"""In the vectors of one answer."""
_OURS = frozenset({"model", "provider", "input", "dimensions", "encoding_format", "user"})


class EmbeddingBody(JsonBody):
    """A request to the embeddings API; fields that are not known are passed on, and are part of the scope."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"model": "sentinel/minilm", "input": "What is a bond?"}]}
    )

    model: Annotated[str, Field(min_length=1)] = Field(
        description="A model, or `provider/model`; `sentinel/minilm` runs in this process."
    )
    provider: Annotated[str, Field(min_length=1)] | None = Field(None, description="Sentinel's own: who is asked.")
    input: str | list[str] | list[int] | list[list[int]] = Field(
        description=f"Text, up to {MOST_INPUTS} texts, or tokens."
    )
    dimensions: int | None = Field(None, ge=1, le=65_536)
    encoding_format: Literal["float", "base64"] | None = None
    user: str | None = None

    def inputs(self) -> list[Input]:
        """Return one input after the other."""
        if isinstance(self.input, str):
            return [self.input]
        if self.input and all(isinstance(each, int) for each in self.input):
            return [[each for each in self.input if isinstance(each, int)]]
        return [each if isinstance(each, str) else [*each] for each in self.input if not isinstance(each, int)]


class EmbeddingList(BaseModel):
    """Vectors in the order of their inputs."""

    object: Literal["list"]
    data: list[dict[str, JsonValue]]
    model: str
    usage: dict[str, int]
    sentinel: dict[str, JsonValue]


@router.post(
    "/v1/embeddings", summary="Embed texts", response_model=EmbeddingList, openapi_extra=cache_options.DESCRIBED
)
async def create(body: EmbeddingBody, request: Request) -> Response:
    """Return the vector of each input, from the cache where it is known; a provider is asked for the others alone."""
    service = service_of(request)
    is_large = context_of(request.scope).is_large
    wanted = await off_loop(lambda: _wanted(body, service), is_large=is_large)
    controls = cache_options.parse(request.headers)
    direct = direct_of(request, wanted.provider, wanted.model, local=LOCAL_PROVIDER, controls=controls)
    ttl = freshness.time_to_live(controls, direct.rules)
    cache = VectorCache(service.stored.store, service.clock, ttl, direct.owner)
    queries = await off_loop(lambda: wanted.queries(direct.namespace), is_large=is_large)
    is_cached = direct.rules.mode in ("semantic", "exact")
    found = await cache.load(queries, controls) if is_cached else [None] * len(queries)
    _check_size(found)
    await direct.admit()
    if controls.directives.only_if_cached and None in found:
        raise NotCachedError("not every input has a stored vector, and only-if-cached was asked", code="not_cached")
    vectors = await embedded(cache, wanted, queries, found, _ask(service, wanted, direct))
    cost = _charge(direct, wanted, vectors.fetched)
    keeps = is_cached and not controls.directives.no_store
    if vectors.fetched is not None and keeps:
        sizes = [len(wanted.inputs[place]) for place in vectors.missing]
        parts = shares(vectors.fetched.usage, cost, sizes)
        places = zip(vectors.missing, vectors.fetched.vectors, parts, strict=True)
        await cache.save([(queries[place], vector, *part) for place, vector, part in places], wanted)
    await direct.settle()
    return await _respond(body, wanted, vectors, cost, request, None if keeps else Unstorable.NO_STORE)


def _check_size(found: Sequence[Entry | None]) -> None:
    """Raise RequestTooLargeError for too many stored numbers; fetched ones are bounded as an answer is."""
    if sum(dimensions(entry) for entry in found if entry is not None) > MOST_NUMBERS:
        raise RequestTooLargeError(
            f"input: its vectors have more than {MOST_NUMBERS} numbers", code="embeddings_too_large", param="input"
        )


def _wanted(body: EmbeddingBody, service: Service) -> EmbeddingRequest:
    inputs = body.inputs()
    if not 0 < len(inputs) <= MOST_INPUTS or not all(inputs):
        raise errors.invalid("input", f"must be 1 to {MOST_INPUTS} texts or token lists, none of them empty")
    extra = {name: value for name, value in body.given().items() if name not in _OURS and value is not None}
    is_local = body.provider in (None, LOCAL_PROVIDER) and body.model in (
        f"{LOCAL_PROVIDER}/{LOCAL_MODEL}",
        *([LOCAL_MODEL] if body.provider == LOCAL_PROVIDER else []),
    )
    if is_local:
        return EmbeddingRequest(LOCAL_PROVIDER, LOCAL_MODEL, inputs, body.dimensions, extra)
    chosen = service.resolve(body.provider, body.model, prefixed=True)
    return EmbeddingRequest(*chosen, inputs, body.dimensions, extra)


def _ask(service: Service, wanted: EmbeddingRequest, direct: Direct) -> Ask:
    if wanted.provider == LOCAL_PROVIDER:
        return partial(ask_locally, service.stored.embedder, wanted)
    calls = direct.calls
    if calls is None:
        raise NotFoundError(
            f"model: {wanted.provider} has no embeddings here; {LOCAL_PROVIDER}/{LOCAL_MODEL} needs no key",
            code="model_not_found",
            param="model",
        )

    async def ask(inputs: Sequence[Input]) -> Fetched:
        direct.enter_budget()
        return await ask_provider(calls, wanted, inputs, timeout=direct.left(), owner=direct.owner)

    return ask


def _charge(direct: Direct, wanted: EmbeddingRequest, fetched: Fetched | None) -> float | None:
    """Charge the caller, and return the cost in dollars; None where it is not known."""
    if fetched is None or wanted.provider == LOCAL_PROVIDER:
        return 0.0
    return direct.charge(fetched.usage, estimated_tokens=sum(len(each) for each in wanted.inputs))


async def _respond(
    body: EmbeddingBody,
    wanted: EmbeddingRequest,
    vectors: Vectors,
    cost: float | None,
    request: Request,
    unstorable: Unstorable | None,
) -> Response:
    service = service_of(request)
    billed = NO_USAGE if vectors.fetched is None else vectors.fetched.usage or NO_USAGE
    saved = [entry.cost_usd for entry in vectors.entries if entry.cost_usd is not None]
    ages = [entry.age(service.clock.now()) for entry in vectors.entries]
    is_hit = vectors.fetched is None
    avoided = sum(entry.completion.usage.total_tokens for entry in vectors.entries if entry.completion.usage)
    answer = Answer(
        completion=Completion(wanted.provider, wanted.model, {}, "stop", Usage(prompt_tokens=avoided)),
        outcome=Hit(HitKind.EXACT, 1.0, max(ages, default=0.0)) if is_hit else Miss(),
        billed=billed,
        cost_usd=cost,
        saved_usd=sum(saved),
        unstorable=unstorable,
    )
    view, latency_ms = AnswerView(answer), service.recording.elapsed_ms(request)
    service.recording.answer(request, ChatRequest(wanted.provider, wanted.model, ()), view, latency_ms=latency_ms)
    is_base64 = body.encoding_format == "base64"
    content: dict[str, Json] = {
        "object": "list",
        "model": body.model,
        "usage": {"prompt_tokens": billed.prompt_tokens, "total_tokens": billed.total_tokens},
        "sentinel": {
            "outcome": view.name,
            "hits": len(vectors.entries),
            "misses": len(vectors.missing),
            "cost_usd": cost,
            "saved_usd": sum(saved),
        },
    }
    whole = await off_loop(
        lambda: _written(content, vectors.vectors, is_base64=is_base64), is_large=len(vectors.vectors) > MOST_ON_LOOP
    )
    return Response(whole, media_type="application/json", headers=view.headers(latency_ms))


def _written(content: dict[str, Json], vectors: Sequence[Numbers], *, is_base64: bool) -> bytes:
    """Write one vector after the other: as objects of Python, all at once take eight times the memory."""
    data = b",".join(
        written(
            {"object": "embedding", "index": index, "embedding": as_base64(vector) if is_base64 else vector.tolist()}
        )
        for index, vector in enumerate(vectors)
    )
    return written(content)[:-1] + b',"data":[' + data + b"]}"
