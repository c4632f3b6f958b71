"""`POST /v1/cache/explain`: the decision on a request, without asking a model."""

from __future__ import annotations

import hashlib

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from sentinel_core.cache import outcome
from sentinel_core.cache.scope import canonical_json
from sentinel_core.gateway.explanation import Explanation, Sight
from sentinel_core.support.off_loop import off_loop
from sentinel_core.web import cache_options, errors
from sentinel_core.web.context import context_of
from sentinel_core.web.json_route import JsonRoute
from sentinel_core.web.presenting import entry_fields
from sentinel_core.web.routes.chat_schema import ChatBody
from sentinel_core.web.routes.query import QueryRequest, chat_of, steered
from sentinel_core.web.scope_variety_view import VarietyView, variety_view
from sentinel_core.web.service import service_of

router = APIRouter(route_class=JsonRoute, responses=errors.RESPONSES)
_SHOWN = frozenset({"namespace", "provider", "model", "params"})
_SHOWN_CHARACTERS = 4_000
"""Of each prompt: eight neighbours may have 5 MiB each."""


class ExplainRequest(BaseModel):
    """A request as one of the two routes takes it."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        json_schema_extra={"examples": [{"query": {"prompt": "What is machine learning?"}}]},
    )

    query: QueryRequest | None = Field(None, description="A body of `POST /v1/query`.")
    chat: ChatBody | None = Field(None, description="A body of `POST /v1/chat/completions`.")

    @model_validator(mode="after")
    def _is_one(self) -> ExplainRequest:
        if (self.query is None) == (self.chat is None):
            raise ValueError("give either query or chat")
        return self


class ScopePart(BaseModel):
    """Must be equal for an answer to be shared."""

    name: str
    sha256: str = Field(description="Of its canonical JSON: two requests with the same one agree here.")
    value: JsonValue = Field(None, description="As the caller sent it; null for messages.")


class Verdict(BaseModel):
    """The gate's verdict on sharing this entry's answer."""

    passed: bool
    confidence: float = Field(description="Probability that the stored answer is right.")
    rule: str | None = Field(description="Why it was refused.")
    asked_span: str = Field(description="The words of this prompt that say so.")
    stored_span: str = Field(description="The words of the stored one.")
    also: list[str] = Field(description="Other rules that would refuse it.")
    zone: str = Field(
        "decided",
        description="`grey`: a judge is asked before the answer; `left` or `probed`: after it; else the gate decides.",
    )
    stratum: str = Field("", description="Group of pairs whose odds are learned; empty without a judge.")
    learned_from: int = Field(0, description="Words of the judge behind these odds.")
    known_by: str | None = Field(
        None, description="Who labelled this pair of prompts before: judge, audit, feedback, agreement or curated."
    )


class Candidate(BaseModel):
    """A stored entry."""

    prompt: str = Field(description=f"Its first {_SHOWN_CHARACTERS} characters; `/v1/cache/entries` has all.")
    similarity: float = Field(description="Cosine; 1.0 for the entry of this very prompt.")
    reaches_threshold: bool
    verdict: Verdict | None = Field(description="Null for the entry of this very prompt, which needs none.")
    fresh: bool
    may_stand_in: bool = Field(description="Whether it may answer if the provider fails.")
    age_seconds: int
    ttl_left_seconds: int = Field(description="Negative past the ttl.")
    provider: str
    model: str
    tags: list[str]


class Explained(BaseModel):
    """The outcome, and all it is decided by."""

    outcome: str = Field(description="hit_exact, hit_semantic, stale, miss or bypass.")
    reason: str | None
    asks_provider: bool = Field(
        description="Whether a provider would be asked. After a miss with only-if-cached none is: the answer is a 504."
    )
    volatile: str | None = Field(description="The rule by which the answer does not last.")
    personal: str | None = Field(description="The rule by which the answer belongs to the named user alone.")
    mode: str = Field(description="semantic, exact, shadow or off.")
    max_wrong: float | None = Field(description="Largest expected share of wrong hits, in force for this request.")
    needed: float = Field(description="Least confidence with which the gate passes a pair, at this `max_wrong`.")
    policy: dict[str, str] = Field(description="The policy's rule of each value that a rule has set.")
    fingerprint: str = Field(description="SHA-256 of the scope.")
    digest: str = Field(description="SHA-256 of the prompt.")
    scope: list[ScopePart]
    threshold: float = Field(description="Least similarity of a semantic hit, in force for this request.")
    ttl_seconds: float = Field(description="How long a new answer would be kept.")
    not_compared: str | None = Field(description="Why nothing was compared by meaning.")
    counted_turns: int = Field(
        0, description="Earlier user turns that count as another prompt, because its stored answer stands after them."
    )
    exact: Candidate | None
    candidates: list[Candidate] = Field(description="The nearest, whatever their similarity, each with its verdict.")
    variety: VarietyView = Field(description="Which parts of the scope changed in your last requests.")


@router.post(
    "/v1/cache/explain",
    response_model=Explained,
    summary="Explain the decision on a request",
    tags=["cache"],
    openapi_extra=cache_options.DESCRIBED,
)
async def explain(body: ExplainRequest, request: Request) -> Response:
    """
    Look as a request would, and return its facts: scope, candidates, verdicts, freshness.

    No provider is asked and nothing is stored.
    """
    service, large = service_of(request), context_of(request.scope).is_large
    if body.query is not None:
        explained = await service.explain(chat_of(body.query, service), steered(body.query, request), request)
    else:
        assert body.chat is not None  # noqa: S101  one of the two is there
        asked, chosen = body.chat, service.resolve(body.chat.provider, body.chat.model, prefixed=True)
        chat = await off_loop(lambda: asked.request(*chosen), is_large=large)
        explained = await service.explain(chat, cache_options.parse(request.headers), request)
    # A small request may have large neighbours.
    varied = variety_view(service.gateway.varieties.of(context_of(request.scope).authenticated.namespace))
    content = await off_loop(lambda: _told(explained, varied).model_dump_json().encode(), is_large=True)
    return Response(content, media_type="application/json")


def _told(explained: Explanation, varied: VarietyView) -> Explained:
    return Explained(
        outcome=outcome.name(explained.outcome),
        reason=outcome.detail(explained.outcome),
        asks_provider=explained.asks_provider,
        volatile=explained.volatile,
        personal=explained.personal,
        mode=explained.mode,
        max_wrong=explained.max_wrong,
        needed=explained.needed,
        policy=dict(explained.sources),
        fingerprint=explained.query.fingerprint,
        digest=explained.query.digest,
        scope=[_part(name, value) for name, value in explained.parts.items()],
        threshold=explained.threshold,
        ttl_seconds=explained.ttl,
        not_compared=None if explained.unembedded is None else explained.unembedded.value,
        counted_turns=explained.counted_turns,
        exact=None if explained.exact is None else _candidate(explained.exact, explained.threshold),
        candidates=[_candidate(sight, explained.threshold) for sight in explained.candidates],
        variety=varied,
    )


def _part(name: str, value: JsonValue) -> ScopePart:
    sha256 = hashlib.sha256(canonical_json(value)).hexdigest()
    return ScopePart(name=name, sha256=sha256, value=value if name in _SHOWN else None)


def _candidate(sight: Sight, threshold: float) -> Candidate:
    entry, verdict = sight.candidate.entry, sight.verdict
    return Candidate(
        similarity=sight.candidate.similarity,
        reaches_threshold=sight.candidate.similarity >= threshold,
        verdict=None if verdict is None else Verdict.model_validate(verdict, from_attributes=True),
        fresh=sight.fresh,
        may_stand_in=sight.may_stand_in,
        age_seconds=int(sight.age),
        ttl_left_seconds=int(sight.ttl_left),
        **{**entry_fields(entry), "prompt": entry.prompt[:_SHOWN_CHARACTERS]},
    )
