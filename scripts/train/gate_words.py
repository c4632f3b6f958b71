"""Writes the gate's word table, `words.txt` and `words.npy`: `python -m scripts.train.gate_words`.

The words are the whole ones of the embedder's vocabulary, whose order is by frequency; each vector is the embedder's
for the word alone, centred, reduced to 64 dimensions and written in eight bits. Both come from all-MiniLM-L6-v2,
Apache 2.0.
"""

from __future__ import annotations

import asyncio
import re
from importlib.resources import files
from pathlib import Path

import numpy as np

from sentinel_core.errors import EmbeddingError
from sentinel_core.matching.embedders.onnx_runtime import OnnxEmbedder, load_tokenizer

DIMENSIONS = 64
PEAK = 127


def main() -> None:
    folder = Path(str(files("sentinel_core.matching.gate") / "lexicon_data"))
    vocabulary = sorted(load_tokenizer().get_vocab().items(), key=lambda entry: entry[1])
    words = [word for word, _ in vocabulary if re.fullmatch(r"[a-z]{2,}|[ai]", word)]
    found = asyncio.run(OnnxEmbedder().embed_many(words))
    rows = np.stack([vector for vector in found if not isinstance(vector, EmbeddingError)])
    if len(rows) != len(words):
        raise SystemExit("a word has no vector")
    centred = rows - rows.mean(0)
    *_, directions = np.linalg.svd(centred.astype(np.float64), full_matrices=False)
    reduced = centred @ directions[:DIMENSIONS].T
    steps = np.round(reduced * PEAK / np.abs(reduced).max(1, keepdims=True)).astype(np.int8)
    np.save(folder / "words.npy", steps)
    (folder / "words.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    print(f"{len(words)} words, {DIMENSIONS} dimensions")


if __name__ == "__main__":
    main()
