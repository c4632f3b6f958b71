"""The embedder over bare onnxruntime and tokenizers: the fastest to start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sentinel_core.cache.ports import Vector
from sentinel_core.errors import PromptTooLongError
from sentinel_core.matching.embedders import model_files
from sentinel_core.matching.embedders.worker import WORKERS, BackgroundEmbedder

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer


VNNI = {"avx512_vnni", "avx_vnni"}

MOST_COUNTED = 64
"""Texts whose tokens are kept from their count until they are embedded."""


class OnnxEmbedder(BackgroundEmbedder):
    """`weights` is a file that `model_files.check` accepts; without it the installed one is read."""

    def __init__(self, weights: Path | None = None, *, workers: int = WORKERS) -> None:
        graph = model_files.graph_of(weights) if weights else model_files.installed_graph()
        super().__init__(lambda: load(weights), graph=graph, workers=workers)


class OnnxModel:
    """The tokenizer and the session; all its methods may be called from several threads."""

    def __init__(self, tokenizer: Tokenizer, session: Any) -> None:
        self._tokenizer = tokenizer
        self._session = session
        self._counted: dict[str, Encoding] = {}

    def count_tokens(self, text: str) -> int:
        encoding = self._counted.get(text) or counted(self._tokenizer, text)
        if len(self._counted) >= MOST_COUNTED:  # they are read again then
            self._counted.clear()
        self._counted[text] = encoding
        return len(encoding)

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        known = [self._counted.pop(text, None) for text in texts]
        encodings = [each for each in known if each is not None]
        if len(encodings) < len(texts):
            encodings = self._tokenizer.encode_batch_fast(list(texts))
        states, mask = self.hidden_states(encodings)
        return list(pool(states, mask))

    def hidden_states(self, encodings: Sequence[Encoding]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return the last layer's states, shape (texts, tokens, 384), and the mask of real tokens."""
        ids = np.zeros((len(encodings), max(map(len, encodings))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding)] = encoding.ids
            mask[row, : len(encoding)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (states,) = self._session.run(None, feed)
        return states, mask


def load(weights: Path | None = None) -> OnnxModel:
    """Load the model; raises EmbeddingError if the weights are missing or not the known ones."""
    model_files.quieten()
    path = weights or model_files.installed_weights()
    model_files.check(path)
    return OnnxModel(load_tokenizer(), session(path))


def load_tokenizer() -> Tokenizer:
    """Load without the truncation and the padding to 128 that the official file asks for."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model_files.TOKENIZER / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def counted(tokenizer: Tokenizer, text: str) -> Encoding:
    """
    Return the tokens of `text`, [CLS] and [SEP] included; raises PromptTooLongError past the limit.

    A text of more than `CHARACTER_LIMIT` characters is turned away unread: prose is near 5 a token,
    indented code near 10, and a megabyte takes the tokenizer a second.
    """
    if len(text) > model_files.CHARACTER_LIMIT:
        raise PromptTooLongError(f"more than {model_files.CHARACTER_LIMIT} characters")
    encoding: Encoding = tokenizer.encode_batch_fast([text])[0]
    if len(encoding) > model_files.TOKEN_LIMIT:
        raise PromptTooLongError(f"{len(encoding)} tokens, {model_files.TOKEN_LIMIT} are read")
    return encoding


def pool(states: NDArray[np.float32], mask: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the mean over the real tokens at unit length, as sentence-transformers and fastembed do."""
    sums = np.sum(states, axis=1, where=mask[:, :, np.newaxis].astype(bool), dtype=np.float64)
    means = (sums / mask.sum(axis=1, keepdims=True)).astype(np.float32)
    norms = np.maximum(np.linalg.norm(means, axis=1, keepdims=True), np.float32(1e-12))
    unit: NDArray[np.float32] = means / norms
    return unit


def session(path: Path, *, exact_everywhere: bool | None = None) -> Any:
    """
    Return a session of one thread; integer products are exact on every processor.

    x86 processors without VNNI add pairs of uint8 times int8 in 16 bits and cut the sum off, which changes vectors.
    onnxruntime has a slower way without that, taken where `exact_everywhere`; by default, where VNNI is not seen.
    """
    import onnxruntime  # type: ignore[import-untyped]

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if model_files.graph_of(path) == model_files.INT8:
        # It was optimised as it was made. Searched once more it is a third slower to load, 10 ms, and no faster to run.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    if not has_vnni() if exact_everywhere is None else exact_everywhere:
        options.add_session_config_entry("session.x64quantprecision", "1")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def has_vnni(processor: Path = Path("/proc/cpuinfo")) -> bool:
    """Return whether Linux says that the processor adds products of bytes in 32 bits; unknown is no."""
    try:
        with processor.open() as lines:
            flags = next((line for line in lines if line.startswith("flags")), "")
    except OSError:
        return False
    return not VNNI.isdisjoint(flags.split())
