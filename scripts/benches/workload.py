"""The prompts that are sent: public questions where they are at hand, else made from word lists."""

from __future__ import annotations

import gzip
import itertools
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scripts.benches import report
from scripts.benches.report import ROOT
from sentinel_core.matching.embedders import onnx_runtime

DATA = ROOT.parent / "shared" / "data" / "dev"
STREAM = "stream_mixed_zipf.jsonl.gz"
NEAR = 0.95
_PAIRS_TRIED = 1_500

_VERBS = ("clean", "repair", "paint", "sell", "store", "move", "insure", "rent", "ship", "build", "draw", "copy")
_KINDS = ("a wooden", "an old", "a small", "a foreign", "a broken", "a heavy", "a borrowed", "a modern", "a red")
_THINGS = ("boat", "piano", "table", "camera", "sofa", "shed", "wall", "carpet", "door", "lamp", "cart", "tent")
_PLACES = ("in winter", "by the sea", "at night", "in Norway", "in Kenya", "for a school", "without tools", "by law")


@dataclass(frozen=True, slots=True)
class Workload:
    """
    `entries` are stored; `probes` are pairs of a stored prompt and a rewording of it, with a cosine of at
    least `NEAR`, so that a similarity search finds it; `fresh` are others, to miss with. All are distinct.
    """

    name: str
    entries: Sequence[str]
    probes: Sequence[tuple[str, str]]
    fresh: Sequence[str]


def load(entries: int, probes: int, *, made: bool = False) -> Workload:
    """Choose prompts, the same ones every time: public ones unless `made`. The first entries have probes."""
    return _made(entries, probes) if made or not DATA.exists() else _public(entries, probes)


def stream(folder: Path | None) -> Sequence[str]:
    """Prompts in the order of a day: popular ones again and again, in several wordings (Zipf); None makes some up."""
    if folder is not None:
        return [row["prompt"] for row in _rows(folder / STREAM)]
    made = _made(2_000, 500)
    wordings = [*made.entries, *(reworded for _, reworded in made.probes)]
    weights = [1 / (rank + 1) ** 0.9 for rank in range(len(wordings))]
    shuffled = random.Random(0).sample(wordings, len(wordings))
    return random.Random(1).choices(shuffled, weights, k=20_000)


def _public(entries: int, probes: int) -> Workload:
    pairs = list(_rows(DATA / "pairs_qqp.jsonl.gz"))
    same = {row["a"]: row["b"] for row in pairs if row["same"] == 1 and row["a"] != row["b"]}
    near = _near(list(same.items())[:_PAIRS_TRIED])[:probes]
    reworded = {b for _, b in near}
    others = (text for row in pairs for text in (row["a"], row["b"]) if text not in reworded)
    stored = list(itertools.islice(dict.fromkeys([*(a for a, _ in near), *others]), entries))
    questions = dict.fromkeys(row["prompt"] for row in _rows(DATA / "stream_nq_open_unique.jsonl.gz"))
    return Workload("public questions", stored, near, [text for text in questions if text not in set(stored)])


def _near(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Keep the pairs whose vectors are near; remembered in `build/bench`, because it takes half a minute."""
    known = report.OUT / "near_pairs.json"
    if not known.exists():
        model = onnx_runtime.load()
        vectors = [(model.embed([a])[0], model.embed([b])[0]) for a, b in pairs]
        near = [pair for pair, (a, b) in zip(pairs, vectors, strict=True) if float(np.dot(a, b)) >= NEAR]
        report.OUT.mkdir(parents=True, exist_ok=True)
        known.write_text(json.dumps(near))
    return [(a, b) for a, b in json.loads(known.read_text())]


def _made(entries: int, probes: int) -> Workload:
    asked = list(map(" ".join, itertools.product(_VERBS, _KINDS, _THINGS, _PLACES)))
    random.Random(0).shuffle(asked)
    stored = [f"How do I {one}?" for one in asked[:entries]]
    near = [(f"How do I {one}?", f"How can I {one}?") for one in asked[: min(probes, entries)]]
    fresh = [f"Who was the first to {one}, and what did people say?" for one in reversed(asked)]
    return Workload("made questions", stored, near, fresh)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt") as lines:
        for line in lines:
            yield json.loads(line)
