"""Counts, logs and measures requests, for everyone and for each tenant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus
from itertools import groupby
from typing import TYPE_CHECKING

from starlette.requests import Request

from sentinel_core.cache.answer import Answer
from sentinel_core.cache.outcome import BypassReason
from sentinel_core.cache.scope import prompt_of
from sentinel_core.chat.messages import ChatRequest
from sentinel_core.errors import NotCachedError, ProviderError, RequestError
from sentinel_core.learning.experiments import Experiments
from sentinel_core.learning.feedback import RecentAnswers
from sentinel_core.support.bounded import BoundedMap
from sentinel_core.support.clock import Clock
from sentinel_core.telemetry.alike import Alike, AlikeHit
from sentinel_core.telemetry.counters import CRASHED, ERROR, LEFT, NOT_CACHED, REJECTED, Counters
from sentinel_core.telemetry.late_hits import HitRecorder, LateHits
from sentinel_core.telemetry.observed import LONGEST_PROMPT, SEMANTIC_HIT, Observed
from sentinel_core.telemetry.records import Answered, Recorder
from sentinel_core.telemetry.shared_rings import Texts
from sentinel_core.web.context import RequestContext, context_of
from sentinel_core.web.presenting import AnswerView
from sentinel_core.web.privacy import Privacy

if TYPE_CHECKING:
    from sentinel_core.cache.ports import Books, Popularity

_ASK_NO_MODEL = ("/v1/admin", "/v1/cache")
"""Beginnings of the paths whose failures are no requests for an answer."""

_PERSONAL = BypassReason.PERSONAL_DATA.value

CLIENT_CLOSED_REQUEST = 499
"""nginx's status for a caller who left; no one receives it."""

MOST_TENANTS = 2_048
"""Counters by tenant in this process, about 15 MB; the least recently used tenant is evicted."""


class Recording:
    """
    `counters` are everyone's, `tenants` each tenant's own; `books` are those of all instances, None without Redis.

    `owner_of` returns the namespace under which the books keep a tenant's counters. `recent` are the answers that
    feedback may name by request id. `observed` keeps the latest requests, with their texts if `keeps_prompts`; None
    where the process does not live on between requests and shares them with no other. `experiments` sum the arms of a
    policy's experiment. Where `is_late`, repeated exact hits are recorded together, and before anything is read.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        counters: Counters,
        popularity: Popularity,
        recorders: Sequence[Recorder] = (),
        books: Books | None = None,
        owner_of: Callable[[str], str] = str,
        log_prompts: bool = False,
        privacy: Privacy | None = None,
        tenants: BoundedMap[str, Counters] | None = None,
        recent: RecentAnswers | None = None,
        observed: Observed | None = None,
        keeps_prompts: bool = False,
        experiments: Experiments | None = None,
        is_late: bool = False,
    ) -> None:
        self.clock = clock
        self.popularity = popularity
        self.recorders = recorders
        self.books = books
        self.owner_of = owner_of
        self.log_prompts = log_prompts
        self.privacy = Privacy() if privacy is None else privacy
        self.observed = observed
        self.keeps_prompts = keeps_prompts
        self.experiments = experiments
        self._counters = counters
        self._tenants: BoundedMap[str, Counters] = BoundedMap(MOST_TENANTS) if tenants is None else tenants
        self._recent = RecentAnswers() if recent is None else recent
        self._hit_recorders = [each for each in recorders if isinstance(each, HitRecorder)]
        self._prompt_recorders = [each for each in recorders if not isinstance(each, HitRecorder)]
        self._late = LateHits(self) if is_late else None
        if observed is not None:
            observed.late = self._late

    @property
    def counters(self) -> Counters:
        self.settle()
        return self._counters

    @property
    def tenants(self) -> BoundedMap[str, Counters]:
        self.settle()
        return self._tenants

    @property
    def recent(self) -> RecentAnswers:
        self.settle()
        return self._recent

    def settle(self) -> None:
        """Record the hits that are answered and not recorded yet."""
        if self._late is not None:
            self._late.settle()

    def elapsed_ms(self, request: Request) -> float:
        """Return the milliseconds since the request arrived, in whole microseconds."""
        return round((self.clock.monotonic() - context_of(request.scope).started) * 1000, 3)

    def answer(self, request: Request, chat: ChatRequest, view: AnswerView, *, latency_ms: float) -> None:
        """Record an answer; before it leaves, because Lambda freezes the process after it."""
        self.settle()
        context = context_of(request.scope)
        facts = view.facts(
            route=request.scope["path"], latency_ms=latency_ms, request_id=context.request_id, tenant=context.tenant
        )
        answer: Answer = view.answer
        if answer.arm is not None and self.experiments is not None:
            saved, cost = facts.saved_usd, facts.cost_usd
            self.experiments.note(answer.arm, facts.outcome, saved_usd=saved, cost_usd=cost, latency_ms=latency_ms)
        if self.observed is not None:
            self._observe(self.observed, facts, chat, answer, context)
        if self.log_prompts:
            facts = facts._replace(
                prompt=self.privacy.shown(prompt_of(chat)), response=self.privacy.shown(answer.completion.text)
            )
        self._record(facts)
        if answer.entry_id is not None:
            namespace = context.authenticated.namespace
            self._recent.note(namespace, context.request_id, answer.entry_id, answer.asked)
        if answer.reused and answer.entry_id is not None:
            self.popularity.note(context.authenticated.namespace, answer.entry_id, answer.saved_usd or 0.0)

    def alike(self, request: Request, chat: ChatRequest, view: AnswerView) -> Alike:
        """Return the facts that all answers of one entry to one remembered request have in common."""
        context, answer = context_of(request.scope), view.answer
        return Alike(
            view.facts(route=request.scope["path"], latency_ms=0.0, tenant=context.tenant),
            _key_of(context),
            prompt_of(chat)[:LONGEST_PROMPT] if self.keeps_prompts else "",
            answer.entry_id or "",
            context.authenticated.namespace,
            answer.asked,
        )

    def again(self, request: Request, alike: Alike, *, latency_ms: float, store_ms: float) -> None:
        """Record one of those answers, as `answer` does."""
        hit = AlikeHit(alike, self.clock.now(), latency_ms, store_ms, context_of(request.scope).request_id)
        for recorder in self._prompt_recorders:
            recorder.record(hit.answered)
        self.popularity.note(alike.namespace, alike.entry_id, alike.answered.saved_usd or 0.0)
        if self._late is None:
            self.record_hits([hit])
        else:
            self._late.add(hit)

    def record_hits(self, hits: Sequence[AlikeHit]) -> None:
        """Record such answers together, but for the recorders that record each at once, and for the popularity."""
        if self.observed is not None:
            self.observed.note_hits(hits)
        self._counters.record_hits(hits)
        for tenant, own in groupby(hits, _tenant_of):
            if tenant is not None:
                self._of_tenant(tenant).record_hits(list(own))
        for recorder in self._hit_recorders:
            recorder.record_hits(hits)
        for alike, _, _, _, request_id in hits:
            self._recent.note(alike.namespace, request_id, alike.entry_id, alike.asked)

    def failure(self, request: Request, error: RequestError | ProviderError) -> None:
        """Record a request that was answered with an error; a rejected one never reached the cache."""
        provider = error.provider if isinstance(error, ProviderError) else None
        self._failed(request, _outcome(error), error.status, error.code, provider)

    def departure(self, request: Request, provider: str | None = None) -> None:
        """Record a caller who left before the end of the answer, whose cost is unknown then."""
        self._failed(request, LEFT, CLIENT_CLOSED_REQUEST, "client_left", provider)

    def crash(self, request: Request) -> None:
        """Record a request that ended in an unexpected exception."""
        self._failed(request, CRASHED, HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error")

    def feedback(self, request: Request, verdict: str) -> None:
        """Count a caller's verdict on an answer."""
        self.judged(context_of(request.scope).tenant, verdict)

    def judged(self, tenant: str | None, verdict: str) -> None:
        """Count a verdict, right or wrong, on an answer of this tenant."""
        self.settle()
        for counters in (self._counters, *([] if tenant is None else [self.of_tenant(tenant)])):
            counters.feedback[verdict] += 1
        if self.observed is not None:
            self.observed.judge(tenant, verdict)
        if self.books is not None:
            self.books.add_counters({f"feedback_{verdict}": 1}, None if tenant is None else self.owner_of(tenant))

    def of_tenant(self, tenant: str) -> Counters:
        """Return the counters of one tenant, made on first use."""
        self.settle()
        return self._of_tenant(tenant)

    def _of_tenant(self, tenant: str) -> Counters:
        counters = self._tenants.get(tenant)
        if counters is None:
            counters = Counters(self.clock)
            self._tenants.put(tenant, counters)
        return counters

    def _failed(self, request: Request, outcome: str, status: int, code: str, provider: str | None = None) -> None:
        self.settle()
        context = context_of(request.scope)
        facts = Answered(
            route=request.scope["path"],
            outcome=outcome,
            status=status,
            latency_ms=self.elapsed_ms(request),
            detail=code,
            provider=provider,
            request_id=context.request_id,
            tenant=context.tenant,
        )
        if self.observed is not None and not facts.route.startswith(_ASK_NO_MODEL):
            namespace = "" if context.caller is None else context.caller.namespace
            self.observed.note(facts, _key_of(context), namespace=namespace)
        self._record(facts)

    def _observe(
        self, observed: Observed, facts: Answered, chat: ChatRequest, answer: Answer, context: RequestContext
    ) -> None:
        """Note a request; no texts of requests with `no-store`, or with personal data to skip."""
        namespace, entry_id = context.authenticated.namespace, answer.entry_id
        keeps_texts = self.keeps_prompts and not context.keeps_nothing and facts.detail != _PERSONAL
        prompt = prompt_of(chat) if keeps_texts else ""
        observed.note(facts, _key_of(context), prompt, entry_id, namespace)
        if prompt and entry_id is not None and facts.outcome == SEMANTIC_HIT:
            text = answer.completion.text
            texts = Texts(prompt, answer.matched_prompt or "", text, namespace, entry_id, answer.asked)
            observed.note_hit(facts, texts)

    def _record(self, answered: Answered) -> None:
        self._counters.record(answered)
        if answered.tenant is not None:
            self._of_tenant(answered.tenant).record(answered)
        for recorder in self.recorders:
            recorder.record(answered)


def _tenant_of(hit: AlikeHit) -> str | None:
    return hit.alike.answered.tenant


def _key_of(context: RequestContext) -> str | None:
    known = context.caller
    return None if known is None or known.key is None else known.key.id


def _outcome(error: RequestError | ProviderError) -> str:
    if isinstance(error, ProviderError):
        return ERROR
    return NOT_CACHED if isinstance(error, NotCachedError) else REJECTED
