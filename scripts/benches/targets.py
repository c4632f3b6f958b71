"""What `serve` found beside the bare limits, and whether that is good enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scripts.benches import report
from scripts.benches.blocks import STORED, Series
from scripts.benches.report import Row

CONNECTIONS = 32
OF_BARE = {"memory": 0.75, "redis": 0.6, "upstash": 0.6}
INFERENCE, IDLE = "bare inference, new prompt", "bare inference, new prompt, after 50 ms"
EMBEDDING = "bare route, embedding"
ROUTE, IDLE_ROUTE = f"{EMBEDDING}, new prompt", f"{EMBEDDING}, new prompt, after 50 ms"
ADDED = tuple(
    (name, upstream, beside)
    for name, upstream, besides in (
        ("miss, upstream of 50 ms", "upstream of 50 ms", (INFERENCE, IDLE, ROUTE, IDLE_ROUTE)),
        ("miss, upstream of 0 ms", "upstream of 0 ms", (INFERENCE, ROUTE)),
        ("streamed miss, first token", "streamed upstream of 50 ms", (INFERENCE, IDLE, ROUTE, IDLE_ROUTE)),
    )
    for beside in besides
)
"""
What a miss adds to: an upstream, and an inference alone or a bare route with HTTP, tokens and pooling. Both take longer
where the processor has just been idle, as it is after an upstream of 50 ms.
"""

MOST_ADDED = {"semantic hit": 2.6}
"""Milliseconds above the bare route that embeds; 3 for misses."""

LEAST_RATE = {"upstash": 700.0}
"""Requests a second of one process, over the bridge."""


def compared(series: Mapping[str, Series]) -> list[Row]:
    """By the clock, and by processor time, which tells more where the machine is not ours alone."""
    return [
        *_compared("ms", {name: one.medians for name, one in series.items()}),
        *_compared("CPU ms", {name: one.cpu for name, one in series.items() if any(one.cpu)}),
    ]


def _compared(unit: str, rounds: Mapping[str, list[float]]) -> list[Row]:
    bare, inference, exact, semantic = (
        rounds[name] for name in ("bare route", "bare inference", "exact hit", "semantic hit")
    )
    both = [a + b for a, b in zip(bare, inference, strict=True)]
    rows = [
        _ratio(f"exact hit, {unit}", STORED, exact, rounds[STORED], 1.5),
        _ratio(f"semantic hit, {unit}", "bare inference + bare route", semantic, both, 1.3),
    ]
    for limit in ("bare route, embedding", "bare route, embedding, search of 10k"):
        rows.append(_ratio(f"semantic hit, {unit}", limit, semantic, rounds[limit], 1.3))
    nothing = [0.0] * len(inference)
    for name, upstream, beside in (("semantic hit", "", EMBEDDING), *ADDED):
        if name in rounds:
            theirs, most = rounds.get(upstream, nothing), MOST_ADDED.get(name, 3.0)
            what = f"above upstream + {beside}" if upstream else f"above {beside}"
            rows.append(_added(f"{name}, {unit}", what, rounds[name], theirs, rounds[beside], most))
    return rows


def _ratio(what: str, beside: str, measured: Sequence[float], limit: Sequence[float], target: float) -> Row:
    found = report.ratio(measured, limit)
    return _row(what, f"times {beside}", found, f"<= {target}", met=found.median <= target)


def _added(
    what: str,
    unit: str,
    measured: Sequence[float],
    upstream: Sequence[float],
    beside: Sequence[float],
    most: float,
) -> Row:
    rounds = zip(measured, upstream, beside, strict=True)
    found = report.spread([whole - theirs - bare for whole, theirs, bare in rounds])
    return _row(what, unit, found, f"<= {most:g}", met=found.median <= most)


def _row(what: str, unit: str, found: report.Ratio, target: str, *, met: bool) -> Row:
    return {"what": what, "is": str(found), "of": unit, "target": target, "met": _verdict(met)}


def _verdict(met: bool) -> str:
    return "PASS" if met else "behind"


def under_load(kind: str, store: str, connections: int, found: report.Ratio, rate: float) -> Row:
    """Judge requests a second, where there is a target for so many connections."""
    if kind != "exact hit" or connections != CONNECTIONS:
        return {"target": None, "met": None}
    least = LEAST_RATE.get(store, 0.0)
    target = f">= {OF_BARE[store]}" + (f", {least:.0f} req/s" if least else "")
    return {"target": target, "met": _verdict(found.median >= OF_BARE[store] and rate >= least)}
