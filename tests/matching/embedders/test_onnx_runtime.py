from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sentinel_core.errors import PromptTooLongError
from sentinel_core.matching.embedders.fastembed_runtime import FastEmbedModel
from sentinel_core.matching.embedders.model_files import TOKEN_LIMIT
from sentinel_core.matching.embedders.onnx_runtime import MOST_COUNTED, OnnxModel


@dataclass
class Words:
    """A text's words as tokens, each its own length."""

    ids: list[int]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass
class WordTokenizer:
    """Notes the texts that it reads."""

    texts: list[str] = field(default_factory=list)

    def encode_batch_fast(self, texts: Sequence[str]) -> list[Words]:
        self.texts += texts
        return [Words([len(word) for word in text.split()]) for text in texts]


class IdsSession:
    """Returns each token's id as the first component of its state, and one as the second."""

    def run(self, names: None, feed: dict[str, Any]) -> tuple[Any]:
        ids = feed["input_ids"].astype(np.float32)
        return (np.stack([ids, np.ones_like(ids)], axis=2),)


def first_shares(model: OnnxModel, *texts: str) -> list[float]:
    """Return the mean length of the words of each text, read from its vector."""
    return [round(float(vector[0] / vector[1]), 3) for vector in model.embed(texts)]


@pytest.fixture
def tokenizer() -> WordTokenizer:
    return WordTokenizer()


@pytest.fixture(params=["onnx", "fastembed"])
def model(request: pytest.FixtureRequest, tokenizer: WordTokenizer) -> OnnxModel:
    if request.param == "onnx":
        return OnnxModel(tokenizer, IdsSession())  # type: ignore[arg-type]
    loaded = SimpleNamespace(model=SimpleNamespace(model=IdsSession()))
    return FastEmbedModel(tokenizer, loaded)  # type: ignore[arg-type]


def test_a_counted_text_is_read_once(model: OnnxModel, tokenizer: WordTokenizer) -> None:
    assert [model.count_tokens(text) for text in ("a bcd", "abcd", "a bcd")] == [2, 1, 2]
    assert first_shares(model, "abcd", "a bcd") == [4.0, 2.0]
    assert tokenizer.texts == ["a bcd", "abcd"]

    assert first_shares(model, "abcd") == [4.0]
    assert tokenizer.texts == ["a bcd", "abcd", "abcd"]


def test_texts_of_which_one_was_not_counted_are_read_together(model: OnnxModel, tokenizer: WordTokenizer) -> None:
    model.count_tokens("abc")

    assert first_shares(model, "abc", "ab") == [3.0, 2.0]
    assert tokenizer.texts == ["abc", "abc", "ab"]


def test_few_counted_texts_are_kept(model: OnnxModel, tokenizer: WordTokenizer) -> None:
    for number in range(MOST_COUNTED + 1):
        model.count_tokens(f"text {number}")
    model.embed(["text 0"])
    model.embed([f"text {MOST_COUNTED}"])

    assert tokenizer.texts[MOST_COUNTED + 1 :] == ["text 0"]


def test_a_text_that_is_too_long_is_not_kept(model: OnnxModel, tokenizer: WordTokenizer) -> None:
    long = "a " * (TOKEN_LIMIT + 1)

    for _ in range(2):
        with pytest.raises(PromptTooLongError, match=f"{TOKEN_LIMIT + 1} tokens"):
            model.count_tokens(long)
    assert tokenizer.texts == [long, long]
