"""Write the packaged model so that it loads in two thirds of the time and half the memory.

The weights are int8 and onnxruntime widens every one of them to float32 while it loads. The table of
word vectors is half of the model, and a prompt needs a few rows of it: here the rows are picked
first and widened after. The vectors that come out are the same to the bit.

    python -m scripts.optimise_model OUT.onnx      # needs onnx, at build time only
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import onnx
from onnx import helper

from sentinel_core.matching.embedders import model_files

VOCABULARY = 30522


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: optimise_model.py OUT.onnx", file=sys.stderr)
        return 2
    out = Path(arguments[0])
    out.write_bytes(optimise(model_files.published_weights()))
    print(f"{out}: {out.stat().st_size} bytes, sha256 {model_files.OPTIMISED_SHA256}")
    return 0


def optimise(weights: Path) -> bytes:
    """Return the optimised model; raises ValueError where it is not the one the embedder will accept."""
    model_files.check(weights)
    model = onnx.load(weights)
    narrow_gather(model.graph)
    onnx.checker.check_model(model)
    data = model.SerializeToString(deterministic=True)
    digest = hashlib.sha256(data).hexdigest()
    if digest != model_files.OPTIMISED_SHA256:
        raise ValueError(f"another model came out, sha256 {digest}: its vectors must be checked before it is used")
    return bytes(data)


def narrow_gather(graph: Any) -> None:
    """Turn Gather(Mul(Cast(table), scale)) of the word vectors into Mul(Cast(Gather(table)), Gather(scale))."""
    users = {name: node for node in graph.node for name in node.input}
    table = next(item for item in graph.initializer if list(item.dims)[:1] == [VOCABULARY] and item.data_type == 3)
    cast = users[table.name]
    mul = users[cast.output[0]]
    gather = users[mul.output[0]]
    if [cast.op_type, mul.op_type, gather.op_type] != ["Cast", "Mul", "Gather"]:
        raise ValueError("the word vectors are not stored as expected")
    scale = next(name for name in mul.input if name != cast.output[0])
    ids = gather.input[1]
    narrow = [
        helper.make_node("Gather", [table.name, ids], ["wq"], axis=0),
        helper.make_node("Cast", ["wq"], ["wqf"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Gather", [scale, ids], ["ws"], axis=0),
        helper.make_node("Mul", ["wqf", "ws"], [gather.output[0]]),
    ]
    position = list(graph.node).index(gather)
    kept = [list(graph.node)[:position], narrow, list(graph.node)[position + 1 :]]
    nodes = [node for part in kept for node in part if node is not cast and node is not mul]
    del graph.node[:]
    graph.node.extend(nodes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
