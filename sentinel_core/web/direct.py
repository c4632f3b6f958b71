"""One call that is no chat, under the caller's rights, limits and budgets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import Request

from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.directives import Controls
from sentinel_core.cache.operator_rules import Rules
from sentinel_core.chat.messages import ChatRequest, Completion, Usage
from sentinel_core.web.context import context_of
from sentinel_core.web.service import Service, check_allowed, service_of

if TYPE_CHECKING:
    from sentinel_core.providers.direct_calls import DirectCalls
    from sentinel_core.tenants.limits import KeyMeter


@dataclass(frozen=True, slots=True)
class Direct:
    """
    A call to `provider` for `model`; `calls` is None where the provider has no such routes here.

    `owner` is the id of the caller's key, "" without keys.
    """

    service: Service
    chat: ChatRequest
    namespace: str
    owner: str
    meter: KeyMeter | None
    calls: DirectCalls | None
    deadline: float
    rules: Rules

    async def admit(self) -> None:
        """Enforce the rate limit; raises RateLimitedError."""
        if self.meter is not None:
            await self.meter.admit()

    def enter_budget(self) -> None:
        """Enforce the budget; raises BudgetSpentError."""
        if self.meter is not None:
            self.meter.forward()

    def left(self) -> float:
        """Return the seconds until the deadline."""
        return self.deadline - self.service.clock.monotonic()

    def charge(self, usage: Usage | None, *, estimated_tokens: int) -> float | None:
        """Charge the usage, or an estimate where it is not known; return the cost, None where it is not known."""
        is_known = usage is not None
        counted = usage or Usage(prompt_tokens=estimated_tokens)
        completion = Completion(self.chat.provider, self.chat.model, {}, "stop", counted)
        bill = self.service.direct.billing.bill(self.chat, completion)
        if self.meter is not None:
            self.meter.charge(bill.tokens, bill.charged_usd)
        return bill.cost_usd if is_known else None

    async def settle(self) -> None:
        """Wait until the charge is counted."""
        if self.meter is not None:
            await self.meter.settle()


def direct_of(
    request: Request, provider: str, model: str, *, local: str = "", controls: Controls | None = None
) -> Direct:
    """
    Return a call after checking the key's rights.

    A call to the provider `local` asks no one outside. Raises NotAllowedError, and InvalidRequestError for a model
    without a price where the operator refuses those.
    """
    service, context = service_of(request), context_of(request.scope)
    known = context.authenticated
    chat = ChatRequest(provider, model, ())
    if provider != local:
        service.check_carried(chat)
    check_allowed(chat, known)
    controls = controls or Controls()
    context.keeps_nothing |= controls.directives.no_store
    deadline = context.deadline_within(service.defaults.timeout)
    ask = CacheRequest(chat, known.namespace, deadline, controls)
    ruled, _ = service.policies.ruled(ask, known, request.scope["path"])
    return Direct(
        service,
        chat,
        known.namespace,
        "" if known.key is None else known.key.id,
        service.meter(context),
        service.direct.calls.get(provider),
        deadline,
        ruled.rules or service.gateway.rules,
    )
