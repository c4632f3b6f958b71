import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from sentinel_core.cache.ports import Vector
from sentinel_core.errors import EmbeddingError, PromptTooLongError
from sentinel_core.matching.evaluation.cli import main


class WordEmbedder:
    """Each word turns the vector a little its own way; over 50 words is too long."""

    async def embed_many(self, texts: Sequence[str]) -> Sequence[Vector | EmbeddingError]:
        return [self._embed(text) for text in texts]

    def _embed(self, text: str) -> Vector | EmbeddingError:
        if len(text.split()) > 50:
            return PromptTooLongError("too long")
        total = np.ones(384, dtype=np.float32) * 1e-3
        for word in text.lower().split():
            total += np.random.default_rng(sum(map(ord, word))).standard_normal(384).astype(np.float32)
        return total / np.linalg.norm(total)


def _run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments], WordEmbedder())


def _lines(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    return _lines(
        tmp_path / "pairs.jsonl",
        {"a": "How do I pay my bill?", "b": "how can I pay my bill", "same": 1, "source": "shop", "kind": "wording"},
        {
            "a": "How do I enable the alarm?",
            "b": "How do I disable the alarm?",
            "same": 0,
            "source": "shop",
            "kind": "antonym",
        },
        {"a": "word " * 60, "b": "word " * 61, "same": 0, "source": "shop", "kind": "long"},
        {"a": "Open on Monday?", "b": "Open on Monday?", "same": 1, "source": "shop", "kind": "exact"},
    )


def _section(path: Path, name: str) -> dict[str, dict[str, object]]:
    found = {section["name"]: section for section in json.loads(path.read_text())["sections"]}
    section: dict[str, dict[str, object]] = found[name]
    return section


def test_the_report_has_each_source_and_kind_with_cosine_alone_beside_it(
    pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    assert _run(pairs, "--json", out, "--threshold", 0.5) == 0
    gated, alone = (_section(out, "shop pairs")[name] for name in ("gate", "cosine_alone"))
    assert (gated["requests"], gated["hits"], gated["hits_beyond_exact"], gated["wrong"], gated["recall"]) == (
        4,
        2,
        1,
        0,
        1.0,
    )
    assert (alone["hits"], alone["wrong"]) == (3, 1)
    assert (gated["auc"], alone["auc"]) == (1.0, 0.5)
    assert _section(out, "shop pairs: antonym")["gate"]["hits"] == 0
    assert "shop pairs: wording" in capsys.readouterr().out


def test_the_areas_of_sources_have_a_mean(pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = _lines(
        tmp_path / "more.jsonl",
        {"a": "How do I pay?", "b": "How do I pay?", "same": 1},
        {"a": "Is it open on Monday?", "b": "Is it open on Friday?", "same": 0},
    )
    assert _run(pairs, more, "--no-curve") == 0
    assert "mean AUC of 2 sources: 1.000, cosine alone 0.750" in capsys.readouterr().out


def test_a_rule_that_is_switched_off_lets_its_trap_through(pairs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    assert _run(pairs, "--json", out, "--threshold", 0.5, "--without", "antonyms", "--wrong", 1, "--no-curve") == 0
    assert _section(out, "shop pairs: antonym")["gate"]["hits"] in (0, 1)


def test_a_stream_stores_misses_and_believes_hits(tmp_path: Path) -> None:
    stream = _lines(
        tmp_path / "stream.jsonl",
        {"prompt": "How do I pay my bill?", "answer_id": "pay", "source": "bot"},
        {"prompt": "how can I pay my bill", "answer_id": "pay", "source": "bot"},
        {"prompt": "how can I pay my bill", "answer_id": "other", "source": "bot"},
        {"prompt": "How do I pay my bill?", "answer_id": "pay", "source": "bot", "ns": "elsewhere"},
    )
    out = tmp_path / "out.json"
    assert _run(stream, "--json", out, "--no-curve") == 0
    gated = _section(out, "bot stream")["gate"]
    assert [gated[name] for name in ("requests", "hits", "hits_beyond_exact", "wrong", "reusable")] == [4, 2, 2, 1, 1]


def test_earlier_turns_must_be_equal(tmp_path: Path) -> None:
    last, other = {"role": "user", "content": "How much is it?"}, {"role": "user", "content": "A cat or a dog?"}
    chats = _lines(
        tmp_path / "c.jsonl", {"a": [last], "b": [other, last], "same": 0}, {"a": [last], "b": [last], "same": 1}
    )
    out = tmp_path / "out.json"
    assert _run(chats, "--json", out, "--no-curve") == 0
    assert [_section(out, "c pairs")["gate"][name] for name in ("hits", "wrong", "recall")] == [1, 0, 1.0]


def test_bad_rows_are_named_the_rest_is_evaluated_and_the_code_is_two(
    pairs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs.write_text(pairs.read_text() + '{"a": "x"}\n')
    assert _run(pairs, "--no-curve") == 2
    printed = capsys.readouterr()
    assert printed.err == "pairs.jsonl:5: b is a text that is not empty\n"
    assert "shop pairs" in printed.out


@pytest.mark.parametrize("content", ["", "{}\n"])
def test_nothing_to_evaluate_is_a_fault(tmp_path: Path, content: str) -> None:
    path = tmp_path / "empty.jsonl"
    path.write_text(content)
    assert _run(path) == 2
    assert _run(tmp_path / "missing.jsonl") == 2


def test_more_wrong_hits_than_allowed_fail_the_build(tmp_path: Path) -> None:
    wrong = _lines(tmp_path / "w.jsonl", {"a": "How do I pay?", "b": "How do I pay?", "same": 0, "source": "shop"})
    assert _run(wrong, "--max-wrong", 0.02, "--no-curve") == 1
    assert _run(wrong, "--no-curve") == 0


def test_a_target_error_proposes_a_threshold_and_says_what_it_rests_on(
    pairs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(pairs, "--target-error", 0.02) == 0
    assert "rests on 2 hits, 0.0% wrong (at most 65.8%)" in capsys.readouterr().out


def test_the_plot_is_a_file(pairs: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="a dev dependency")
    out = tmp_path / "curve.svg"
    assert _run(pairs, "--plot", out) == 0
    assert out.read_text().startswith("<?xml")


def test_prompts_too_long_to_embed_are_compared_by_their_rests(tmp_path: Path) -> None:
    passage = "\n".join(f"A considerable-and-incompressible passage-of-{number:018}." for number in range(30))
    questions = ("How do I pay my bill?", "how can I pay my bill?", "How do I enable the alarm?")
    first, again, other = (f"{passage}\n{question}" for question in questions)
    file = _lines(
        tmp_path / "pairs.jsonl",
        {"a": first, "b": again, "same": 1, "source": "long", "kind": "wording"},
        {"a": first, "b": other, "same": 0, "source": "long", "kind": "another"},
    )

    assert _run(file, "--json", tmp_path / "out.json", "--no-curve") == 0
    gated = _section(tmp_path / "out.json", "long pairs")["gate"]
    assert (gated["hits"], gated["hits_beyond_exact"], gated["wrong"]) == (1, 1, 0)
