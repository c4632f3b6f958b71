"""The parts of a lookup: store, embedder and gate."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.curated import LEADS
from sentinel_core.cache.decision import Comparing
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.operator_rules import NO_JUDGE, Rules
from sentinel_core.cache.outcome import MissDetail
from sentinel_core.cache.pairs import ASKED, Pairs, Relation, key_of, verdict_of
from sentinel_core.cache.plan import Extract
from sentinel_core.cache.ports import LEASE_SECONDS, Candidate, Embedder, Store, Vector
from sentinel_core.cache.rewording import Recall
from sentinel_core.cache.scope import Query
from sentinel_core.cache.verdict import Verdict, Zone
from sentinel_core.errors import CacheError, PromptTooLongError
from sentinel_core.gateway.batch_ports import BatchEmbedder, BatchStore
from sentinel_core.gateway.conversations import Conversations
from sentinel_core.gateway.curated_book import CuratedBook
from sentinel_core.gateway.judging import JUDGED_ON_LOOP, ComparedCandidate, are_long
from sentinel_core.gateway.rewordings import Rewordings
from sentinel_core.learning.learning import Learning
from sentinel_core.matching.canonical_text import comparable
from sentinel_core.matching.gate import Gate
from sentinel_core.matching.raw_rules import RAW_RULES
from sentinel_core.matching.residual import Comparison, compare_all, compared, leaves_rests
from sentinel_core.matching.residual.extracts import extracts
from sentinel_core.support.begun import Begun
from sentinel_core.support.clock import Timer
from sentinel_core.support.loop_turns import Pace
from sentinel_core.support.off_loop import JUDGING, off_loop
from sentinel_core.support.work_places import WorkPlaces

EMBED_SECONDS = 5.0
BATCH_EMBED_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Lookup:
    """
    Store, embedder and gate.

    `embed_seconds` limits the wait for one vector; prompts of more than `judged_on_loop` characters are judged in a
    thread. `raw_rules` are those that compare raw texts. `pairs` are the judged pairs, None where none are kept.
    `learning` is None without a judge. `curated` finds curated answers, None where there can be none.
    Prompts are remembered in `rewordings`, and their matches checked by `recall`; answered turns in `conversations`.
    None for no memory. A lookup takes a place at `work`, None where it takes none, as in a batch, which has a pace.
    The store `is_local` where it is this process's memory, which is never waited for.
    """

    store: Store
    embedder: Embedder
    gate: Gate
    embed_seconds: float = EMBED_SECONDS
    judged_on_loop: int = JUDGED_ON_LOOP
    raw_rules: frozenset[str] = frozenset(RAW_RULES)
    pairs: Pairs | None = None
    learning: Learning | None = None
    rewordings: Rewordings | None = None
    recall: Recall | None = None
    curated: CuratedBook | None = None
    conversations: Conversations | None = None
    work: WorkPlaces | None = None
    is_local: bool = False

    def known(self, query: Query, stored: str, now: float, rules: Rules) -> Verdict | None:
        """Return the verdict on a known pair, None where the gate decides; `stored` is the stored prompt's digest."""
        pairs = None if self.pairs is None else self.pairs.of(query.scope)
        pair = pairs.get(key_of(query.digest, stored)) if pairs else None
        if pair is not None and pair.by in ASKED and pair.relation is Relation.SAME:
            if self.learning is None or rules.judge == NO_JUDGE:
                return None
            return self.learning.known(query.namespace, pair, now)
        return verdict_of(pair, now)

    def steered(self, query: Query, stored: str, verdict: Verdict, rules: Rules) -> Verdict:
        """Return the gate's verdict, as this traffic has taught to take it; `stored` is the stored prompt's digest."""
        if self.learning is None:
            return verdict
        steered = self.learning.steered(query.namespace, key_of(query.digest, stored), verdict)
        return replace(steered, zone=Zone.DECIDED) if rules.judge == NO_JUDGE else steered

    @property
    def is_racing(self) -> bool:
        """Whether the provider is asked beside the judge."""
        return self.learning is not None and self.learning.mode == "race"

    @property
    def leads(self) -> int:
        """Curated answers of which the nearest question is compared in any case: several where a judge is asked."""
        return 1 if self.learning is None else LEADS

    async def consult(
        self, query: Query, entry: Entry, verdict: Verdict, ask: CacheRequest, *, spent: float = 0.0
    ) -> Verdict:
        """Return the judge's verdict on a pair, or the gate's; earlier questions have taken `spent` seconds."""
        if self.learning is None:
            return verdict
        return await self.learning.consult(query, entry, verdict, ask, spent=spent)

    def gate_of(self, rules: Rules) -> Gate:
        """Return the gate, as strict as these rules want it."""
        if rules.max_wrong is None or rules.max_wrong == self.gate.max_wrong:
            return self.gate
        return replace(self.gate, max_wrong=rules.max_wrong)

    def for_batch(self, pace: Pace) -> Lookup:
        """Return the lookup of a batch: it embeds and loads together, and may embed for longer."""
        embedder, seconds = BatchEmbedder(self.embedder, pace), BATCH_EMBED_SECONDS + self.embed_seconds
        store = BatchStore(self.store, pace)
        return replace(
            self, store=store, embedder=embedder, embed_seconds=seconds, recall=None, work=None, is_local=False
        )

    def without_memory(self) -> Lookup:
        """Return the lookup that compares and judges every candidate."""
        return replace(self, rewordings=None, recall=None)

    async def embed(self, prompt: str, timer: Timer) -> Vector | Extract | MissDetail:
        """Return the prompt's vector, an extract's where it is too long, or why there is none."""
        try:
            with timer.stage("embed"):
                async with asyncio.timeout(self.embed_seconds):
                    with suppress(PromptTooLongError):
                        return await self.embedder.embed(comparable(prompt))
                    for text in extracts(prompt):
                        with suppress(PromptTooLongError):
                            return Extract(await self.embedder.embed(text))
        except (CacheError, TimeoutError):
            return MissDetail.EMBEDDER_UNAVAILABLE
        return MissDetail.PROMPT_TOO_LONG

    async def compare_candidates(
        self, prompt: str, near: Sequence[Candidate], *, is_extract: bool
    ) -> Sequence[ComparedCandidate]:
        """Set aside the text that each candidate shares with the prompt, and embed the rest in one batch."""
        return await self._measured(await self._apart(prompt, near), is_extract=is_extract)

    async def compare_first(self, prompt: str, near: Sequence[Candidate], *, is_extract: bool) -> Sequence[Candidate]:
        """Compare the first candidate; all of them where it leaves a rest to embed, because a batch is cheaper."""
        apart = await self._apart(prompt, near[:1])
        left = near[1:]
        if left and leaves_rests(apart):
            apart, left = [*apart, *await self._apart(prompt, left)], []
        return [*await self._measured(apart, is_extract=is_extract), *left]

    async def _apart(self, prompt: str, near: Sequence[Candidate]) -> list[tuple[Candidate, Comparison]]:
        compare = partial(compare_all, prompt, near, self.raw_rules)
        is_long = are_long([prompt, *(each.prompt for each in near)], self.judged_on_loop)
        return await off_loop(compare, is_large=is_long, thread=JUDGING)

    async def _measured(
        self, apart: Sequence[tuple[Candidate, Comparison]], *, is_extract: bool
    ) -> Sequence[ComparedCandidate]:
        pairs = await compared(apart, self._embed_rests, is_whole=not is_extract)
        return [ComparedCandidate(pair.candidate.entry, pair.candidate.similarity, pair) for pair in pairs]

    async def _embed_rests(self, texts: Sequence[str]) -> Sequence[Vector | Exception]:
        try:
            async with asyncio.timeout(self.embed_seconds):
                return await self.embedder.embed_many(texts)
        except (CacheError, TimeoutError) as error:  # the candidates the texts are of are refused
            return [error] * len(texts)

    async def compare(
        self, state: Comparing, timer: Timer, on_leading: Callable[[], None] | None = None
    ) -> tuple[Vector | Extract | MissDetail, bool]:
        """
        Embed the prompt, and meanwhile load other instances' entries; return whether this instance leads, too.

        `on_leading` is called as soon as it does while the prompt is embedded.
        A remembered vector is returned as it is; a new one is remembered unless the caller says `no-store`.

        Raises CacheError if the store fails; the embedding is cancelled then.
        """
        query = state.query
        seconds = None if state.plan.leased is None else LEASE_SECONDS
        known = None if self.rewordings is None else self.rewordings.get(query)
        with timer.stage("store"):
            refreshing = Begun(self.store.refresh(query, lease_seconds=seconds, stale_entry=state.trace.exact))

        embedding = None
        if known is None and not refreshing.is_done:  # over this process's memory a task would cost two loop turns
            embedding = asyncio.ensure_future(self.embed(query.prompt, timer))
        found: Vector | Extract | MissDetail
        try:
            with timer.stage("store"):
                is_leader = await refreshing
            if is_leader and on_leading is not None and known is None:
                on_leading()
            if known is not None:
                found = known.vector
            else:
                found = await (embedding or self.embed(query.prompt, timer))
        finally:
            if embedding is not None:
                embedding.cancel()
        is_kept = known is None and not state.plan.ask.controls.directives.no_store
        if self.rewordings is not None and is_kept and not isinstance(found, Extract | MissDetail):
            self.rewordings.note(query, found)
        return found, is_leader
