"""Which of the two embedders runs."""

from __future__ import annotations

from typing import Literal

from sentinel_core.matching.embedders.fastembed_runtime import FastEmbedEmbedder
from sentinel_core.matching.embedders.onnx_runtime import OnnxEmbedder
from sentinel_core.matching.embedders.worker import BackgroundEmbedder


def choose(runtime: Literal["fastembed", "onnx"]) -> BackgroundEmbedder:
    """Return the embedder on that runtime; nothing is loaded yet."""
    return FastEmbedEmbedder() if runtime == "fastembed" else OnnxEmbedder()
