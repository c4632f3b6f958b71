"""Sums requests, tokens and dollars by day, tenant, key, provider, model and outcome, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sentinel_core.telemetry.records import Answered

OTHER = "other"
MOST_ROWS = 10_000
"""About 4 MB; past it, rows of new names are summed under `other`."""

MOST_DAYS = 62
MOST_TOTALS = 1_000
"""Rows of all days, without keys, for metrics: their number of series is the cost of storing them."""


class Line(NamedTuple):
    """The names of a row; "" for a request without a tenant, key, provider or model."""

    tenant: str
    key: str
    provider: str
    model: str
    outcome: str


@dataclass(slots=True)
class Sums:
    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    avoided_tokens: int = 0
    cost_usd: float = 0.0
    saved_usd: float = 0.0
    unpriced: int = 0
    embed_us: int = 0

    def add(self, answered: Answered) -> None:
        self.requests += 1
        self.prompt_tokens += answered.prompt_tokens
        self.completion_tokens += answered.completion_tokens
        self.avoided_tokens += answered.avoided_tokens
        self.cost_usd += answered.cost_usd or 0.0
        self.saved_usd += answered.saved_usd or 0.0
        self.unpriced += answered.status == 200 and (answered.cost_usd is None or answered.saved_usd is None)
        self.embed_us += round(1000 * answered.timings_ms.get("embed", 0.0))

    def merge(self, other: Sums) -> None:
        """Add another row's sums to this one."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class CostLedger:
    """
    The rows of the latest `MOST_DAYS` days, and the `totals` of all days.

    Provider and model of a request that failed are left out: callers choose them, so they have no bound.
    """

    def __init__(self, day_of: Callable[[float], str], *, most: int = MOST_ROWS) -> None:
        self._day_of = day_of
        self._most = most
        self._days: dict[str, dict[Line, tuple[Sums, Sums]]] = {}
        self._size = 0
        self.totals: dict[Line, Sums] = {}

    def record(self, answered: Answered, key: str | None, now: float) -> None:
        """Add one request to its row."""
        day = self._day_of(now)
        rows = self._days.get(day)
        if rows is None:
            rows = self._days[day] = {}
            self._drop_old()
        line = _line(answered, key)
        for sums in rows.get(line) or self._new_row(rows, line):
            sums.add(answered)

    def rows(self) -> Iterator[tuple[str, Line, Sums]]:
        """Iterate over all rows, the oldest day first."""
        for day in sorted(self._days):
            for line, (sums, _) in sorted(self._days[day].items(), key=lambda row: row[0]):
                yield day, line, sums

    def _total_of(self, line: Line) -> Sums:
        """Return a row of all days; past `MOST_TOTALS` it is that of other tenants, providers and models."""
        sums = self.totals.get(line)
        if sums is None:
            if len(self.totals) >= MOST_TOTALS:
                line = Line(OTHER, "", OTHER, OTHER, line.outcome)
            sums = self.totals.setdefault(line, Sums())
        return sums

    def _new_row(self, rows: dict[Line, tuple[Sums, Sums]], line: Line) -> tuple[Sums, Sums]:
        """Return a row of the day, and the row of all days that it belongs to."""
        total = self._total_of(line._replace(key=""))
        if self._size >= self._most:
            line = Line(OTHER, OTHER, OTHER, OTHER, line.outcome)
            return rows.setdefault(line, (Sums(), self._total_of(line._replace(key=""))))[0], total
        self._size += 1
        rows[line] = Sums(), total
        return rows[line]

    def _drop_old(self) -> None:
        while len(self._days) > MOST_DAYS:
            self._size -= len(self._days.pop(min(self._days)))


def _line(answered: Answered, key: str | None) -> Line:
    is_answer = answered.status == 200
    return Line(
        answered.tenant or "",
        key or "",
        (answered.provider or "") if is_answer else "",
        (answered.model or "") if is_answer else "",
        answered.outcome,
    )
