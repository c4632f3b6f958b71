"""Runs an estimate: reads, embeds ahead, decides, and tells how far it is."""

from __future__ import annotations

import asyncio
import random
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sentinel_core.app.estimate import calls as reading
from sentinel_core.app.estimate.calls import Call, NoCall
from sentinel_core.app.estimate.kept_judgements import KeptJudgements
from sentinel_core.app.estimate.replay import Replay, query_of, request_of, texts_of
from sentinel_core.app.estimate.tally import Tally
from sentinel_core.app.estimate.vectors import KeptVectors
from sentinel_core.app.settings import Settings
from sentinel_core.cache import bypass
from sentinel_core.cache.answer import CacheRequest
from sentinel_core.errors import InvalidRequestError
from sentinel_core.support.rows import BadRow

FULL_ROWS = 200_000
"""Rows that are all compared by meaning; of later ones a sample of those that repeat nothing is."""

SAMPLED_ROWS = 20_000
"""A row after the full ones is drawn with this many divided by its number."""

BUDGETS = (0.005, 0.05, 0.1)
BUDGET_ROWS = 5_000
"""Rows at the beginning that are decided at other budgets too."""

CHUNK = 256
_MOST_IDS = 4_000_000
_MOST_REASONS = 1_000


@dataclass(slots=True)
class Refused:
    """Rows that could not be read, the first with their reasons, and rows that are no calls."""

    rows: list[tuple[str, BadRow]] = field(default_factory=list)
    count: int = 0
    others: int = 0

    def add(self, name: str, row: BadRow) -> None:
        self.count += 1
        if len(self.rows) < _MOST_REASONS:
            self.rows.append((name, row))


class Calls:
    """Reads the calls of several logs; a row with the id of an earlier row is refused."""

    def __init__(self, refused: Refused) -> None:
        self._refused = refused
        self._ids: set[int] = set()

    def read(self, name: str, rows: Iterable[tuple[int, Any] | BadRow]) -> Iterator[Call]:
        """Yield each row that is a call."""
        for row in rows:
            if isinstance(row, BadRow):
                self._refused.add(name, row)
                continue
            try:
                found = reading.call(row[1])
                if isinstance(found, Call):
                    self._check(found)
            except ValueError as error:
                self._refused.add(name, BadRow(row[0], str(error)))
                continue
            if isinstance(found, NoCall):
                self._refused.others += 1
            else:
                yield found

    def _check(self, found: Call) -> None:
        if found.id is None:
            return
        name = hash(found.id)
        if name in self._ids:
            raise ValueError("has the id of an earlier row")
        if len(self._ids) < _MOST_IDS:
            self._ids.add(name)


class _Repeats:
    """The places of answers that the log has asked for, with their times; the oldest are forgotten."""

    def __init__(self, ttl: float) -> None:
        self._ttl = ttl
        self._times: OrderedDict[int, float] = OrderedDict()

    def note(self, place: str, time: float) -> bool:
        """Return whether the answer in this place would still be there; if not, it is from now on."""
        key = hash(place)
        before = self._times.get(key)
        if before is not None and time < before + self._ttl:
            return True
        self._times[key] = time
        if len(self._times) > _MOST_IDS // 2:
            self._times.popitem(last=False)
        return False


@dataclass(slots=True)
class Estimate:
    """The result: the counts, and those of the first rows at other budgets by the largest share of wrong hits."""

    tally: Tally
    budgets: dict[float, tuple[int, int]]
    refused: Refused
    rows: int = 0


async def run(
    calls: Iterable[Call],
    settings: Settings,
    vectors: KeptVectors,
    refused: Refused,
    progress: Callable[[int], None],
    *,
    has_budgets: bool = True,
    full_rows: int = FULL_ROWS,
    judgements: KeptJudgements | None = None,
) -> Estimate:
    """Replay all calls; `progress` is called with the number of rows so far."""
    budgets = BUDGETS if has_budgets else ()
    running = _Running(settings, vectors, refused, budgets=budgets, full_rows=full_rows, judgements=judgements)
    source, ahead = iter(calls), None
    chunk = await running.prepared(list(islice(source, CHUNK)))
    while chunk:
        ahead = asyncio.create_task(running.prepared(list(islice(source, CHUNK))))
        await running.decide(chunk)
        if judgements is not None:
            judgements.flush()
        progress(running.estimate.rows)
        chunk = await ahead
    return running.estimate


class _Running:
    def __init__(
        self,
        settings: Settings,
        vectors: KeptVectors,
        refused: Refused,
        *,
        budgets: Sequence[float],
        full_rows: int,
        judgements: KeptJudgements | None,
    ) -> None:
        self._replay = Replay(settings, vectors, kept=judgements)
        self._others = {each: Replay(settings, vectors, max_wrong=each, kept=judgements) for each in budgets}
        self._vectors = vectors
        self._default = settings.provider or "openai"
        self._full_rows = full_rows
        self._read = 0
        self._repeats = _Repeats(settings.ttl_seconds)
        self._draw = random.Random(0).random  # noqa: S311  a sample that is the same each time
        counts = {settings.max_wrong: (0, 0)} | dict.fromkeys(self._others, (0, 0))
        self.estimate = Estimate(Tally(), counts if budgets else {}, refused)
        self._own = settings.max_wrong

    async def prepared(self, calls: list[Call]) -> list[tuple[Call, CacheRequest, float]]:
        """Choose the calls that are decided, with the weight of each, and embed their prompts."""
        chosen = [each for each in [await self._chosen(call) for call in calls] if each is not None]
        await self._vectors.prepare(texts_of(ask for _, ask, weight in chosen if weight))
        return chosen

    async def _chosen(self, call: Call) -> tuple[Call, CacheRequest, float] | None:
        """Return a call with its weight: 0 for a repeat that needs no decision; None for one that is left out."""
        try:
            ask = await self._replay.ask(request_of(call, self._default))
        except InvalidRequestError as error:
            self.estimate.refused.add("", BadRow(self._read + 1, str(error)))
            return None
        self._read += 1
        self.estimate.rows = self._read
        is_full = self._read <= self._full_rows
        if bypass.bypass_reason(ask.request, self._replay.rules) is None and not (ask.bypass or call.is_failed):
            is_repeat = self._repeats.note(query_of(ask).entry_id, call.time or 0.0)
            if is_repeat and not is_full:
                return call, ask, 0.0
        if is_full:
            return call, ask, 1.0
        rate = min(1.0, SAMPLED_ROWS / self._read)
        return (call, ask, 1 / rate) if self._draw() < rate else None

    async def decide(self, chosen: list[tuple[Call, CacheRequest, float]]) -> None:
        """Decide and count the calls in their order."""
        tally = self.estimate.tally
        for call, ask, weight in chosen:
            if weight:
                replayed = await self._replay.decide(ask, call)
                tally.add(call, ask.request, replayed, weight)
                if self.estimate.budgets.get(self._own, (BUDGET_ROWS, 0))[0] < BUDGET_ROWS:
                    await self._at_budgets(call, ask, is_hit=replayed.is_hit)
            else:
                tally.add_exact(call, ask.request)
            await asyncio.sleep(0)  # the next prompts are embedded meanwhile

    async def _at_budgets(self, call: Call, ask: CacheRequest, *, is_hit: bool) -> None:
        hits = {self._own: is_hit}
        for budget, replay in self._others.items():
            hits.setdefault(budget, (await replay.decide(ask, call)).is_hit)
        for budget, hit in hits.items():
            asked, before = self.estimate.budgets[budget]
            self.estimate.budgets[budget] = asked + 1, before + hit
