"""Writes the tables of the guide's evaluation page: `python -m scripts.train.figures DATA_FOLDER`.

One replay of every source serves all budgets: the gate gives each pair a confidence, and a budget is a least one.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from sentinel_core.cache.ports import Vector
from sentinel_core.errors import EmbeddingError
from sentinel_core.matching.canonical_text import comparable
from sentinel_core.matching.embedders.onnx_runtime import OnnxEmbedder
from sentinel_core.matching.evaluation.records import BadRow, Record, read
from sentinel_core.matching.evaluation.replay import Decider, RestVectors, ThoroughGate, replay, texts
from sentinel_core.matching.evaluation.tally import Tally, tally
from sentinel_core.matching.evaluation.worth import Worth, worth
from sentinel_core.matching.gate import CONFIDENCE, RULES, Candidate, Gate, Verdict, scoring
from sentinel_core.matching.residual.judging import Compared

GUIDE = Path(__file__).parents[2] / "sentinel_core" / "web" / "guide" / "evaluation.md"
SOURCES = {
    "banking questions": "stream_banking77_unique",
    "small talk": "stream_clinc_fixed_unique",
    "COVID questions, coarse labels": "stream_covidq_unique",
    "SQL questions": "stream_text2sql_unique",
    "facts, hardly ever repeated": "stream_nq_open_unique",
    "voice commands": "pairs_hwu64_slots",
    "FAQ with traps": "pairs_fow_cache",
    "yes-or-no traps": "pairs_boolq_contrast",
}
BUDGETS = (0.01, 0.02, 0.03, 0.05, 0.1)
DEFAULT = 0.02
COSINE = 0.85
THRESHOLD = 0.6


@dataclass(frozen=True)
class BudgetDecider(Decider):
    """Decides as the server does where a hit needs the confidence `least`; verdicts serve every budget."""

    least: float = 0.0

    def _verdict(self, asked: str, pair: Compared[Candidate], threshold: float) -> Verdict:
        found = super()._verdict(asked, pair, threshold)
        is_low = found.passed and not pair.comparison.is_same and found.confidence < self.least
        return replace(found, passed=False, rule=CONFIDENCE) if is_low else found


@dataclass(frozen=True)
class Figures:
    """The tallies of one source by budget, by cosine alone, and the worth of each rule there."""

    source: str
    by_budget: Mapping[float, Tally]
    cosine: Tally
    worth: Sequence[Worth]


def measure(source: str, records: Sequence[Record]) -> Figures:
    """Replay one source at every budget, and by cosine alone."""
    embedder = OnnxEmbedder()
    vectors = asyncio.run(_vectors(records, embedder))
    thorough, rests = ThoroughGate(max_wrong=1.0), RestVectors(embedder.embed_many)
    shared = BudgetDecider(vectors, thorough, rests=rests)
    by_budget = {
        budget: _tally(records, replace(shared, least=scoring.confidence(Gate(max_wrong=budget).needed)), THRESHOLD)
        for budget in BUDGETS
    }
    cosine = _tally(records, Decider(vectors, None, compare_raw=True), COSINE)
    return Figures(source, by_budget, cosine, worth(records, shared.verdicts))


def _tally(records: Sequence[Record], decider: Decider, threshold: float) -> Tally:
    return tally(outcome for _, outcome in replay(records, decider, threshold))


async def _vectors(records: Iterable[Record], embedder: OnnxEmbedder) -> dict[str, Vector]:
    prompts = list(texts(records))
    wanted = sorted({*prompts, *map(comparable, prompts)}, key=len)
    found = await embedder.embed_many(wanted)
    pairs = zip(wanted, found, strict=True)
    return {text: vector for text, vector in pairs if not isinstance(vector, EmbeddingError)}


def results(found: Iterable[Figures]) -> str:
    """Return the table of all sources at the default, beside cosine alone."""
    rows = [
        f"| {each.source} | {_wrong(each.by_budget[DEFAULT])} | {_share(each.by_budget[DEFAULT].recall)} "
        f"| {_wrong(each.cosine)} | {_share(each.cosine.recall)} |"
        for each in found
    ]
    heading = "| source | wrong | recall | cosine: wrong | cosine: recall |\n|---|---|---|---|---|"
    return "\n".join([heading, *rows])


def budgets(found: Sequence[Figures]) -> str:
    """Return the table of wrong hits and recall by budget, a column a source."""
    rows = [
        f"| {budget} | "
        + " | ".join(f"{_wrong(each.by_budget[budget])}, {_share(each.by_budget[budget].recall)}" for each in found)
        + " |"
        for budget in BUDGETS
    ]
    heading = f"| `SENTINEL_MAX_WRONG` | {' | '.join(each.source for each in found)} |"
    return "\n".join([heading, "|---" * (len(found) + 1) + "|", *rows])


def worths(found: Sequence[Figures]) -> str:
    """Return the table of the pairs that each rule refuses, right and wrong, a column a source; no rule is left out."""
    counts = {(row.rule, each.source): f"{row.right} / {row.wrong}" for each in found for row in each.worth}
    others = [CONFIDENCE] if any(rule == CONFIDENCE for rule, _ in counts) else []
    rows = [
        f"| `{rule}` | " + " | ".join(counts.get((rule, each.source), "") for each in found) + " |"
        for rule in (*RULES, *others)
    ]
    heading = f"| rule | {' | '.join(each.source for each in found)} |"
    return "\n".join([heading, "|---" * (len(found) + 1) + "|", *rows])


def _wrong(counted: Tally) -> str:
    """Return the share of wrong hits; of pairs that are all traps, the share of those served."""
    if counted.reusable == 0:
        return f"{_share(counted.traps_served)} served"
    return _share(counted.wrong_per_hit)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %" if value < 0.1 else f"{100 * value:.0f} %"


def write(tables: Mapping[str, str]) -> None:
    """Put each table between its two marks."""
    page = GUIDE.read_text("utf-8")
    for name, table in tables.items():
        before, rest = page.split(f"<!-- {name} -->\n")
        _, after = rest.split(f"\n<!-- /{name} -->")
        page = f"{before}<!-- {name} -->\n{table}\n<!-- /{name} -->{after}"
    GUIDE.write_text(page, "utf-8")


def main() -> None:
    """Measure every source in the folder, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m scripts.train.figures", description=__doc__)
    parser.add_argument("data", type=Path, help="folder with stream_*.jsonl.gz and pairs_*.jsonl.gz")
    parser.add_argument("--rows", type=int, default=2_000, help="rows of each source")
    options = parser.parse_args()
    found = []
    for source, name in SOURCES.items():
        rows = islice(read(options.data / f"{name}.jsonl.gz"), options.rows)
        found.append(measure(source, [row for row in rows if not isinstance(row, BadRow)]))
        print(results(found[-1:]).splitlines()[-1], flush=True)
    write({"results": results(found), "budgets": budgets(found), "worth": worths(found)})


if __name__ == "__main__":
    main()
