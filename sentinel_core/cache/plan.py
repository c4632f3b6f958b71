"""The values a decision is taken from: its plan, which stays the same, and its trace, the facts so far."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TypeAlias

from sentinel_core.cache import bypass, chat_scope, operator_rules, tool_calls
from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.near_miss import MARGIN, NearMiss
from sentinel_core.cache.operator_rules import Rules
from sentinel_core.cache.outcome import Hit, MissDetail, Stale
from sentinel_core.cache.ports import Candidate, Vector
from sentinel_core.cache.scope import Query, split
from sentinel_core.cache.verdict import Verdict
from sentinel_core.chat.messages import ChatRequest

CANDIDATES = 4
"""Neighbours that the gate judges for one request."""

JUDGE_SECONDS = 0.05
"""For all candidates of a prompt; after it no further one is judged, because a slow hit is worse than a miss."""

Judgement: TypeAlias = tuple[Candidate, Verdict]


def compared(ask: CacheRequest, rules: Rules) -> ChatRequest:
    """Return the request as it is compared, with as much of the conversation as counts."""
    scope = chat_scope.stricter(rules.chat_scope, ask.controls.chat_scope)
    return chat_scope.compared(ask.request, scope, None if ask.exact_only else ask.counted)


def place(ask: CacheRequest, rules: Rules) -> Query:
    """Return the place of the request's answer."""
    return split(compared(ask, rules), ask.namespace, ask.masked)


@dataclass(frozen=True, slots=True)
class Extract:
    """The vector of a part of a prompt too long to be embedded; it finds candidates, which are judged by other text."""

    vector: Vector


@dataclass(frozen=True, slots=True)
class Plan:
    """
    The values that stay the same during a decision.

    `query` is None if the answer must not be shared. `store_budget` limits the seconds spent waiting for the store.
    Only with `takes_lease` does a miss ask for the lease of its prompt, and only with `may_revalidate` is a stale
    entry served while it is replaced.
    """

    ask: CacheRequest
    rules: Rules
    query: Query | None
    store_budget: float
    takes_lease: bool
    may_revalidate: bool

    @property
    def flight(self) -> Hashable:
        """Key of the single flight: scope, prompt, and the options that change storing or speed."""
        controls, tier = self.ask.controls, self.ask.request.hints.get("service_tier")
        place = None if self.query is None else (self.query.scope, self.query.digest)
        storing = controls.directives.no_store, controls.ttl, controls.tags, controls.read_only_tools
        return place, storing, tier, self.ask.request.reach

    def may_repeat(self, entry: Entry) -> bool:
        """Whether an entry may answer this request, as far as its calls of tools go."""
        read_only, free = self.ask.controls.read_only_tools, self.rules.store_tool_calls
        may = tool_calls.may_repeat(entry.completion, self.ask.request, read_only=read_only, free=free)
        return may and self._is_of_these_versions(entry)

    def may_compare(self, entry: Entry) -> bool:
        """Whether an entry may answer by meaning, as far as its calls of tools go."""
        is_compared = tool_calls.is_compared(entry.completion, self.ask.controls.read_only_tools)
        return is_compared and self._is_of_these_versions(entry)

    def _is_of_these_versions(self, entry: Entry) -> bool:
        """Whether an entry names no other version of a document than the request does."""
        if not self.ask.controls.tags:
            return True
        named = (tag for tag in self.ask.controls.tags if "@" in tag)
        return all(tag in entry.tags or tag.partition("@")[0] not in entry.tags for tag in named)

    @property
    def leased(self) -> Query | None:
        """The query whose lease this request may hold, None if it takes no lease."""
        return self.query if self.takes_lease else None

    @property
    def not_comparable(self) -> MissDetail | None:
        """The reason why the prompt must not be compared by meaning, None if it may."""
        if self.ask.masked is not None:
            return MissDetail.PERSONAL_DATA
        if self.ask.exact_only:
            return MissDetail.NOVELTY
        if self.rules.mode == "exact":
            return MissDetail.EXACT_ONLY
        return None if bypass.is_comparable(self.ask.request) else MissDetail.NOT_TEXT

    @property
    def threshold(self) -> float:
        """The least similarity of a semantic hit."""
        return operator_rules.threshold(self.ask.controls, self.rules)

    @property
    def near_miss_floor(self) -> float:
        """The least similarity of a near miss."""
        return self.threshold - MARGIN


@dataclass(frozen=True, slots=True)
class Shadow:
    """The hit that was decided, but is not served because the mode is shadow."""

    outcome: Hit | Stale
    entry: Entry


@dataclass(frozen=True, slots=True)
class Trace:
    """
    The facts of a decision: explanations, near misses and reasons of misses are read from it.

    `exact` is the entry of this very prompt, fresh or not. `vector` is None until the prompt is embedded, and
    `not_compared` says why it was not; `is_extract` says that it is an extract's. `judgements` are the gate's
    verdicts, nearest candidate first. Unless this instance `is_leader`, another one is asking the provider the same
    now. `shadow` is set in mode shadow only. `revision` is the index's when it was searched. A provider that was asked
    all the same `is_paid`, so that a hit saves nothing.
    """

    exact: Entry | None = None
    vector: Vector | None = None
    is_extract: bool = False
    not_compared: MissDetail | None = None
    judgements: tuple[Judgement, ...] = ()
    nearest_miss: NearMiss | None = None
    is_leader: bool = True
    shadow: Shadow | None = None
    revision: int | None = None
    is_paid: bool = False


NO_FACTS = Trace()


def is_cut(plan: Plan) -> bool:
    """Whether a part of the conversation is not compared as it is: then an answer must not lean on its words."""
    return plan.ask.counted is not None or len(compared(plan.ask, plan.rules).messages) < len(plan.ask.request.messages)
