"""Counts the right and the wrong pairs that each rule of the gate refuses, by source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sentinel_core.matching.evaluation.records import Pair, Record
from sentinel_core.matching.gate import RULES, Verdict

Judged = Mapping[tuple[str, str], Verdict]
"""Verdicts that name every rule that refuses, by the prompt asked and the one stored."""


@dataclass(frozen=True, slots=True)
class Worth:
    """Pairs of one source that a rule refuses, alone or with others."""

    rule: str
    source: str
    right: int
    wrong: int


def worth(records: Iterable[Record], judged: Judged) -> list[Worth]:
    """Return the worth of the gate's rules in their order, then of all others; pairs without a label do not count."""
    labels = _Labels(records)
    counts: Counter[tuple[str, str, bool]] = Counter()
    for (asked, stored), verdict in judged.items():
        for source, is_right in labels.of(asked, stored):
            counts.update((rule, source, is_right) for rule in _refusing(verdict))
    sources = sorted({source for _, source, _ in counts})
    others = sorted({rule for rule, _, _ in counts} - RULES.keys())
    rows = (Worth(rule, source, counts[rule, source, True], counts[rule, source, False])
            for rule in (*RULES, *others) for source in sources)  # fmt: skip
    return [row for row in rows if row.right or row.wrong]


def worth_table(rows: Iterable[Worth]) -> str:
    """Return one line for each rule: right/wrong pairs that it refuses, in all and by source."""
    by_rule: dict[str, list[Worth]] = {}
    for row in rows:
        by_rule.setdefault(row.rule, []).append(row)
    return "\n".join(["pairs that each rule refuses, right/wrong:", *map(_line, by_rule.items())])


def _line(entry: tuple[str, list[Worth]]) -> str:
    rule, rows = entry
    in_all = f"{sum(row.right for row in rows)}/{sum(row.wrong for row in rows)}"
    return f"{rule:20}{in_all:>12}  " + "  ".join(f"{row.source} {row.right}/{row.wrong}" for row in rows)


def _refusing(verdict: Verdict) -> Iterator[str]:
    if verdict.rule is not None:
        yield verdict.rule
    yield from verdict.also


class _Labels:
    """Whether two prompts share an answer, in each source that has both."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._pairs: dict[tuple[str, str], tuple[str, bool]] = {}
        self._answers: dict[str, dict[tuple[str, str], str]] = {}
        for record in records:
            if isinstance(record, Pair):
                self._pairs[record.asked, record.stored] = record.source, record.same
            else:
                known = self._answers.setdefault(record.prompt, {})
                known[record.source, record.namespace] = record.answer_id

    def of(self, asked: str, stored: str) -> Iterator[tuple[str, bool]]:
        if (asked, stored) in self._pairs:
            yield self._pairs[asked, stored]
        left, right = self._answers.get(asked, {}), self._answers.get(stored, {})
        yield from ((space[0], left[space] == right[space]) for space in left.keys() & right.keys())
