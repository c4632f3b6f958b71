"""The embedder over fastembed, from local files only."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sentinel_core.matching.embedders import model_files
from sentinel_core.matching.embedders.onnx_runtime import OnnxModel, has_vnni, load_tokenizer, session
from sentinel_core.matching.embedders.worker import WORKERS, BackgroundEmbedder

if TYPE_CHECKING:
    from fastembed import TextEmbedding
    from tokenizers import Tokenizer

MODEL = "sentence-transformers/all-MiniLM-L6-v2"


class FastEmbedEmbedder(BackgroundEmbedder):
    """`weights` is a file that `model_files.check` accepts; without it the installed one is read."""

    def __init__(self, weights: Path | None = None, *, workers: int = WORKERS) -> None:
        graph = model_files.graph_of(weights) if weights else model_files.installed_graph()
        super().__init__(lambda: load(weights), graph=graph, workers=workers)


class FastEmbedModel(OnnxModel):
    """
    The session that fastembed has loaded.

    Its own way from a text to a vector cuts long texts off without a word, and reads the tokens again that were
    counted: 0.1 ms of a miss.
    """

    def __init__(self, tokenizer: Tokenizer, model: TextEmbedding) -> None:
        super().__init__(tokenizer, model.model.model)  # type: ignore[attr-defined]


def load(weights: Path | None = None) -> FastEmbedModel:
    """Load the model; raises EmbeddingError if the weights are missing or not the known ones."""
    model_files.quieten()
    path = weights or model_files.installed_weights()
    model_files.check(path)
    from fastembed import TextEmbedding

    # fastembed wants all files in one directory; once loaded it needs none of them.
    with tempfile.TemporaryDirectory() as directory:
        for file in model_files.TOKENIZER.glob("*.json"):
            Path(directory, file.name).symlink_to(file)
        Path(directory, "model.onnx").symlink_to(path.resolve())
        model = TextEmbedding(MODEL, cache_dir=directory, threads=1, specific_model_path=directory)
    if model_files.graph_of(path) is model_files.INT8 and not has_vnni():
        # fastembed passes no such option on, and its own session would multiply inexactly.
        model.model.model = session(path)  # type: ignore[attr-defined]
    return FastEmbedModel(load_tokenizer(), model)
