"""Looks for an entry that may answer: exact first, then by meaning."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from sentinel_core.cache import policy
from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.near_miss import MARGIN, NearMiss
from sentinel_core.cache.outcome import Bypass, BypassReason, Hit, HitKind, Miss, MissDetail, Stale
from sentinel_core.cache.policy import Rules
from sentinel_core.cache.ports import Candidate, Embedder, Store, Vector
from sentinel_core.cache.scope import Query, digest, entry_id, parts, split
from sentinel_core.errors import CacheError, PromptTooLongError
from sentinel_core.gateway.batching import BatchEmbedder
from sentinel_core.gateway.explanation import Explanation, Sight
from sentinel_core.gateway.judging import Judgement, are_long, in_time, nearest_outcome, passing
from sentinel_core.matching.canonical_text import comparable
from sentinel_core.matching.gate import Gate, Verdict, judged
from sentinel_core.support.clock import Clock, Timer

CANDIDATES = 4
EMBED_SECONDS = 5.0
BATCH_EMBED_SECONDS = 20.0
EXPLAINED = 8
"""How many candidates are shown to those who ask why, whatever their similarity."""

_STORE_UNAVAILABLE = Bypass(BypassReason.STORE_UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class Reuse:
    """An entry that answers; `entry_id` is its name in the namespace."""

    outcome: Hit | Stale
    entry: Entry
    entry_id: str


@dataclass(frozen=True, slots=True)
class Forward:
    """
    No entry answers: ask the provider.

    `query` is None where the answer must not be shared. `vector` is the prompt's, where it was computed.
    `stale` may stand in if the provider fails, `revalidate` while it is asked. `seen` is the entry of this
    very prompt that was not good enough; `near` is what came nearest to answering. Unless this instance
    `leads`, another one is asking the provider the same right now.
    """

    outcome: Miss | Bypass
    query: Query | None = None
    vector: Vector | None = None
    stale: Reuse | None = None
    revalidate: Reuse | None = None
    seen: Entry | None = None
    leads: bool = True
    near: NearMiss | None = None


class Lookup:
    """The cache's half of the use case; every CacheError ends here."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        rules: Rules,
        gate: Gate,
        *,
        clock: Clock,
        embed_seconds: float = EMBED_SECONDS,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._rules = rules
        self._gate = gate
        self._clock = clock
        self._now = clock.now
        self._embed_seconds = embed_seconds

    def together(self, store: Store) -> Lookup:
        """Return one like this for a batch, which may embed for longer."""
        embedder = BatchEmbedder(self._embedder)
        seconds = BATCH_EMBED_SECONDS + self._embed_seconds
        return Lookup(store, embedder, self._rules, self._gate, clock=self._clock, embed_seconds=seconds)

    async def find(
        self, ask: CacheRequest, timer: Timer, *, lease_seconds: float | None = None, patience: float = math.inf
    ) -> Reuse | Forward:
        """
        Look as far as the request and the state of the cache allow; fails only if the meter says so.

        With `lease_seconds`, a miss also asks whether this instance leads, for so long. What would take the
        store longer than `patience` seconds in all is not begun: a slow answer is worse than a miss.
        """
        reason = ask.bypass or policy.bypass_reason(ask.request, self._rules)
        query = None if reason is not None else split(ask.request, ask.namespace)
        if query is None or ask.controls.directives.no_cache:
            await _admit(ask)
            return Forward(Bypass(reason or BypassReason.NO_CACHE), query)
        exact = await self._search_exactly(ask, query, timer)
        await _admit(ask)
        if isinstance(exact, Reuse) or exact.outcome == _STORE_UNAVAILABLE:
            return exact
        if not policy.is_comparable(ask.request):
            return replace(exact, outcome=Miss(MissDetail.NOT_TEXT))
        if not policy.is_in_time(timer.seconds("store"), 1, 2, patience):
            return replace(exact, outcome=Miss(MissDetail.STORE_SLOW))
        try:
            return await self._search_by_meaning(ask, exact, query, timer, lease_seconds, patience)
        except CacheError:
            return replace(exact, outcome=_STORE_UNAVAILABLE)

    async def stand_in(self, ask: CacheRequest, forward: Forward) -> Reuse | None:
        """Return what may answer now that the provider has failed; one who said `no-cache` has not looked yet."""
        if forward.stale is not None or forward.query is None or not ask.controls.directives.no_cache:
            return forward.stale
        try:
            entry = await self._store.load(forward.query)
        except CacheError:
            return None
        return None if entry is None else self._stale(ask, forward.query, Candidate(entry, 1.0), HitKind.EXACT)

    async def embed(self, prompt: str) -> Vector | MissDetail:
        """Return the prompt's vector, or why there is none."""
        try:
            async with asyncio.timeout(self._embed_seconds):
                return await self._embedder.embed(comparable(prompt))
        except PromptTooLongError:
            return MissDetail.PROMPT_TOO_LONG
        except (CacheError, TimeoutError):
            return MissDetail.EMBEDDER_UNAVAILABLE

    async def _search_exactly(self, ask: CacheRequest, query: Query, timer: Timer) -> Reuse | Forward:
        try:
            with timer.stage("store"):
                entry = await self._store.load(query)
        except CacheError:
            return Forward(_STORE_UNAVAILABLE, query)
        found = self._choose(ask, query, [] if entry is None else [Candidate(entry, 1.0)], HitKind.EXACT)
        return found if isinstance(found, Reuse) else replace(found, seen=entry)

    async def _search_by_meaning(
        self,
        ask: CacheRequest,
        exact: Forward,
        query: Query,
        timer: Timer,
        lease_seconds: float | None,
        patience: float,
    ) -> Reuse | Forward:
        vector, leads = await asyncio.gather(
            self._vector(query, timer), self._refresh(query, timer, lease_seconds, exact.seen)
        )
        if isinstance(vector, MissDetail):
            return replace(exact, outcome=Miss(vector), leads=leads)
        if not policy.is_in_time(timer.seconds("store"), 2, 1, patience):
            return replace(exact, outcome=Miss(MissDetail.STORE_SLOW), vector=vector, leads=leads)
        floor = policy.threshold(ask.controls, self._rules)
        with timer.stage("search"):
            near = await self._store.nearest(query, vector, floor=floor, limit=CANDIDATES)
            found, judgements = await self._judge(ask, query, near, floor)
        if isinstance(found, Reuse):
            await self._store.release(query, soon=True)
            return found
        return Forward(
            nearest_outcome(found.outcome, exact.outcome, [verdict for _, verdict in judgements]),
            query,
            vector,
            exact.stale or found.stale,
            exact.revalidate or found.revalidate,
            exact.seen,
            leads,
            await self._near_miss(ask, query, vector, floor, judgements),
        )

    async def _judge(
        self, ask: CacheRequest, query: Query, near: Sequence[Candidate], floor: float
    ) -> tuple[Reuse | Forward, list[Judgement]]:
        """Judge the nearest first, within `JUDGE_SECONDS`; long prompts off the event loop."""
        judgements: list[Judgement] = []
        passed = passing(in_time(judged(self._gate, query.prompt, near, floor), self._clock), judgements)
        choose = partial(self._choose, ask, query, passed, HitKind.SEMANTIC)
        found = await asyncio.to_thread(choose) if are_long(query.prompt, (each.prompt for each in near)) else choose()
        return found, judgements

    async def _near_miss(
        self, ask: CacheRequest, query: Query, vector: Vector, floor: float, judgements: Sequence[Judgement]
    ) -> NearMiss | None:
        """Say what came nearest; of one who wants nothing stored, nothing is."""
        if ask.controls.directives.no_store or any(verdict.passed for _, verdict in judgements):
            return None
        if judgements:
            candidate, verdict = judgements[0]
            return NearMiss(self._now(), query, digest(candidate.prompt), candidate.similarity, floor, verdict)
        below = await self._store.glimpse(query, vector, floor=floor - MARGIN)
        return None if below is None else NearMiss(self._now(), query, *below, floor, None)

    async def _vector(self, query: Query, timer: Timer) -> Vector | MissDetail:
        with timer.stage("embed"):
            return await self.embed(query.prompt)

    async def _refresh(self, query: Query, timer: Timer, lease_seconds: float | None, seen: Entry | None) -> bool:
        with timer.stage("store"):
            return await self._store.refresh(query, lease_seconds=lease_seconds, seen=seen)

    def _choose(self, ask: CacheRequest, query: Query, near: Iterable[Candidate], kind: HitKind) -> Reuse | Forward:
        """Take the nearest candidate that is fresh; remember the nearest that may be served stale."""
        now = self._now()
        stale, revalidate, detail = None, None, None
        for candidate in near:
            if policy.is_fresh(candidate.entry, ask.controls.directives, now):
                hit = Hit(kind, candidate.similarity, candidate.entry.age(now))
                return Reuse(hit, candidate.entry, _entry_id(query, candidate, kind))
            stale, detail = stale or self._stale(ask, query, candidate, kind), MissDetail.EXPIRED
            revalidate = revalidate or self._revalidate(ask, query, candidate, kind)
        return Forward(Miss(detail), query, stale=stale, revalidate=revalidate)

    def _stale(self, ask: CacheRequest, query: Query, candidate: Candidate, kind: HitKind) -> Reuse | None:
        now = self._now()
        if not policy.may_serve_stale(candidate.entry, ask.controls.directives, self._rules, now):
            return None
        stale = Stale(kind, candidate.similarity, candidate.entry.age(now))
        return Reuse(stale, candidate.entry, _entry_id(query, candidate, kind))

    def _revalidate(self, ask: CacheRequest, query: Query, candidate: Candidate, kind: HitKind) -> Reuse | None:
        now = self._now()
        if not policy.may_revalidate(candidate.entry, ask.controls.directives, self._rules, now):
            return None
        stale = Stale(kind, candidate.similarity, candidate.entry.age(now), revalidating=True)
        return Reuse(stale, candidate.entry, _entry_id(query, candidate, kind))

    async def explain(self, ask: CacheRequest, timer: Timer) -> Explanation:
        """Look as `find` does, and tell all that was seen; of what the store cannot show, nothing is told."""
        found = await self.find(ask, timer)
        query = split(ask.request, ask.namespace)
        told = Explanation(
            found.outcome,
            query,
            parts(ask.request, ask.namespace),
            policy.threshold(ask.controls, self._rules),
            policy.time_to_live(ask.controls, self._rules),
            ask.volatile,
            ask.personal,
        )
        if isinstance(found.outcome, Bypass):
            return told
        with suppress(CacheError):
            return await self._show(ask, query, told)
        return told

    async def _show(self, ask: CacheRequest, query: Query, told: Explanation) -> Explanation:
        entry = await self._store.load(query)
        exact = None if entry is None else self._sight(ask, Candidate(entry, 1.0), None)
        if not policy.is_comparable(ask.request):
            return replace(told, exact=exact, unembedded=MissDetail.NOT_TEXT)
        vector = await self.embed(query.prompt)
        if isinstance(vector, MissDetail):
            return replace(told, exact=exact, unembedded=vector)
        near = await self._store.nearest(query, vector, floor=0.0, limit=EXPLAINED)
        verdicts = await asyncio.to_thread(self._examined, query.prompt, near)
        sights = [self._sight(ask, *pair) for pair in zip(near, verdicts, strict=True)]
        return replace(told, exact=exact, candidates=sights)

    def _examined(self, prompt: str, near: Sequence[Candidate]) -> list[Verdict]:
        """Ask every rule about each candidate, which takes up to 40 ms for each."""
        return [self._gate.examine(prompt, each.prompt, each.similarity) for each in near]

    def _sight(self, ask: CacheRequest, candidate: Candidate, verdict: Verdict | None) -> Sight:
        entry, now, directives = candidate.entry, self._now(), ask.controls.directives
        return Sight(
            candidate,
            verdict,
            fresh=policy.is_fresh(entry, directives, now),
            may_stand_in=policy.may_serve_stale(entry, directives, self._rules, now),
            age=entry.age(now),
            ttl_left=entry.ttl - entry.age(now),
        )


def _entry_id(query: Query, candidate: Candidate, kind: HitKind) -> str:
    return query.entry_id if kind is HitKind.EXACT else entry_id(query.fingerprint, digest(candidate.prompt))


async def _admit(ask: CacheRequest) -> None:
    """Only now: the round trip before this has carried the count."""
    if ask.meter is not None:
        await ask.meter.admit()
