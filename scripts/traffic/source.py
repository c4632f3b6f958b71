"""Reads the public streams that traffic is made from."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random


@dataclass(frozen=True, slots=True)
class Asked:
    """One wording of a question; equal `answer_id` means the same answer."""

    text: str
    answer_id: str


def question_sets(path: Path, *, size: int, random: Random) -> dict[str, list[Asked]]:
    """Each namespace's questions that have several wordings: up to `size` answers, four wordings of each."""
    answers: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows(path):
        answers[row.get("ns", "all")][row["answer_id"]].append(row["prompt"])
    sets: dict[str, list[Asked]] = {}
    for namespace, asked in sorted(answers.items()):
        several = sorted(answer for answer, wordings in asked.items() if len(wordings) > 1)
        chosen = random.sample(several, min(size, len(several)))
        sets[namespace] = [Asked(text, answer) for answer in chosen for text in asked[answer][:4]]
    return {namespace: asked for namespace, asked in sets.items() if len(asked) >= 2 * 4}


def sentences(path: Path) -> list[str]:
    """Distinct sentences of a file of pairs."""
    found = dict.fromkeys(row[side].strip() for row in rows(path) for side in ("a", "b"))
    return [text for text in found if 40 <= len(text) <= 220]


def rows(path: Path) -> Sequence[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def write(path: Path, found: Sequence[dict[str, object]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in found)
    print(f"{path.name}: {len(found)} rows")
