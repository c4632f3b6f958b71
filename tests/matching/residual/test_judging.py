"""Candidates are judged over what is left of them, with few texts embedded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from sentinel_core.cache.ports import Vector
from sentinel_core.errors import EmbeddingError
from sentinel_core.matching.gate import Candidate, Gate
from sentinel_core.matching.residual import compare_all, compared, judge
from sentinel_core.matching.residual.extracts import extracts
from sentinel_core.matching.residual.judging import TEXTS

pytestmark = pytest.mark.anyio

SHARED = "You are the assistant of a small bank, and you answer in plain words.\nQuestion: "
ASKED = SHARED + "How do I open an account?"


class Batches:
    """An embedder that gives every text the same vector, and counts what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Sequence[str]] = []

    async def embed_many(self, texts: Sequence[str]) -> Sequence[Vector | Exception]:
        self.asked.append(texts)
        return [np.array([1.0, 0.0], dtype=np.float32)] * len(texts)


async def no_vectors(texts: Sequence[str]) -> Sequence[Vector | Exception]:
    return [EmbeddingError("down")] * len(texts)


async def test_rests_are_embedded_in_one_batch_of_at_most_four_texts() -> None:
    batches = Batches()
    endings = ("close an account", "find my account", "delete my account", "share an account", "name an account")
    near = [Candidate(f"{SHARED}How can I {ending}?", 0.9) for ending in endings]

    pairs = await compared(compare_all(ASKED, near), batches.embed_many)

    assert [len(texts) for texts in batches.asked] == [TEXTS]
    assert [pair.similarity for pair in pairs] == [1.0, 1.0, 1.0, None, None]


async def test_a_rest_without_a_vector_is_refused() -> None:
    near = [
        Candidate(SHARED + "How can I open an account?", 0.9),
        Candidate(SHARED + "How might I open accounts?", 0.9),
    ]

    pairs = await compared(compare_all(ASKED, near), no_vectors)

    assert [(verdict.passed, verdict.rule) for _, verdict in judge(Gate(), pairs, 0.5)] == [
        (True, None),
        (False, "rest"),
    ]


async def test_pairs_without_shared_text_embed_nothing() -> None:
    batches = Batches()

    (pair,) = await compared(
        compare_all("How do I open an account?", [Candidate("How can I open an account?", 0.97)]), batches.embed_many
    )

    assert batches.asked == []
    assert pair.similarity == 0.97


async def test_the_cosine_of_an_extract_judges_no_whole_prompt() -> None:
    (pair,) = await compared(
        compare_all("How do I open it?", [Candidate("How might I open it?", 0.99)]), no_vectors, is_whole=False
    )

    assert [verdict.passed for _, verdict in judge(Gate(), [pair], 0.5)] == [False]


async def test_an_extract_holds_both_ends_cut_at_blanks() -> None:
    prompt = " ".join(f"word{number}" for number in range(1_000))

    long, short = extracts(prompt)

    assert long.startswith("word0 word1 ")
    assert long.endswith(" word998 word999")
    assert len(short) < len(long) < 802
    assert set(long.split()) <= set(prompt.split())
