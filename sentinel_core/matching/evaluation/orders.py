"""Several orders of a stream: which prompts are stored when others come changes what is hit."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from sentinel_core.matching.evaluation.records import Record
from sentinel_core.matching.evaluation.report import Results, by_name


def in_order(records: Sequence[Record], seed: int) -> Sequence[Record]:
    """Return the records as they are for seed 0, else shuffled; the same seed gives the same order."""
    if seed == 0:
        return records
    shuffled = list(records)
    random.Random(seed).shuffle(shuffled)  # noqa: S311  an order, not a secret
    return shuffled


def orders_table(runs: Sequence[Results]) -> str:
    """Return one line for each source: mean, least and most of wrong per hit and recall over the orders."""
    tallies = [by_name(run) for run in runs]
    lines = [f"{len(runs)} orders, mean (least to most):"]
    for name in sorted(name for name in tallies[0] if ":" not in name):
        wrong = _spread(tally[name].wrong_per_hit for tally in tallies)
        recall = _spread(tally[name].recall for tally in tallies)
        lines.append(f"{name[:43]:44}wrong/hit {wrong}  recall {recall}")
    return "\n".join(lines)


def _spread(shares: Iterable[float | None]) -> str:
    known = [share for share in shares if share is not None]
    if not known:
        return "-"
    return f"{sum(known) / len(known):.1%} ({min(known):.1%} to {max(known):.1%})"
