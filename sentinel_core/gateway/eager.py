"""Provider calls begun while a prompt is embedded or judged: a miss waits less, a semantic hit pays for a call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import replace
from typing import Any, TypeAlias

from sentinel_core.cache.answer import Answer
from sentinel_core.cache.decided import Forwarding
from sentinel_core.cache.fetching import Asking, Fetched
from sentinel_core.cache.odds import OUTRUN
from sentinel_core.cache.outcome import Miss
from sentinel_core.cache.plan import Plan, Trace
from sentinel_core.cache.verdict import Verdict
from sentinel_core.chat.messages import Completion
from sentinel_core.errors import ProviderError, RequestError
from sentinel_core.gateway.settlement import Settlement
from sentinel_core.support.background import Background
from sentinel_core.support.clock import Clock, Timer
from sentinel_core.support.single_flight import SingleFlight

Call: TypeAlias = Coroutine[Any, Any, Completion]


class EagerCalls:
    """
    The calls begun early, one for each flight, until a decision takes them.

    A call that is not taken goes on in the background, because it is paid for: its answer is charged and stored, and
    `on_unused` gets it. While the `background` is full, none begins. Where it `is_at_once`, calls begin while the
    prompt is embedded, else only beside a judge's question.
    """

    def __init__(
        self,
        settlement: Settlement,
        background: Background,
        clock: Clock,
        flights: SingleFlight[Fetched],
        on_unused: Callable[[Answer], None],
        *,
        is_at_once: bool = True,
    ) -> None:
        self._settlement = settlement
        self._background = background
        self._clock = clock
        self._flights = flights
        self._on_unused = on_unused
        self.is_at_once = is_at_once
        self._calls: dict[Hashable, asyncio.Task[Completion]] = {}

    def begin(self, plan: Plan, call: Callable[[], Call]) -> None:
        """Begin the call of a plan that leads and may store, within its budget, unless one is under way."""
        is_under_way = plan.flight in self._calls or plan.flight in self._flights
        if plan.leased is None or is_under_way or self._background.is_full or plan.rules.mode == "shadow":
            return
        try:
            plan.ask.enter_budget()
        except RequestError:  # raised again where a provider is needed: a hit needs no budget
            return
        task = asyncio.create_task(call())
        task.add_done_callback(_take_error)
        self._background.watch(task)
        self._calls[plan.flight] = task

    def take(self, plan: Plan) -> asyncio.Task[Completion] | None:
        """Return the call that was begun for this plan, which is the caller's from now on."""
        return self._calls.pop(plan.flight, None)

    async def race(self, plan: Plan, consulting: Coroutine[Any, Any, Verdict], verdict: Verdict) -> Verdict:
        """
        Return the judge's verdict, or a refusal where the begun call answers first; `verdict` is the gate's.

        Without a call, or with one that failed, the judge is waited for. Its word is kept in any case.
        """
        call = self._calls.get(plan.flight)
        if call is None:
            return await consulting
        asking = self._background.begin(consulting)
        if asking is None:
            return verdict
        await asyncio.wait({asking, call}, return_when=asyncio.FIRST_COMPLETED)
        if asking.done() or call.cancelled() or call.exception() is not None:
            return await asyncio.shield(asking)
        return replace(verdict, passed=False, rule=OUTRUN)

    def leave(self, plan: Plan, trace: Trace) -> bool:
        """
        Have a call that was not taken finished in the background; return whether there was one.

        `trace` holds the prompt's vector, if known.
        """
        task = self.take(plan)
        if task is not None and self._background.begin(self._finish(task, plan, trace)) is None:
            task.cancel()
            self._settlement.charge_unanswered(plan.ask)
        return task is not None

    async def _finish(self, task: asyncio.Task[Completion], plan: Plan, trace: Trace) -> None:
        timer, forwarding = Timer(self._clock), Forwarding(plan, trace, Miss())
        try:
            with timer.stage("provider"):
                completion = await task
        except ProviderError as error:
            if error.may_bill:
                self._settlement.charge_unanswered(plan.ask)
            return
        call = await self._settlement.settle(Asking(forwarding), completion, timer)
        self._on_unused(call.answer(forwarding, timer.stages))


def _take_error(task: asyncio.Task[Completion]) -> None:
    """Keep asyncio from logging an error that is raised to the taker, or charged."""
    if not task.cancelled():
        task.exception()
