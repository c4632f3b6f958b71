"""What every route needs: the gateway, the operator's defaults, and one way to answer, record and respond."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.requests import Request

from sentinel_core.cache import outcome
from sentinel_core.cache.answer import Answer, CacheRequest, Streaming
from sentinel_core.cache.directives import Controls
from sentinel_core.cache.scope import prompt_of
from sentinel_core.chat.messages import ChatRequest
from sentinel_core.errors import InvalidRequestError, NotAllowedError, NotCachedError, ProviderError, RequestError
from sentinel_core.gateway.explanation import Explanation
from sentinel_core.gateway.gateway import Gateway
from sentinel_core.gateway.near_misses import NearMisses
from sentinel_core.support.clock import Clock
from sentinel_core.telemetry.counters import CRASHED, ERROR, LEFT, NOT_CACHED, REJECTED, Counters
from sentinel_core.telemetry.records import Answered, Recorder, describe
from sentinel_core.tenants.api_key import Caller

if TYPE_CHECKING:
    from sentinel_core.cache.ports import Books, Embedder, Inventory, Popularity, Store
    from sentinel_core.tenants.directory import Directory
    from sentinel_core.tenants.limits import KeyMeter, Limiter


_LONGEST_NAME = 200  # it is the caller's
ENTRY = "x-sentinel-entry"
CLIENT_CLOSED_REQUEST = 499
"""nginx's word for a caller who left; nobody is told."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """
    `models` maps each provider that may be asked to the model it is asked for where the caller names none.

    `split` takes a caller's `provider/model` apart.
    """

    provider: str
    models: Mapping[str, str]
    split: Callable[[str], tuple[str, str]]
    timeout: float
    log_prompts: bool = False
    batch_concurrency: int = 16


@dataclass(frozen=True, slots=True)
class Service:
    """
    The composition root's product, as the routes see it.

    Without a `directory` nobody is asked for a key; `admin` is the SHA-256 of the operator's.
    `counters` are everyone's, `shares` each tenant's own.
    """

    gateway: Gateway
    defaults: Defaults
    clock: Clock
    counters: Counters
    store: Store
    inventory: Inventory
    popularity: Popularity
    embedder: Embedder
    refusal: Callable[[ChatRequest], tuple[str, str] | None]
    checks: Callable[[], Awaitable[Mapping[str, str]]]
    recorders: Sequence[Recorder] = field(default=())
    books: Books | None = None
    near_misses: NearMisses = field(default_factory=NearMisses)
    directory: Directory | None = None
    limiter: Limiter | None = None
    admin: str | None = None
    shares: dict[str, Counters] = field(default_factory=dict)

    def resolve(self, provider: str | None, model: str | None, *, prefixed: bool = False) -> tuple[str, str]:
        """
        Fill in the operator's defaults.

        With `prefixed` a model may name its provider (`groq/openai/gpt-oss-20b`). Raises
        InvalidRequestError for a provider that is not configured.
        """
        if prefixed and provider is None and model is not None:
            provider, model = self.defaults.split(model)
        chosen = provider or self.defaults.provider
        if chosen not in self.defaults.models:
            known = ", ".join(sorted(self.defaults.models))
            raise InvalidRequestError(f"provider: must be one of {known}", code="unknown_provider", param="provider")
        return chosen, model or self.defaults.models[chosen]

    async def answer(
        self, chat: ChatRequest, controls: Controls, request: Request, gateway: Gateway | None = None
    ) -> Answer:
        """Answer by the gateway, or by a batch's own."""
        return await (gateway or self.gateway).answer(self._ask(chat, controls, request))

    def batching(self) -> Gateway:
        return self.gateway.together(concurrency=self.defaults.batch_concurrency)

    async def explain(self, chat: ChatRequest, controls: Controls, request: Request) -> Explanation:
        return await self.gateway.explain(self._ask(chat, controls, request))

    async def stream(self, chat: ChatRequest, controls: Controls, request: Request) -> Answer | Streaming:
        return await self.gateway.stream(self._ask(chat, controls, request))

    def _ask(self, chat: ChatRequest, controls: Controls, request: Request) -> CacheRequest:
        """Bound the request by the operator's timeout, or by a platform's own deadline where it set an earlier one."""
        refusal = self.refusal(chat)
        if refusal is not None:
            param, reason = refusal
            raise InvalidRequestError(f"{param}: {reason}", code="unsupported_parameter", param=param)
        known = caller(request)
        if not known.allows(chat.provider, chat.model):
            name = f"{chat.provider}/{chat.model}"[:_LONGEST_NAME]
            raise NotAllowedError(f"model: this key may not ask {name}", code="model_not_allowed", param="model")
        deadline = min(started(request) + self.defaults.timeout, request.scope.get("sentinel.deadline", math.inf))
        return CacheRequest(chat, known.namespace, deadline, controls, meter=self._meter(known, request))

    async def admit(self, request: Request) -> None:
        """Count a request that asks for no answer; raises RateLimitedError if it is one too many."""
        meter = self._meter(caller(request), request)
        if meter is not None:
            await meter.admit()

    def _meter(self, known: Caller, request: Request) -> KeyMeter | None:
        if self.limiter is None or known.key is None or not known.is_limited:
            return None
        meter = self.limiter.meter(known.key, request.scope["sentinel.told"])
        request.scope["sentinel.meters"].append(meter)
        return meter

    def elapsed_ms(self, request: Request) -> float:
        return (self.clock.monotonic() - started(request)) * 1000

    def record_answer(self, request: Request, chat: ChatRequest, answer: Answer, *, latency_ms: float) -> None:
        """Count, log and measure an answer; before it leaves, for Lambda freezes after it."""
        facts = describe(
            answer,
            route=request.scope["path"],
            latency_ms=latency_ms,
            request_id=request_id(request),
            tenant=tenant(request),
        )
        if self.defaults.log_prompts:
            facts = facts._replace(prompt=prompt_of(chat), response=answer.completion.text)
        self._record(facts)
        if answer.reused and answer.entry_id is not None:
            self.popularity.note(caller(request).namespace, answer.entry_id, answer.saved_usd or 0.0)

    def record_failure(self, request: Request, error: RequestError | ProviderError) -> None:
        """Count a request that got an error; one that broke our rules never reached the cache."""
        provider = error.provider if isinstance(error, ProviderError) else None
        self._record_failure(request, _word(error), error.status, error.code, provider)

    def record_departure(self, request: Request, provider: str) -> None:
        """Count a caller who left while the answer was streamed; what it has cost is not known."""
        self._record_failure(request, LEFT, CLIENT_CLOSED_REQUEST, "client_left", provider)

    def record_crash(self, request: Request) -> None:
        """Count a request that met an error nobody foresaw."""
        self._record_failure(request, CRASHED, HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error")

    def _record_failure(
        self, request: Request, outcome: str, status: int, code: str, provider: str | None = None
    ) -> None:
        failed = Answered(
            route=request.scope["path"],
            outcome=outcome,
            status=status,
            latency_ms=self.elapsed_ms(request),
            detail=code,
            provider=provider,
            request_id=request_id(request),
            tenant=tenant(request),
        )
        self._record(failed)

    def share(self, tenant: str) -> Counters:
        """Return the counters of one tenant; there are as many as tenants whose keys were used."""
        if tenant not in self.shares:
            self.shares[tenant] = Counters(self.clock.now)
        return self.shares[tenant]

    def record_feedback(self, request: Request, verdict: str) -> None:
        """Count what a caller said of an answer."""
        name, known = tenant(request), self.directory
        for counters in (self.counters, *([] if name is None else [self.share(name)])):
            counters.feedback[verdict] += 1
        if self.books is not None:
            owner = None if name is None or known is None else known.own_namespace(name)
            self.books.add_counters({f"feedback_{verdict}": 1}, owner)

    def _record(self, answered: Answered) -> None:
        self.counters.record(answered)
        if answered.tenant is not None:
            self.share(answered.tenant).record(answered)
        for recorder in self.recorders:
            recorder.record(answered)


def _word(error: RequestError | ProviderError) -> str:
    if isinstance(error, ProviderError):
        return ERROR
    return NOT_CACHED if isinstance(error, NotCachedError) else REJECTED


def started(request: Request) -> float:
    """Return the monotonic time at which the request arrived, as the outermost layer read it."""
    moment: float = request.scope["sentinel.started"]
    return moment


def caller(request: Request) -> Caller:
    """Return who asks, as the door made out."""
    known: Caller = request.scope["sentinel.caller"]
    return known


def tenant(request: Request) -> str | None:
    """Return whose key the request came with; None where none was asked for, or none was good."""
    known: Caller | None = request.scope.get("sentinel.caller")
    return None if known is None or known.key is None else known.key.tenant


def request_id(request: Request) -> str:
    identifier: str = request.scope["sentinel.request_id"]
    return identifier


def headers(answer: Answer, latency_ms: float) -> dict[str, str]:
    """Write the outcome as RFC 9211, RFC 9111 and Server-Timing have it."""
    told = {
        "cache-status": outcome.cache_status(answer.outcome, stored=answer.stored, collapsed=answer.collapsed),
        "server-timing": ", ".join(
            f"{name};dur={ms:.3f}" for name, ms in {**answer.timings, "total": latency_ms}.items()
        ),
    }
    if answer.entry_id is not None:
        told[ENTRY] = answer.entry_id
    if (age := outcome.age(answer.outcome)) is not None:
        told["age"] = str(age)
    if (similarity := outcome.similarity(answer.outcome)) is not None:
        told["x-sentinel-similarity"] = f"{similarity:.4f}"
    return told
