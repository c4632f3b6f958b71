"""Adds single requests to what takes batches."""

from __future__ import annotations

from sentinel_core.telemetry.cost_ledger import CostLedger
from sentinel_core.telemetry.records import Answered
from sentinel_core.telemetry.series import Series
from sentinel_core.telemetry.sums import SeenRequest, batches


def add(sums: Series | CostLedger, answered: Answered, key: str | None = None, at: float = 0.0) -> None:
    for batch in batches([SeenRequest(at, answered, key)]):
        sums.add(batch)
