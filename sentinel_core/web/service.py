"""The parts that routes use: the gateway with the operator's defaults, authentication, recording, stored entries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from starlette.requests import Request

from sentinel_core.cache.answer import Answer, CacheRequest, Streaming
from sentinel_core.cache.billing import Billing
from sentinel_core.cache.directives import Controls
from sentinel_core.chat.messages import ChatRequest
from sentinel_core.errors import InvalidRequestError, NotAllowedError
from sentinel_core.gateway.curated_book import CuratedBook
from sentinel_core.gateway.explanation import Explanation
from sentinel_core.gateway.gateway import Gateway
from sentinel_core.gateway.near_misses import NearMisses
from sentinel_core.gateway.straight import Again
from sentinel_core.learning.account import Prices
from sentinel_core.providers.catalogue import model_hint
from sentinel_core.support.clock import Clock
from sentinel_core.support.signing_key import FixedKey, SigningKey
from sentinel_core.web.access import Access
from sentinel_core.web.context import RequestContext, context_of
from sentinel_core.web.end_users import EndUsers
from sentinel_core.web.policies import Policies
from sentinel_core.web.privacy import Privacy
from sentinel_core.web.recording import Recording
from sentinel_core.web.repeats import Repeat, Repeats

if TYPE_CHECKING:
    from sentinel_core.cache.backup import Sealer
    from sentinel_core.cache.pairs import Pairs
    from sentinel_core.cache.ports import Embedder, Inventory, Popularity, Store
    from sentinel_core.cache.purge import Removals
    from sentinel_core.learning.learning import Learning
    from sentinel_core.providers.direct_calls import DirectCalls
    from sentinel_core.support.loop_turns import Pace
    from sentinel_core.telemetry.audit import AuditTrail
    from sentinel_core.tenants.api_key import Caller
    from sentinel_core.tenants.limits import KeyMeter, Limiter
    from sentinel_core.web.model_lists import ModelLists


_LONGEST_NAME = 200  # it is the caller's
LONGEST_MODEL = 1_024
"""Characters of a model's name; those of Amazon Bedrock may be 200 long."""


def _allow(_: ChatRequest) -> tuple[str, str] | None:
    return None


@dataclass(frozen=True, slots=True)
class Defaults:
    """
    `models` maps each provider that may be asked to its default model.

    `split` separates a caller's `provider/model`. `refusal` returns the parameter that the chosen provider does
    not support, and the reason; None if it supports them all. `timeout` is in seconds; after `heartbeat` seconds
    of silence a stream sends a comment, 0: never. Providers in `native_responses` speak the Responses API.
    """

    provider: str
    models: Mapping[str, str]
    split: Callable[[str], tuple[str, str]]
    timeout: float
    refusal: Callable[[ChatRequest], tuple[str, str] | None] = _allow
    batch_concurrency: int = 16
    heartbeat: float = 0.0
    native_responses: frozenset[str] = frozenset()

    def hint(self, chat: ChatRequest) -> str | None:
        """Return what is odd about the name of the model, None if nothing is."""
        is_odd = chat.provider == self.provider and "/" in chat.model
        return model_hint(chat.provider, chat.model, tuple(self.models)) if is_odd else None


@dataclass(frozen=True, slots=True)
class Stored:
    """
    The stored entries, for routes that list, search, rank and delete them.

    `checks` returns each part's state. Receipts of erasures are signed under `receipt_key`; not at all without one.
    """

    store: Store
    inventory: Inventory
    popularity: Popularity
    embedder: Embedder
    checks: Callable[[], Awaitable[Mapping[str, str]]]
    removals: Removals
    pairs: Pairs
    sealer: Sealer
    near_misses: NearMisses = field(default_factory=NearMisses)
    receipt_key: SigningKey = field(default_factory=FixedKey)
    curated: CuratedBook | None = None


@dataclass(frozen=True, slots=True)
class DirectParts:
    """The parts of calls that are no chat: each provider's other routes and lists of models, and their prices."""

    calls: Mapping[str, DirectCalls] = field(default_factory=dict)
    lists: ModelLists | None = None
    billing: Billing = field(default_factory=lambda: Billing(lambda *_: None))


@dataclass(frozen=True, slots=True)
class Service:
    """
    The composition root's product, as the routes see it.

    `settings` returns variable, value and meaning of each setting in force, secrets hidden.
    """

    gateway: Gateway
    defaults: Defaults
    clock: Clock
    recording: Recording
    stored: Stored
    access: Access = field(default_factory=Access)
    limiter: Limiter | None = None
    end_users: EndUsers = field(default_factory=EndUsers)
    privacy: Privacy = field(default_factory=Privacy)
    audit: AuditTrail | None = None
    learning: Learning | None = None
    prices: Prices = field(default_factory=Prices)
    policies: Policies = field(default_factory=Policies)
    direct: DirectParts = field(default_factory=DirectParts)
    settings: Callable[[], Sequence[tuple[str, str, str]]] = tuple
    repeats: Repeats = field(default_factory=Repeats)

    def resolve(self, provider: str | None, model: str | None, *, prefixed: bool = False) -> tuple[str, str]:
        """
        Fill in the operator's defaults.

        With `prefixed` a model may name its provider (`groq/openai/gpt-oss-20b`). Raises
        InvalidRequestError for a provider that is not configured, or that has no model of its own.
        """
        if prefixed and provider is None and model is not None:
            provider, model = self.defaults.split(model)
        chosen = provider or self.defaults.provider
        if chosen not in self.defaults.models:
            known = ", ".join(sorted(self.defaults.models))
            raise InvalidRequestError(f"provider: must be one of {known}", code="unknown_provider", param="provider")
        check_model_name(model)
        model = model or self.defaults.models[chosen]
        if not model:
            raise InvalidRequestError(f"model: {chosen} has no default model", code="model_required", param="model")
        return chosen, model

    async def answer(self, chat: ChatRequest, controls: Controls, request: Request, body: object = None) -> Answer:
        """Answer a request; one with a `body` is remembered if an exact hit answers it."""
        policy, ask = self.policies.current(), await self._cache_request(chat, controls, request)
        answer = await self.gateway.answer(ask)
        if body is not None:
            self.repeats.keep(context_of(request.scope), policy, body, ask, answer)
        return answer

    def repeated(self, request: Request, raw: bytes) -> Repeat | None:
        """Return an earlier request with the same bytes that an exact hit answered."""
        return self.repeats.find(request.scope, raw, self.policies.current())

    async def answer_again(self, repeat: Repeat, request: Request) -> Answer | Again:
        """Answer a request whose bytes came before, as `answer` does; an exact hit in short."""
        context = context_of(request.scope)
        until = context.deadline_within(self.defaults.timeout)
        return await self.gateway.answer_again(repeat.repeated, until, self.meter(context))

    async def answer_in_batch(self, chat: ChatRequest, controls: Controls, request: Request, batch: Gateway) -> Answer:
        """Answer by the gateway of a batch."""
        return await batch.answer(await self._cache_request(chat, controls, request))

    def batching(self, pace: Pace) -> Gateway:
        return self.gateway.for_batch(concurrency=self.defaults.batch_concurrency, pace=pace)

    async def explain(self, chat: ChatRequest, controls: Controls, request: Request) -> Explanation:
        return await self.gateway.explain(await self._cache_request(chat, controls, request))

    async def stream(self, chat: ChatRequest, controls: Controls, request: Request) -> Answer | Streaming:
        return await self.gateway.stream(await self._cache_request(chat, controls, request))

    async def _cache_request(self, chat: ChatRequest, controls: Controls, request: Request) -> CacheRequest:
        self.check_carried(chat)
        context = context_of(request.scope)
        context.keeps_nothing |= controls.directives.no_store
        context.hint = self.defaults.hint(chat)
        known = context.authenticated
        check_allowed(chat, known)
        if known.key is not None:
            chat = replace(chat, key=known.key.id, reach=known.reach)
        deadline = context.deadline_within(self.defaults.timeout)
        chat = replace(chat, is_large=True) if context.is_large else chat
        route = request.scope["path"]
        meter = self.meter(context)
        ask = CacheRequest(chat, known.namespace, deadline, controls, meter=meter, route=route, tenant=context.tenant)
        arm = self.policies.arm(ask, known, request.headers)
        ask = ask if arm is None else replace(ask, arm=arm)
        ask, effects = self.policies.ruled(ask, known, route)
        ask = await self.end_users.assigned(ask, request.headers, known, effects.user_scope)
        return await self.privacy.applied(ask, effects.personal_data)

    async def admit(self, request: Request) -> None:
        """Count a request that asks for no answer; raises RateLimitedError over the limit."""
        meter = self.meter(context_of(request.scope))
        if meter is not None:
            await meter.admit()

    def check_carried(self, chat: ChatRequest) -> None:
        """Raise InvalidRequestError for a parameter that the provider does not take."""
        refusal = self.defaults.refusal(chat)
        if refusal is not None:
            param, reason = refusal
            raise InvalidRequestError(f"{param}: {reason}", code="unsupported_parameter", param=param)

    def meter(self, context: RequestContext) -> KeyMeter | None:
        """Return the meter of a request; None for a caller without limits."""
        known = context.authenticated
        if self.limiter is None or known.key is None or not known.is_limited:
            return None
        meter = self.limiter.meter(known.key)
        context.meters.append(meter)
        return meter


def check_model_name(model: str | None) -> None:
    """Raise InvalidRequestError for a name that is longer than any provider's: breakers and prices are kept by it."""
    if model is not None and len(model) > LONGEST_MODEL:
        raise InvalidRequestError(
            f"model: must have {LONGEST_MODEL} characters at most", code="invalid_value", param="model"
        )


def check_allowed(chat: ChatRequest, known: Caller) -> None:
    """Raise NotAllowedError for a model that the caller's key may not ask."""
    if not known.allows(chat.provider, chat.model):
        name = f"{chat.provider}/{chat.model}"[:_LONGEST_NAME]
        raise NotAllowedError(f"model: this key may not ask {name}", code="model_not_allowed", param="model")


def service_of(request: Request) -> Service:
    """Return the service of the application that serves this request."""
    service: Service = request.scope["app"].state.service
    return service


async def admitted(request: Request) -> Service:
    """Return the service, with a request that asks for no answer counted; raises RateLimitedError over the limit."""
    service = service_of(request)
    await service.admit(request)
    return service
