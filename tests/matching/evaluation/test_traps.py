"""The project's own traps, through the packaged embedder and the default gate."""

import json
from pathlib import Path

import pytest

from sentinel_core.matching.evaluation.cli import main
from sentinel_core.matching.evaluation.records import Pair, read

TRAPS = Path(__file__).parents[2] / "data" / "traps.jsonl"

SEEDS = [
    ("What is AI?", "Tell me about AI", 1),
    ("What is AI?", "Explain AI", 1),
    ("What is 2+2?", "What is two plus two?", 1),
    ("What is 2+2?", "What is 2+3?", 0),
    ("What is machine learning?", "Tell me about ML", 1),
    ("What is machine learning?", "ML explained", 1),
    ("What is machine learning?", "What is deep learning?", 0),
]


def _evaluated(files: list[Path], folder: Path) -> dict[str, dict[str, float]]:
    out = folder / "out.json"
    assert main([*map(str, files), "--no-curve", "--json", str(out)]) == 0
    return {section["name"]: section["gate"] for section in json.loads(out.read_text())["sections"]}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, float]]:
    folder = tmp_path_factory.mktemp("traps")
    seeds = folder / "seeds.jsonl"
    rows = [{"a": a, "b": b, "same": same, "source": "seeds", "kind": str(same)} for a, b, same in SEEDS]
    seeds.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return _evaluated([TRAPS, seeds], folder)


def test_every_trap_is_a_pair_with_a_kind() -> None:
    found = list(read(TRAPS))
    assert all(isinstance(pair, Pair) and pair.kind for pair in found)
    assert len(found) >= 200


def test_no_more_than_one_trap_in_a_hundred_is_served(served: dict[str, dict[str, float]]) -> None:
    assert served["traps pairs"]["wrong"] <= 1


def test_at_least_three_rewordings_in_four_are_served(served: dict[str, dict[str, float]]) -> None:
    assert served["traps pairs"]["recall"] >= 0.75


def test_the_seeds_own_examples_behave(served: dict[str, dict[str, float]]) -> None:
    assert (served["seeds pairs: 1"]["recall"], served["seeds pairs: 0"]["hits"]) == (1.0, 0)
