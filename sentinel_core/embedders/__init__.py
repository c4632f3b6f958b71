"""Text to vector with all-MiniLM-L6-v2, in this process, by either of two runtimes."""

from __future__ import annotations

from typing import Literal

from sentinel_core.embedders.background import BackgroundEmbedder
from sentinel_core.embedders.fast import FastEmbedEmbedder
from sentinel_core.embedders.onnx import OnnxEmbedder

__all__ = ["FastEmbedEmbedder", "OnnxEmbedder", "choose"]


def choose(runtime: Literal["fastembed", "onnx"]) -> BackgroundEmbedder:
    """Return the embedder on that runtime; nothing is loaded yet."""
    return FastEmbedEmbedder() if runtime == "fastembed" else OnnxEmbedder()
