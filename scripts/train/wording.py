"""Fits the weights of wording that tell personal sentences, and live ones: `python -m scripts.train.wording DATA`.

Sentences lie beside this file in `wordings/` ("+" of the kind, "-" not, by subject); those of the tests and of the
rules join them. Of DATA, the labelled prompts for development, questions on facts and of bank customers join as
sentences of neither kind, with less weight. `--check` leaves subjects out in turn and says how well the rest does.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sentinel_core.cache import personal, volatility_rules, wording
from sentinel_core.cache.prompt_rules import PromptRule
from sentinel_core.cache.wording import DAYS, LIVE, MONTHS, PERSONAL, WORD, read
from sentinel_core.matching.gate import lexicon

HERE = Path(__file__).parent
TESTS = HERE.parent.parent / "tests" / "data"
GRAMMAR = frozenset(lexicon.lines("function_words.txt"))
_NO_WORDS = DAYS | MONTHS
BACKGROUND = {
    "pairs_qqp": 2_000, "stream_nq_open_unique": 900, "stream_simpleq_unique": 150, "pairs_boolq_contrast": 600,
    "stream_gsmplus_unique": 120, "pairs_sick": 150, "pairs_paws_wiki": 80, "stream_situatedqa_unique": 150,
    "stream_banking77_unique": 3_000,
}  # fmt: skip
DATED = {"stream_nq_open_unique", "stream_situatedqa_unique"}
"""Sources that ask for holders of offices and records, which do not last."""

LOOKED_UP = {"english_4: look up for anyone", "english_4: talk and taste", "english_4: terse questions about the world"}
"""Subjects of general sentences that may be live."""

MEASURED = 1_500
"""First rows of banking77, on which the loss of hits is measured, are left out."""

SHARE, HELD = 0.15, 6.0
"""Weights of a sentence of the development data, and of one that a test holds; one written for this has 1."""

SEEN, LEAST_PIECES, LEAST_WORDS, MOST_WORDS = 5, 10, 60, 8_000
"""Sentences in which a word of the vocabulary stands; weights in hundredths below which none is written; words kept."""

RIDGE, RIDGE_WORDS, STEPS, STEP = 2.0, 0.3, 150, 0.1

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Sentence:
    text: str
    is_meant: bool
    kind: str
    weight: float = 1.0


def written(kind: str) -> list[Sentence]:
    """Return the sentences that were written for a kind, and those of the tests."""
    rows = _of(kind)
    if kind == LIVE:
        # What depends on who asks may be live as well; only general questions say something.
        general = [row for row in _of(PERSONAL) if not row.is_meant and row.kind not in LOOKED_UP]
        return rows + [replace(row, weight=0.5) for row in general] + _examples(volatility_rules.RULES)
    tested = [("personal_prompts.txt", True), ("shared_prompts.txt", False)]
    for name, is_meant in tested:
        lines = (TESTS / name).read_text(encoding="utf-8").splitlines()
        rows += [Sentence(line, is_meant, "tests", HELD) for line in lines]
    return rows + _examples(personal.RULES)


def _of(folder: str) -> list[Sentence]:
    rows = []
    for path in sorted((HERE / "wordings" / folder).glob("*.txt")):
        kind = path.stem
        for line in path.read_text(encoding="utf-8").splitlines():
            kind = f"{path.stem}: {line[2:]}" if line.startswith("# ") else kind
            rows += [Sentence(line[2:], line[0] == "+", kind)] if line[:2] in ("+ ", "- ") else []
    return rows


def _examples(rules: Sequence[PromptRule]) -> list[Sentence]:
    both = [(prompt, True) for rule in rules for prompt in rule.matches]
    both += [(prompt, False) for rule in rules for prompt in rule.passes]
    return [Sentence(prompt, is_meant, "tests", HELD) for prompt, is_meant in both]


def background(data: Path, kind: str) -> list[Sentence]:
    """Return the last sentences of shared prompts of the development data."""
    draw, rows = random.Random(5), []  # noqa: S311
    for name, count in BACKGROUND.items():
        if kind == LIVE and name in DATED:
            continue
        with gzip.open(data / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            found = [each for line in file for each in _prompts(json.loads(line))]
        found = found[MEASURED:] if "banking" in name else found
        draw.shuffle(found)
        rows += [Sentence(_last(prompt), False, "background", SHARE) for prompt in found[:count]]
    return rows


def _prompts(row: dict[str, Any]) -> list[str]:
    return [row[name] for name in ("prompt", "a", "b") if isinstance(row.get(name), str)]


def _last(prompt: str) -> str:
    sentences: list[str] = re.findall(r"[^.?!\n;]{1,400}[.?!;]?", f"{prompt} ")
    return sentences[-2:][0].strip()


class Fit:
    """A regression fitted to sentences."""

    def __init__(self, rows: Sequence[Sentence]) -> None:
        seen = Counter(word for row in rows if row.weight >= 1 for word in {each.lower() for each in _words(row.text)})
        known = {word for word, count in seen.items() if count >= SEEN or word in GRAMMAR}
        self.vocabulary = frozenset(word for word in known - _NO_WORDS if not re.search(r"\d", word))
        reads = [read(row.text, self.vocabulary, GRAMMAR) for row in rows]
        counts: Counter[str] = Counter()
        for (pieces, _), row in zip(reads, rows, strict=True):
            counts.update(dict.fromkeys(pieces, 3 if row.weight >= 1 else 1))
        self.places = {piece: at for at, piece in enumerate(sorted(p for p, count in counts.items() if count >= 6))}
        self._fit(reads, rows)

    def _fit(self, reads: Sequence[tuple[set[str], list[str]]], rows: Sequence[Sentence]) -> None:
        """Descend with Adam's steps; the sums over pieces are sums over (row, place) pairs."""
        at, place = self._pairs(reads)
        means, size, count = _means([content for _, content in reads]), len(self.places), len(rows)
        goal, weight = np.array([row.is_meant for row in rows]), np.array([row.weight for row in rows])
        point, first, second = np.zeros(size + 65), np.zeros(size + 65), np.zeros(size + 65)
        for step in range(1, STEPS + 1):
            odds = np.bincount(at, point[place], count) + means @ point[size:-1] + point[-1]
            miss = weight * (1 / (1 + np.exp(-odds)) - goal)
            slope = np.concatenate([
                np.bincount(place, miss[at], size) + RIDGE * point[:size],
                means.T @ miss + RIDGE_WORDS * point[size:-1],
                [miss.sum()],
            ])  # fmt: skip
            first, second = 0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope**2
            pace = STEP * (1 - step / (STEPS + 1))
            point -= pace * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
        self.pieces, self.direction, self.base = point[:size], point[size:-1], float(point[-1])

    def _pairs(self, reads: Sequence[tuple[set[str], list[str]]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        pairs = [
            (row, self.places[piece])
            for row, (pieces, _) in enumerate(reads)
            for piece in sorted(pieces)
            if piece in self.places
        ]
        both = np.array(pairs, np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    def text(self) -> str:
        """Return the file of weights."""
        weights = dict(zip(lexicon.ranks(), _table() @ self.direction, strict=True))
        pieces = _grouped(dict(zip(self.places, self.pieces, strict=True)), LEAST_PIECES)
        common = list(weights)[:MOST_WORDS]
        content = _grouped({word: weights[word] for word in common if word not in GRAMMAR}, LEAST_WORDS)
        vocabulary, grammar = " ".join(sorted(self.vocabulary)), " ".join(sorted(GRAMMAR))
        return "\n\n".join([str(round(100 * self.base)), vocabulary, grammar, pieces, content]) + "\n"


def _words(text: str) -> list[str]:
    return [word.replace("’", "'") for word in WORD.findall(text)]


def _table() -> Floats:
    return lexicon.vectors(range(len(lexicon.ranks()))).astype(np.float64)


def _means(contents: Sequence[Sequence[str]]) -> Floats:
    ranks, table, means = lexicon.ranks(), _table(), np.zeros((len(contents), 64))
    for row, content in enumerate(contents):
        known = [ranks[word] for word in content if word in ranks]
        means[row] = table[known].sum(0) / max(1, len(content))
    return means


def _grouped(weights: dict[str, float], least: int) -> str:
    groups: dict[int, list[str]] = {}
    for piece, weight in sorted(weights.items()):
        groups.setdefault(_coarse(100 * weight), []).append(piece)
    return "\n".join(f"{weight}: {'|'.join(groups[weight])}" for weight in sorted(groups) if abs(weight) >= least)


def _coarse(weight: float) -> int:
    """Round to twentieths, and large weights to tenths, which keeps the file small."""
    return round(weight / 5) * 5 if abs(weight) < 100 else round(weight / 10) * 10


def check(rows: list[Sentence], shared: list[Sentence]) -> None:
    """Print how many sentences of a kind are found, and how many others, by a fit without their subject."""
    kinds = sorted({row.kind for row in rows} - {"tests"})
    random.Random(3).shuffle(kinds)  # noqa: S311
    found: Counter[tuple[bool, bool]] = Counter()
    for fold in range(5):
        out = set(kinds[fold::5])
        weights = wording.Weights(Fit([row for row in rows if row.kind not in out] + shared).text().strip())
        for row in rows:
            if row.kind in out:
                found[row.is_meant, weights.score(row.text) > 0] += 1
    meant, others = (found[kind, True] + found[kind, False] for kind in (True, False))
    print(f"found: {found[True, True]} of {meant}; wrong alarms: {found[False, True]} of {others}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    for kind in (PERSONAL, LIVE):
        rows, shared = written(kind), background(asked.data, kind)
        if asked.check:
            check(rows, shared)
        else:
            target = Path(str(files("sentinel_core.cache") / "wording_data" / f"{kind}.txt"))
            target.write_text(Fit(rows + shared).text(), encoding="utf-8")


if __name__ == "__main__":
    main()
