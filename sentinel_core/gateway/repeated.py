"""The beginning of a lookup, worked out once for a request that comes again with the same bytes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.decision import Arrived, Bypassed
from sentinel_core.cache.plan import Plan
from sentinel_core.cache.ports import Meter
from sentinel_core.cache.scope_variety import Sample
from sentinel_core.chat.messages import ChatRequest, Progress

_DAY = 86_400.0
_LATER_TURN = 3  # messages; with so many an earlier turn may count as another prompt, which changes with time


@dataclass(slots=True)
class Repeated:
    """
    A request whose bytes were answered before, and its first state: a repeated exact hit need not work it out again.

    `state` is None until it is known. It holds on one `day`, in days since 1970, for rules on dates go by the day.
    """

    ask: CacheRequest
    state: Arrived | None = None
    sample: Sample | None = None
    day: int = 0

    def known(self, now: float) -> Arrived | None:
        """Return the first state if it is known and holds; it has neither meter nor deadline."""
        return self.state if self.day == int(now // _DAY) else None

    def asked(self, deadline: float, meter: Meter | None) -> CacheRequest:
        """Return the request as it comes now."""
        return _again(self.ask, deadline, meter)

    def keep(self, state: Arrived | Bypassed, sample: Sample | None, now: float) -> None:
        """Keep a state without its meter, if it is one that stays the same."""
        if isinstance(state, Bypassed) or len(state.plan.ask.request.messages) >= _LATER_TURN:
            return
        plan = replace(state.plan, ask=replace(state.plan.ask, meter=None))
        self.state, self.sample, self.day = replace(state, plan=plan), sample, int(now // _DAY)


def again(known: Arrived, deadline: float, meter: Meter | None) -> Arrived:
    """Return the same first state of another request."""
    plan = known.plan
    ask = _again(plan.ask, deadline, meter)
    plan = Plan(ask, plan.rules, plan.query, plan.store_budget, plan.takes_lease, plan.may_revalidate)
    return Arrived(plan, known.trace, known.query)


def _again(ask: CacheRequest, deadline: float, meter: Meter | None) -> CacheRequest:
    """Return a copy for another request; `dataclasses.replace` takes three times as long."""
    chat = ask.request
    request = ChatRequest(
        chat.provider,
        chat.model,
        chat.messages,
        chat.params,
        chat.hints,
        chat.user,
        chat.key,
        chat.is_large,
        chat.reach,
        chat.is_masked,
        chat.native,
        Progress(),
    )
    return CacheRequest(
        request,
        ask.namespace,
        deadline,
        ask.controls,
        ask.volatile,
        meter,
        ask.author,
        ask.personal,
        ask.bypass,
        ask.masked,
        ask.exact_only,
        ask.rules,
        ask.sources,
        ask.route,
        ask.tenant,
        ask.arm,
        ask.counted,
    )
