"""Text to vector with all-MiniLM-L6-v2, in this process, by either of two runtimes."""

from sentinel_core.embedders.fast import FastEmbedEmbedder
from sentinel_core.embedders.onnx import OnnxEmbedder

__all__ = ["FastEmbedEmbedder", "OnnxEmbedder"]
