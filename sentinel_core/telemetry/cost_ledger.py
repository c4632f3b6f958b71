"""Sums requests, tokens and dollars by day, tenant, key, provider, model and outcome, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sentinel_core.telemetry.sums import Batch, Line, Sums

OTHER = "other"
MOST_ROWS = 10_000
"""About 4 MB; past it, rows of new names are summed under `other`."""

MOST_DAYS = 62
MOST_TOTALS = 1_000
"""Rows of all days, without keys, for metrics: their number of series is the cost of storing them."""


class CostLedger:
    """
    The rows of the latest `MOST_DAYS` days, and the `totals` of all days.
    """

    def __init__(self, day_of: Callable[[float], str], *, most: int = MOST_ROWS) -> None:
        self._day_of = day_of
        self._most = most
        self._days: dict[str, dict[Line, tuple[Sums, Sums]]] = {}
        self._size = 0
        self.totals: dict[Line, Sums] = {}

    def add(self, batch: Batch) -> None:
        """Add the sums of requests to their row."""
        day = self._day_of(batch.minute)
        rows = self._days.get(day)
        if rows is None:
            rows = self._days[day] = {}
            self._drop_old()
        for sums in rows.get(batch.line) or self._new_row(rows, batch.line):
            sums.merge(batch.sums)

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
