"""Which of the two embedders runs."""

from __future__ import annotations

from typing import Literal

from sentinel_core.embedders.background import BackgroundEmbedder
from sentinel_core.embedders.fast import FastEmbedEmbedder
from sentinel_core.embedders.onnx import OnnxEmbedder


def choose(runtime: Literal["fastembed", "onnx"]) -> BackgroundEmbedder:
    """Return the embedder on that runtime; nothing is loaded yet."""
    return FastEmbedEmbedder() if runtime == "fastembed" else OnnxEmbedder()
