"""Groups outcomes by source and kind, proposes a threshold, and writes the result as a table or JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sentinel_core.matching.evaluation.records import Record, Request
from sentinel_core.matching.evaluation.tally import Outcome, Tally, tally

Results = Sequence[tuple[Record, Outcome]]


@dataclass(frozen=True, slots=True)
class Point:
    """One threshold of a curve."""

    threshold: float
    tally: Tally


@dataclass(frozen=True, slots=True)
class Proposal:
    """The lowest threshold whose wrong-per-hit keeps to the target, and the hits it rests on."""

    threshold: float
    hits: int
    wrong_per_hit: float
    upper: float


@dataclass(frozen=True, slots=True)
class Section:
    """One source, or one kind of one source: with the gate, by cosine alone, and both curves."""

    name: str
    gated: Tally
    alone: Tally
    gated_curve: tuple[Point, ...]
    alone_curve: tuple[Point, ...]

    @property
    def whole(self) -> bool:
        """A source, not a kind of one."""
        return ":" not in self.name


def sections(at: float, gated: Mapping[float, Results], alone: Mapping[float, Results]) -> list[Section]:
    """Each source, followed by its kinds; `gated` and `alone` hold the outcomes at every threshold, `at` among them."""
    with_gate, by_cosine = _tallies(gated), _tallies(alone)
    return [
        Section(name, with_gate[at][name], by_cosine[at][name], _curve(with_gate, name), _curve(by_cosine, name))
        for name in sorted(with_gate[at])
    ]


def propose(curve: Iterable[Point], target: float) -> Proposal | None:
    """None where no threshold of the curve keeps to the target with at least one hit."""
    kept = [point for point in curve if point.tally.hits and (point.tally.wrong_per_hit or 0.0) <= target]
    if not kept:
        return None
    best = max(kept, key=lambda point: (point.tally.hits - point.tally.wrong, point.threshold))
    interval = best.tally.interval or (0.0, 1.0)
    return Proposal(best.threshold, best.tally.hits, best.tally.wrong_per_hit or 0.0, interval[1])


def precision_area(curve: Sequence[Point]) -> float | None:
    """
    Return the mean precision over hit rates from 0 to the curve's largest: the area under precision against hit rate.

    None for fewer than two thresholds with hits; from 0 to the least hit rate the precision is taken for even.
    """
    points = sorted((point.tally.hits / point.tally.requests, 1 - (point.tally.wrong_per_hit or 0.0))
                    for point in curve if point.tally.hits)  # fmt: skip
    if len(points) < 2:
        return None
    pairs = zip([(0.0, points[0][1]), *points], points, strict=False)
    return sum((rate - before) * (one + other) / 2 for (before, one), (rate, other) in pairs) / points[-1][0]


def table(found: Iterable[Section]) -> str:
    """
    Return fixed columns; the last four are cosine alone at the same threshold. The last line is the sources' mean AUC.

    `traps` are requests without a right answer that got a wrong one; `P-CHR` is `precision_area`.
    """
    heading = (
        f"{'':44}{'asked':>7}{'hits':>7}{'beyond':>7}{'wrong/hit':>10}{'95 %':>14}{'traps':>8}{'recall':>8}{'AUC':>7}"
        f"{'P-CHR':>7} |{'hits':>7}{'wrong/hit':>10}{'recall':>8}{'AUC':>7}"
    )
    rows = list(found)
    return "\n".join([heading, *map(_row, rows), *_mean_areas(rows)])


def as_json(found: Iterable[Section]) -> dict[str, object]:
    return {"sections": [_section_json(section) for section in found]}


def _tallies(results: Mapping[float, Results]) -> dict[float, dict[str, Tally]]:
    """At each threshold the tally of each source and of each kind of it."""
    return {threshold: by_name(found) for threshold, found in results.items()}


def by_name(found: Results) -> dict[str, Tally]:
    """Return the tally of each source and of each kind of it."""
    groups: dict[str, list[Outcome]] = {}
    for record, outcome in found:
        for name in _names(record):
            groups.setdefault(name, []).append(outcome)
    return {name: tally(outcomes) for name, outcomes in groups.items()}


def _names(record: Record) -> list[str]:
    source = f"{record.source} {'stream' if isinstance(record, Request) else 'pairs'}"
    return [source, f"{source}: {record.kind}"] if record.kind else [source]


def _curve(tallies: Mapping[float, Mapping[str, Tally]], name: str) -> tuple[Point, ...]:
    return tuple(Point(threshold, tallies[threshold][name]) for threshold in sorted(tallies))


def _row(section: Section) -> str:
    gated, alone = section.gated, section.alone
    low, high = gated.interval or (0.0, 1.0)
    interval = f"{low:6.1%}-{high:.1%}" if gated.interval else "-"
    return (
        f"{section.name[:43]:44}{gated.requests:7}{gated.hits:7}{gated.beyond_exact:7}{_percent(gated.wrong_per_hit):>10}"
        f"{interval:>14}{_percent(gated.traps_served):>8}{_percent(gated.recall):>8}{_area(gated.auc):>7}"
        f"{_area(precision_area(section.gated_curve)):>7} "
        f"|{alone.hits:7}{_percent(alone.wrong_per_hit):>10}{_percent(alone.recall):>8}{_area(alone.auc):>7}"
    )


def _mean_areas(found: Iterable[Section]) -> list[str]:
    areas = [
        (each.gated.auc, each.alone.auc)
        for each in found
        if each.whole and each.gated.auc is not None and each.alone.auc is not None
    ]
    if len(areas) < 2:
        return []
    gated, alone = (sum(column) / len(areas) for column in zip(*areas, strict=True))
    return [f"mean AUC of {len(areas)} sources: {gated:.3f}, cosine alone {alone:.3f}"]


def _area(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _section_json(section: Section) -> dict[str, object]:
    return {
        "name": section.name,
        "gate": _tally_json(section.gated),
        "cosine_alone": _tally_json(section.alone),
        "curve": [{"threshold": point.threshold, **_tally_json(point.tally)} for point in section.gated_curve],
        "curve_cosine_alone": [
            {"threshold": point.threshold, **_tally_json(point.tally)} for point in section.alone_curve
        ],
    }


def _tally_json(counted: Tally) -> dict[str, object]:
    return {
        "requests": counted.requests,
        "hits": counted.hits,
        "hits_beyond_exact": counted.beyond_exact,
        "wrong": counted.wrong,
        "wrong_per_hit": counted.wrong_per_hit,
        "wrong_per_hit_95": counted.interval,
        "reusable": counted.reusable,
        "recall": counted.recall,
        "traps_served": counted.traps_served,
        "auc": counted.auc,
    }
