"""A judge: a model that says whether one answer is right for two prompts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.billing import Billing
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.operator_rules import NO_JUDGE
from sentinel_core.cache.pairs import Relation
from sentinel_core.cache.ports import Provider
from sentinel_core.cache.scope import prompt_of
from sentinel_core.chat.messages import ChatRequest, Completion, Usage
from sentinel_core.errors import ProviderError, ProviderRejectedError
from sentinel_core.learning.budget import DailyBudget, Spent
from sentinel_core.learning.judge_prompts import LONGEST, MOST_TOKENS, comparison, is_judgeable, question
from sentinel_core.support.bounded import BoundedMap
from sentinel_core.support.breaker import Breaker
from sentinel_core.support.clock import Clock
from sentinel_core.support.fair_places import FairPlaces

MOST_CALLS = 32
"""Questions under way at once in this process, shared by key; beyond them a pair stays unjudged."""

MOST_JUDGES = 64
"""Judges of a policy's rules that are kept in this process, each with its breaker."""

_CHARACTERS_PER_TOKEN = 3
_NO_SUCH_MODEL = 404
_BREAKER = Breaker(threshold=5, pause=30.0)
_WORD = re.compile(r"""[\s"'`*“”‘’]*(same|different)[\s"'`*“”‘’.]*""", re.IGNORECASE | re.ASCII)


class Word(NamedTuple):
    """The judge's answer: a relation, or the reason why there is none; its cost, as dollars and on its way."""

    relation: Relation | None
    silence: str | None = None
    usd: float = 0.0
    spent: Spent | None = None
    calls: int = 1


@dataclass(slots=True)
class Judge:
    """
    Asks one model of a configured provider.

    `timeout` is in seconds. `sees_answer` puts the stored answer to it as well. Others, which a policy names, share
    its budget.
    """

    provider: Callable[[str], Provider]
    name: str
    model: str
    billing: Billing
    budget: DailyBudget
    clock: Clock
    timeout: float
    sees_answer: bool = False
    breaker: Breaker = _BREAKER
    _places: FairPlaces = field(default_factory=lambda: FairPlaces(MOST_CALLS))
    _others: BoundedMap[str, Judge] = field(default_factory=lambda: BoundedMap(MOST_JUDGES))

    def named(self, name: str | None) -> Judge | None:
        """Return the judge that a policy names as provider/model: None for `off`, this one for None."""
        if name is None or name == f"{self.name}/{self.model}":
            return self
        if name == NO_JUDGE:
            return None
        other = self._others.get(name)
        if other is None:
            provider, _, model = name.partition("/")
            other = replace(self, name=provider, model=model, breaker=_BREAKER, _places=FairPlaces(MOST_CALLS))
            self._others.put(name, other)
        return other

    async def words(self, entry: Entry, ask: CacheRequest, *, is_repeated: bool, spent: float = 0.0) -> Word:
        """
        Return the judge's word, "same" only if said in both orders where it `is_repeated`.

        Both are said in one `timeout`, of which `spent` seconds are gone.
        """
        began = self.clock.monotonic() - spent
        first = await self.word(entry, ask, within=max(0.0, self.timeout - spent))
        if first.relation is not Relation.SAME or not is_repeated:
            return first
        left = max(0.0, self.timeout - (self.clock.monotonic() - began))
        again = await self.word(entry, ask, is_swapped=True, within=left)
        return Word(again.relation, again.silence, first.usd + again.usd, again.spent or first.spent, calls=2)

    async def word(
        self, entry: Entry, ask: CacheRequest, *, is_swapped: bool = False, within: float | None = None
    ) -> Word:
        """
        Return the judge's word on a stored prompt and the one asked, within `timeout` seconds; never raises.

        Where it `is_swapped` the prompts change places, and the answer is not shown. A caller whose key must not ask
        the judge's provider has no judge.
        """
        refusal = self.refusal(entry, ask)
        if refusal is not None:
            return Word(None, refusal)
        key = ask.request.key
        if not self._places.try_acquire(key):
            return Word(None, "busy")
        asked, answer = prompt_of(ask.request), entry.completion.text if self.sees_answer else None
        try:
            if is_swapped:
                return await self._paid(question(self.name, self.model, asked, entry.prompt), key, within)
            return await self._paid(question(self.name, self.model, entry.prompt, asked, answer), key, within)
        finally:
            self._places.release(key)

    def refusal(self, entry: Entry, ask: CacheRequest) -> str | None:
        """Say why the judge must not be asked about a pair, None if it may be."""
        if not ask.request.reach.allows(self.name, self.model):
            return "not-allowed"
        answer = [entry.completion.text] if self.sees_answer and entry.completion.text else []
        return None if is_judgeable(entry.prompt, prompt_of(ask.request), *answer) else "not-judgeable"

    async def agreement(self, ask: CacheRequest, stored: str, fresh: str) -> Word:
        """Return the judge's word on two answers to one prompt; never raises."""
        if not ask.request.reach.allows(self.name, self.model):
            return Word(None, "not-allowed")
        prompt = prompt_of(ask.request)
        if not is_judgeable(prompt, stored, fresh):
            return Word(None, "not-judgeable")
        return await self._paid(comparison(self.name, self.model, prompt, stored, fresh), ask.request.key)

    async def _paid(self, asking: ChatRequest, key: str, within: float | None = None) -> Word:
        """Ask within the budget and the key's share; an answer that came is paid for, and one that did not may be."""
        expected = self.expected_usd(asking)
        try:
            provider = self.provider(self.name)
        except KeyError:  # of another instance's policy
            return Word(None, "not-configured")
        if not self.budget.reserve(expected, key):
            return Word(None, "budget")
        cost, seconds = expected, self.timeout if within is None else within
        try:
            async with asyncio.timeout(seconds):
                completion = await provider.complete(asking, timeout=seconds)
            cost = self.billing.bill(asking, completion).charged_usd
            relation, silence = relation_in(completion), "no-word"
        except TimeoutError:
            relation, silence = None, "late"
        except ProviderError as error:
            relation, silence = None, "refused" if _is_of_the_prompts(error) else "failed"
            cost = expected if error.may_bill else 0.0
        finally:
            spent = self.budget.settle(expected, cost, key)
        return Word(relation, None if relation else silence, cost, spent)

    def expected_usd(self, asking: ChatRequest) -> float:
        """Return the cost that is set aside for a call with a short answer."""
        known = self.known_usd(asking)
        return self._tokens(asking).total_tokens * self.billing.usd_per_mtok / 1e6 if known is None else known

    def question_usd(self, entry: Entry, ask: CacheRequest) -> float | None:
        """Return the price of one question about a pair, None where it is not known."""
        answer = entry.completion.text if self.sees_answer else None
        return self.known_usd(question(self.name, self.model, entry.prompt, prompt_of(ask.request), answer))

    def known_usd(self, asking: ChatRequest) -> float | None:
        """Return the price of a call with a short answer, None where it is not known."""
        return self.billing.price(self.name, self.model, self._tokens(asking))

    def _tokens(self, asking: ChatRequest) -> Usage:
        characters = sum(len(str(message.get("content"))) for message in asking.messages)
        return Usage(characters // _CHARACTERS_PER_TOKEN + 1, MOST_TOKENS)


def _is_of_the_prompts(error: ProviderError) -> bool:
    """Whether a provider refuses these prompts: it would answer about others."""
    return isinstance(error, ProviderRejectedError) and error.status != _NO_SUCH_MODEL


def relation_in(completion: Completion) -> Relation | None:
    """Read the judge's word; None for anything but exactly one of the two, or a broken answer."""
    if completion.finish_reason != "stop" or completion.message.get("tool_calls"):
        return None
    found = _WORD.fullmatch(completion.text[: 4 * LONGEST])
    return None if found is None else Relation(found.group(1).lower())
