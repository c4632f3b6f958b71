"""The command that all scripts which write a graph of the model share: one argument, the file."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any, Protocol

import onnx

from sentinel_core.matching.embedders import model_files


class Graph(Protocol):
    """A graph that is made from the packaged one; `sha256` is that of its file."""

    @property
    def sha256(self) -> str: ...

    def made_from(self, packaged: Any) -> Any:
        """Return the ONNX model; may change the packaged one."""


def main(graph: Graph, arguments: list[str]) -> int:
    """Write the graph to the one argument; returns the process's status."""
    if len(arguments) != 1:
        print("usage: OUT.onnx", file=sys.stderr)
        return 2
    out = Path(arguments[0])
    out.write_bytes(content(graph, model_files.published_weights()))
    print(f"{out}: {out.stat().st_size} bytes, sha256 {graph.sha256}")
    return 0


def content(graph: Graph, weights: Path) -> bytes:
    """Return the file's bytes; raises ValueError where it is not the one the embedder will accept."""
    model_files.check(weights)
    model = graph.made_from(onnx.load(weights))
    onnx.checker.check_model(model)
    data = bytes(model.SerializeToString(deterministic=True))
    digest = hashlib.sha256(data).hexdigest()
    if digest != graph.sha256:
        raise ValueError(f"another graph came out, sha256 {digest}: its vectors must be checked before it is used")
    return data
