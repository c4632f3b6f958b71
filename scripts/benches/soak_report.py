"""The tables of `soak`: fault by fault, and in all."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scripts.benches import report
from scripts.benches.report import Row
from scripts.benches.soak_traffic import Answer, Weight

CALM = "none"
RECOVERY_SECONDS = 5.0
"""How long after a fault Sentinel may still show it: its breakers and its connections have to notice."""

MEMORY_SHARE = 0.05
_WEIGHED = 30
"""Moments whose median is the weight at one end of the run."""


@dataclass(frozen=True, slots=True)
class Phase:
    """What was broken, in seconds of the monotonic clock."""

    part: str
    manner: str
    begun: float
    ended: float

    @property
    def is_calm(self) -> bool:
        return self.part == CALM

    @property
    def excuses(self) -> bool:
        """Whether a request may fail for it: Redis is no reason to."""
        return not self.is_calm and self.part != "store"


@dataclass(frozen=True, slots=True)
class Lost:
    """Entries that were said to be stored and have not expired: how many were looked for, how many were not there."""

    looked: int
    lost: int


def by_fault(answers: Sequence[Answer], phases: Sequence[Phase]) -> list[Row]:
    """One row per fault, the time without any first; what is added is against that."""
    groups: dict[tuple[str, str], list[Phase]] = {}
    for phase in sorted(phases, key=lambda phase: not phase.is_calm):
        groups.setdefault((phase.part, phase.manner), []).append(phase)
    calm = _within(answers, groups[CALM, CALM])
    return [_row(part, manner, calm, answers, group, phases) for (part, manner), group in groups.items()]


def in_all(
    answers: Sequence[Answer], phases: Sequence[Phase], weights: Sequence[Weight], lost: Lost | None
) -> list[Row]:
    """What is promised, what it is, and whether that is met; `weights` are those after the warm-up."""
    wrong = sum(one.wrong for one in answers)
    unexcused = [one for one in answers if one.kind == "failed" and not _excused(one, phases)]
    recovery = max((seconds for phase in phases for seconds in _recovery(phase, answers, phases)), default=0.0)
    first, last = _middle(weights[:_WEIGHED]), _middle(weights[-_WEIGHED:])
    flat = abs(last.megabytes / first.megabytes - 1) <= MEMORY_SHARE
    rows = [
        _fact("requests", len(answers)),
        _fact("wrong answers", wrong, "0", wrong == 0),
        _fact("failed that the provider did not fail", len(unexcused), "0", not unexcused),
        _fact("they failed as", _counted(unexcused)),
        _fact("slowest recovery, s", recovery, f"< {RECOVERY_SECONDS:g}", recovery < RECOVERY_SECONDS),
        _fact("memory after warm-up, MB", first.megabytes),
        _fact("memory at the end, MB", last.megabytes, f"within {MEMORY_SHARE:.0%}", flat),
        _fact("open files after warm-up", first.files),
        _fact("open files at the end", last.files),
    ]
    if lost is not None:
        rows += [
            _fact("stored entries looked for after a kill", lost.looked),
            _fact("of them lost", lost.lost, "0", lost.lost == 0),
        ]
    return rows


def by_minute(weights: Sequence[Weight], begun: float) -> list[Row]:
    """What the server weighed as the minutes went by."""
    moments = {int((weight.at - begun) / 60): weight for weight in reversed(weights)}
    return [
        {"minute": minute, "memory MB": weight.megabytes, "open files": weight.files}
        for minute, weight in sorted(moments.items())
    ]


def _fact(what: str, value: report.Cell, target: str = "", met: bool = True) -> Row:
    return {"what": what, "is": value, "target": target, "met": ("yes" if met else "no") if target else ""}


def _row(
    part: str,
    manner: str,
    calm: Sequence[Answer],
    answers: Sequence[Answer],
    group: Sequence[Phase],
    phases: Sequence[Phase],
) -> Row:
    seen = _within(answers, group)
    return {
        "broken": part,
        "how": manner,
        "times": len(group),
        "requests": len(seen),
        **_times("hit", seen, calm),
        **_times("asked", seen, calm),
        "max ms": max((one.seconds * 1000 for one in seen), default=None),
        "stale": sum(one.kind == "stale" for one in seen),
        "failed": sum(one.kind == "failed" for one in seen),
        "failed as": _counted(one for one in seen if one.kind == "failed"),
        "recovered after s": max((one for phase in group for one in _recovery(phase, answers, phases)), default=None),
    }


def _times(kind: str, seen: Sequence[Answer], calm: Sequence[Answer]) -> Row:
    """How many answers of a kind there were, and how much longer they took than without a fault."""
    now, usual = ([one.seconds for one in some if one.kind == kind] for some in (seen, calm))
    names = [f"{kind} p50 ms", f"+p50 {kind}", f"{kind} p99 ms", f"+p99 {kind}"]
    if not now or not usual:
        return {kind: len(now), **dict.fromkeys(names)}
    during, before = report.summarise(now), report.summarise(usual)
    figures = (during.p50, during.p50 - before.p50, during.p99, during.p99 - before.p99)
    return {kind: len(now), **dict(zip(names, figures, strict=True))}


def _recovery(phase: Phase, answers: Sequence[Answer], phases: Sequence[Phase]) -> list[float]:
    """Seconds from a fault's end to the last answer that shows it, of those given before the next; [] if calm."""
    if phase.is_calm:
        return []
    following = min((other.begun for other in phases if not other.is_calm and other.begun >= phase.ended), default=None)
    shown = [
        one.ended - phase.ended
        for one in answers
        if one.begun >= phase.ended and (following is None or one.ended < following) and _shows_a_fault(one)
    ]
    return [max(shown, default=0.0)]


def _shows_a_fault(answer: Answer) -> bool:
    return answer.kind in ("failed", "stale") or answer.detail == "store-unavailable"


def _excused(failed: Answer, phases: Sequence[Phase]) -> bool:
    """Whether the provider was at fault while the request was, or had been less than a recovery ago."""
    return any(
        phase.excuses and phase.begun <= failed.ended and failed.begun <= phase.ended + RECOVERY_SECONDS
        for phase in phases
    )


def _within(answers: Sequence[Answer], phases: Sequence[Phase]) -> list[Answer]:
    return [one for one in answers if any(phase.begun <= one.begun < phase.ended for phase in phases)]


def _middle(weights: Sequence[Weight]) -> Weight:
    at, megabytes, files = (statistics.median_low(series) for series in zip(*weights, strict=True))
    return Weight(at, megabytes, int(files))


def _counted(failed: Iterable[Answer]) -> str:
    return ", ".join(f"{count} {word}" for word, count in Counter(one.detail for one in failed).most_common()) or "-"
