"""`sentinel evaluate FILE…`"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from sentinel_core.cache.odds import JudgeErrors
from sentinel_core.cache.ports import Vector
from sentinel_core.errors import ConfigurationError, EmbeddingError
from sentinel_core.matching.canonical_text import comparable
from sentinel_core.matching.evaluation.judged import JudgedDecider, Oracle, Words, judged_table, oracle
from sentinel_core.matching.evaluation.orders import in_order, orders_table
from sentinel_core.matching.evaluation.plot import plot
from sentinel_core.matching.evaluation.progress import Progress
from sentinel_core.matching.evaluation.records import BadRow, Record, read
from sentinel_core.matching.evaluation.replay import Decider, RestVectors, ThoroughGate, replay, texts
from sentinel_core.matching.evaluation.report import Results, Section, as_json, propose, sections, table
from sentinel_core.matching.evaluation.worth import worth, worth_table
from sentinel_core.matching.gate import RULES, Gate
from sentinel_core.matching.raw_rules import RAW_RULES
from sentinel_core.matching.residual.extracts import extracts

PASSED, TOO_MANY_WRONG, BAD_INPUT = 0, 1, 2
CURVE = tuple(n / 100 for n in range(50, 100, 5))
BATCH = 256


class ManyEmbedder(Protocol):
    """Text to vectors, many at once; an error stands in the place of a text that has none."""

    async def embed_many(self, texts: Sequence[str]) -> Sequence[Vector | EmbeddingError]: ...


class Judges(Protocol):
    """The models that judge pairs."""

    def find(self, name: str) -> Words | None:
        """Return the judge of this name, None without one; raises ConfigurationError if it cannot be asked."""


def main(
    argv: Sequence[str],
    embedder: ManyEmbedder | None = None,
    judges: Judges | None = None,
) -> int:
    """
    Run the command; returns the exit code: 1 with more wrong hits than allowed, 2 with bad rows or files.

    `judges` finds a model by its name.
    """
    options = _parser().parse_args(argv)
    try:
        return _evaluate(options, embedder or _packaged_embedder(), judges)
    except ConfigurationError as error:
        _say(f"evaluate: {error}")
        return BAD_INPUT


def _evaluate(options: argparse.Namespace, embedder: ManyEmbedder, judges: Judges | None) -> int:
    judge = None if options.judge is None else _judge(options.judge, judges)
    rows = [row for path in options.files for row in read(path)]
    bad = [row for row in rows if isinstance(row, BadRow)]
    records = [row for row in rows if not isinstance(row, BadRow)]
    for row in bad:
        _say(f"{row.file}:{row.row}: {row.rule}")
    if not records:
        raise ConfigurationError("no row could be evaluated")
    bench = _Bench(records, embedder, options)
    found = bench.sections()
    _write(options, found)
    _print_worth(options, bench, judge)
    worst = _worst(found)
    if bad:
        return BAD_INPUT
    return TOO_MANY_WRONG if options.max_wrong is not None and worst > options.max_wrong else PASSED


class _Bench:
    """The records with their vectors, and the two ways to decide about them."""

    def __init__(
        self,
        records: Sequence[Record],
        embedder: ManyEmbedder,
        options: argparse.Namespace,
    ) -> None:
        off = set(options.without)
        gate = ThoroughGate(frozenset(RULES) - off, options.wrong)
        self.records = records
        self._plain_gate = Gate(gate.rules, gate.max_wrong)
        self.progress = Progress()
        self.at = gate.default_threshold if options.threshold is None else options.threshold
        self.curve = sorted({self.at, *CURVE}) if options.curve else [self.at]
        vectors = asyncio.run(_vectors(records, embedder, self.progress))
        rests = RestVectors(embedder.embed_many)
        self.gated = Decider(
            vectors, gate, raw_rules=frozenset(RAW_RULES) - off, rests=rests, same_answers=options.same_answers
        )
        self.alone = Decider(vectors, None, compare_raw=True)

    def sections(self) -> list[Section]:
        return sections(self.at, self._replays("with the gate", self.gated), self._replays("by cosine", self.alone))

    def _replays(self, stage: str, decider: Decider) -> dict[float, Results]:
        self.progress.begin(f"decisions {stage}", len(self.records) * len(self.curve))
        return {each: replay(self.records, decider, each, self.progress.advance) for each in self.curve}

    def orders(self, count: int) -> list[Results]:
        """Replay the records, as they are and in other orders, at the one threshold."""
        self.progress.begin("orders", len(self.records) * count)
        return [
            replay(in_order(self.records, seed), self.gated, self.at, self.progress.advance) for seed in range(count)
        ]

    def judged(self, words: Words) -> str:
        """Replay with a judge at the one threshold."""
        gated = self.gated
        decider = JudgedDecider(
            gated.vectors,
            self._plain_gate,
            raw_rules=gated.raw_rules,
            rests=gated.rests,
            same_answers=gated.same_answers,
            judge=words,
            errors=words.errors if isinstance(words, Oracle) else JudgeErrors(),
        )
        self.progress.begin("decisions with the judge", len(self.records))
        return judged_table(replay(self.records, decider, self.at, self.progress.advance), decider)


def _judge(name: str, judges: Judges | None) -> Words:
    """Return the judge of this name, before anything is replayed; raises ConfigurationError if there is none."""
    try:
        found = oracle(name)
    except ValueError as error:
        raise ConfigurationError(f"--judge {name}: {error}") from error
    words = found or (None if judges is None else judges.find(name))
    if words is None:
        raise ConfigurationError(f"--judge {name}: give oracle:ACCEPTS,REJECTS or provider/model")
    return words


def _print_worth(options: argparse.Namespace, bench: _Bench, judge: Words | None) -> None:
    print(worth_table(worth(bench.records, bench.gated.verdicts)))  # noqa: T201
    if judge is not None:
        print(bench.judged(judge))  # noqa: T201
    if options.orders > 1:
        print(orders_table(bench.orders(options.orders)))  # noqa: T201


async def _vectors(records: Iterable[Record], embedder: ManyEmbedder, progress: Progress) -> dict[str, Vector]:
    """Return the vectors of each prompt as it was sent and as it is compared, or of extracts of those too long."""
    prompts = dict.fromkeys(texts(records))
    found = await _embedded(list(dict.fromkeys([*prompts, *map(comparable, prompts)])), embedder, progress)
    too_long = [prompt for prompt in prompts if comparable(prompt) not in found]
    return found | await _embedded([text for prompt in too_long for text in extracts(prompt)], embedder, progress)


async def _embedded(wanted: Sequence[str], embedder: ManyEmbedder, progress: Progress) -> dict[str, Vector]:
    """Return the vectors of all texts but those that are too long; texts of one length share a batch."""
    found: dict[str, Vector] = {}
    wanted = sorted(wanted, key=len)
    progress.begin("embedding", len(wanted))
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        vectors = zip(batch, await embedder.embed_many(batch), strict=True)
        found.update((text, vector) for text, vector in vectors if not isinstance(vector, EmbeddingError))
        progress.advance(len(batch))
    return found


def _write(options: argparse.Namespace, found: Sequence[Section]) -> None:
    print(table(found))  # noqa: T201  a command speaks to its user
    if options.target_error is not None:
        print(_proposals(found, options.target_error))  # noqa: T201
    if options.json:
        options.json.write_text(json.dumps(as_json(found), indent=2) + "\n", encoding="utf-8")
    if options.plot:
        plot(found, options.plot)


def _proposals(found: Iterable[Section], target: float) -> str:
    lines = [f"thresholds for at most {target:.1%} wrong hits, with the gate:"]
    for section in found:
        proposal = propose(section.gated_curve, target)
        said = (
            f"{proposal.threshold:.2f} rests on {proposal.hits} hits, {proposal.wrong_per_hit:.1%} wrong (at "
            f"most {proposal.upper:.1%})"
            if proposal
            else "none"
        )
        lines.append(f"{section.name[:43]:44}{said}")
    return "\n".join(lines)


def _worst(found: Iterable[Section]) -> float:
    """Return the largest share of wrong hits over whole sources."""
    return max((section.gated.wrong_per_hit or 0.0 for section in found if section.whole), default=0.0)


def _packaged_embedder() -> ManyEmbedder:
    from sentinel_core.matching.embedders.onnx_runtime import OnnxEmbedder

    return OnnxEmbedder()


def _say(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sentinel evaluate",
        description="Replay labelled prompts through the gateway's own decision and count wrong hits.",
        epilog="A row (JSON object, or CSV with a heading) is a pair: a (stored), b (asked), same (1 if the answer to "
        "a is right for b, else 0); or a request of a stream, in its order: prompt, answer_id (equal ids: the same "
        "answer is right). Both may name source (figures are by source) and kind; a request also ns, the tenant or "
        "bot that it is asked of.",
    )
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="pairs or streams: .jsonl or .csv, or either .gz"
    )
    parser.add_argument("--threshold", type=_share, metavar="COSINE", help="default: the server's")
    parser.add_argument("--wrong", type=_share, default=Gate.max_wrong, metavar="SHARE", help="SENTINEL_MAX_WRONG")
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        choices=sorted({*RULES, *RAW_RULES}),
        metavar="RULE",
        help="switch a rule off",
    )
    parser.add_argument("--target-error", type=_share, metavar="SHARE", help="propose a threshold for each source")
    parser.add_argument(
        "--max-wrong", type=_share, metavar="SHARE", help="exit with 1 if any source has more wrong hits"
    )
    parser.add_argument("--no-curve", dest="curve", action="store_false", help="the one threshold only: faster")
    parser.add_argument(
        "--same-answers",
        action="store_true",
        help="requests with one answer_id were answered with one text, word for word, as by a FAQ bot",
    )
    parser.add_argument(
        "--orders", type=_count, default=1, metavar="COUNT", help="replay in so many orders, for a spread"
    )
    parser.add_argument(
        "--judge",
        metavar="JUDGE",
        help="replay with a judge, from nothing: oracle:0.02,0.08 (accepts 2 %% of different pairs, rejects 8 %% of "
        "equal ones), or a configured provider/model, which is asked for real",
    )
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="needs matplotlib")
    return parser


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
