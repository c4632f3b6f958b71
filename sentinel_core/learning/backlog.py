"""Works off the pairs that wait for a judge, many at once, for a given time."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.experiment import of_label
from sentinel_core.cache.scope import Query
from sentinel_core.chat.messages import ChatRequest
from sentinel_core.errors import CacheError
from sentinel_core.learning.learning import Learning
from sentinel_core.learning.waiting import WaitingPair, WaitingPairs

AT_ONCE = 16
"""Pairs taken and judged together."""


class Loading(Protocol):
    async def load(self, query: Query) -> Entry | None:
        """Return the entry of a query's digest; raises StoreError."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Takes waiting pairs, loads the entries of their prompts, and has them judged."""

    learning: Learning
    waiting: WaitingPairs
    entries: Loading

    async def work(self, *, within: float) -> int:
        """Judge for at most `within` seconds, and return the number of pairs taken; never raises."""
        taken = 0
        try:
            async with asyncio.timeout(max(0.0, within)):
                while pairs := await self.waiting.take(AT_ONCE):
                    taken += len(pairs)
                    await asyncio.gather(*map(self._judge, _distinct(pairs)))
        except (CacheError, TimeoutError):
            return taken
        return taken

    async def _judge(self, pair: WaitingPair) -> None:
        """Judge one pair; one whose entries are gone is forgotten."""
        query, ask = pair.query, _asking(pair)
        entry = await self.entries.load(replace(query, digest=pair.stored))
        judge = self.learning.judge.named(pair.judge)
        if entry is None or judge is None:
            return
        if not pair.is_audit:
            await self.learning.look_into(judge, query, entry, pair.stratum, ask, soon=True, is_probe=pair.is_probe)
            return
        fresh, auditor = await self.entries.load(query), self.learning.auditor
        if fresh is not None and auditor is not None and fresh.created > entry.created:
            await auditor.compare(judge, query, entry, fresh.completion, ask)


def _distinct(pairs: Sequence[WaitingPair]) -> Iterable[WaitingPair]:
    return {(each.query.scope, each.query.digest, each.stored, each.is_audit): each for each in pairs}.values()


def _asking(pair: WaitingPair) -> CacheRequest:
    request = ChatRequest("", "", ({"role": "user", "content": pair.query.prompt},))
    return CacheRequest(request, pair.query.namespace, math.inf, route=pair.route, arm=of_label(pair.arm))
