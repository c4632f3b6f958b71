"""Write the int8 graph: the packaged model's own weights, multiplied as integers, in a third of the time.

The packaged model widens its int8 weights to float32 and multiplies floats. Here each row of activations (one token)
is quantised to uint8 by its own largest value, and `MatMulInteger` multiplies it by the weights as they are. So a
vector depends neither on the texts of its batch nor on the processor: all sums are exact integers.

A few channels after a layer normalisation are several times larger than all others, and would take the steps of the
small ones. They are split into equal shares, each with a copy of its row of weights, which changes no product
("outlier channel splitting", Zhao et al., ICML 2019). The vectors' cosine to the packaged model's is 0.9996 on the
mean, 0.997 at worst; nevertheless the graph has an identifier of its own, so that the two never meet in one index.

    python -m scripts.int8_graph OUT.onnx      # needs onnx, at install and build time only
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from scripts.devtools import graph_file
from sentinel_core.matching.embedders import model_files

Array = NDArray[Any]
LAYERS, WIDTH, HEADS = 6, 384, 12
EPSILON = 1e-12
MIDDLE = 128
"""The uint8 that stands for zero among values of both signs."""
LOW = 16
"""The uint8 that stands for zero after GELU, which is never below -0.17."""
GELU_STEP = 0.17 / LOW
SHARES = {223: 5, 99: 3, 157: 3, 338: 2, 63: 2, 267: 2, 347: 2, 363: 2, 319: 2, 127: 2, 62: 2}
"""The large channels after a layer normalisation, measured on 100 questions, and the number of their shares."""


class Int8:
    """The graph by its hash, for the command that writes it."""

    sha256 = model_files.INT8.sha256

    def made_from(self, packaged: Any) -> Any:
        return Int8Graph(packaged.graph).model()


class Int8Graph:
    """The graph while it is written; tensors are handed around by their names."""

    def __init__(self, packaged: Any) -> None:
        self._weights: Mapping[str, Array] = {item.name: numpy_helper.to_array(item) for item in packaged.initializer}
        self._dense = [name[:-2] for name in self._weights if name.startswith("val_") and name.endswith("_q")]
        self._nodes: list[Any] = []
        self._constants: dict[str, Array] = {}

    def model(self) -> Any:
        """Return the model: ids, mask and types of tokens to the last layer's states, shape (texts, tokens, 384)."""
        self._shapes()
        rows = self._embeddings()
        for layer in range(LAYERS):
            rows = self._layer(layer, rows)
        self._add("Reshape", rows, "states.shape", out="last_hidden_state")
        ids = [("input_ids", TensorProto.INT64), ("attention_mask", TensorProto.INT64)]
        inputs = [(name, kind, ["batch", "sequence"]) for name, kind in [*ids, ("token_type_ids", TensorProto.INT64)]]
        output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "sequence", WIDTH])
        graph = helper.make_graph(
            self._nodes,
            "minilm",
            [helper.make_tensor_value_info(*each) for each in inputs],
            [output],
            [numpy_helper.from_array(array, name) for name, array in self._constants.items()],
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)

    def _constant(self, name: str, value: Any, kind: Any = np.float32) -> str:
        self._constants[name] = np.ascontiguousarray(np.array(value, dtype=kind))
        return name

    def _add(self, kind: str, *inputs: str, out: str = "", **attributes: Any) -> str:
        out = out or f"{kind}.{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [out], **attributes))
        return out

    def _shapes(self) -> None:
        """Add the shapes of tensors, the zeros of quantised rows and the mask, which all layers share."""
        for number in range(3):
            self._constant(f"at{number}", [number], np.int64)
        self._constant("minus1", [-1], np.int64)
        self._constant("rows.shape", [-1, WIDTH], np.int64)
        shape = self._add("Shape", "input_ids")
        for name, tail in (("heads", [3 * HEADS, WIDTH // HEADS]), ("states", [WIDTH])):
            self._add("Concat", shape, self._constant(f"{name}.tail", tail, np.int64), out=f"{name}.shape", axis=0)
        count = self._add("ReduceProd", shape, keepdims=1)
        for name, zero in (("middle", MIDDLE), ("low", LOW)):
            self._constant(name, zero, np.uint8)
            self._add("Expand", self._constant(f"{name}.one", [zero], np.uint8), count, out=f"{name}.rows")
        ones = self._add("Cast", "attention_mask", to=TensorProto.FLOAT)
        mask = self._add("Mul", self._add("Sub", ones, self._constant("one", 1)), self._constant("far", 1e9))
        self._add("Unsqueeze", mask, self._constant("axes12", [1, 2], np.int64), out="mask")
        self._constant("split", [HEADS] * 3, np.int64)

    def _embeddings(self) -> str:
        place = "inner.embeddings."
        words, scale = (self._weights[f"{place}word_embeddings.weight_{part}"] for part in ("q", "scale"))
        picked = self._add("Gather", self._constant("words", words, np.int8), "input_ids", axis=0)
        steps = self._add("Gather", self._constant("words.scale", scale), "input_ids", axis=0)
        states = self._add("Mul", self._add("Cast", picked, to=TensorProto.FLOAT), steps)
        length = self._add("Slice", self._add("Shape", "input_ids"), "at1", "at2")
        first = self._add("Slice", self._constant("positions", self._positions()), "at0", length, "at0")
        states = self._add("Add", states, first)
        return self._add("Reshape", self._normalised(states, f"{place}LayerNorm"), "rows.shape")

    def _positions(self) -> Array:
        """Return the vectors of the places within the limit, with that of the only token type added."""
        place = "inner.embeddings."
        table, scale = (self._weights[f"{place}position_embeddings.weight_{part}"] for part in ("q", "scale"))
        types: Array = self._weights[f"{place}token_type_embeddings.weight"]
        positions: Array = table.astype(np.float32) * scale + types[0]
        return positions[: model_files.TOKEN_LIMIT]

    def _layer(self, layer: int, rows: str) -> str:
        place = f"inner.encoder.layer.{layer}."
        query, key, value, out, up, down = self._dense[6 * layer : 6 * layer + 6]
        mixed = self._attention(place, (query, key, value), rows)
        mixed = self._plus_bias(self._dense_of(out, mixed), f"{place}attention.output.dense.bias")
        rows = self._normalised(self._add("Add", mixed, rows), f"{place}attention.output.LayerNorm")
        wide = self._plus_bias(self._dense_of(up, self._shared(rows), split=True), f"{place}intermediate.dense.bias")
        narrow = self._dense_of(down, self._add("Gelu", wide), after_gelu=True)
        narrow = self._plus_bias(narrow, f"{place}output.dense.bias")
        return self._normalised(self._add("Add", narrow, rows), f"{place}output.LayerNorm")

    def _attention(self, place: str, parts: tuple[str, str, str], rows: str) -> str:
        """Add query, key and value as one product; the scores' division by the root of 32 is in the query's scale."""
        root = np.float32(1 / np.sqrt(WIDTH // HEADS))
        factors = (root, np.float32(1), np.float32(1))
        names = [f"{place}attention.self.{part}.bias" for part in ("query", "key", "value")]
        bias = np.concatenate([self._weights[name] * by for name, by in zip(names, factors, strict=True)])
        scale = [self._weights[f"{name}_scale"] * by for name, by in zip(parts, factors, strict=True)]
        matrix = np.concatenate([self._weights[f"{name}_q"] for name in parts], axis=1)
        joint = self._product(parts[0], self._shared(rows), (_split(matrix), np.concatenate(scale, axis=1)))
        joint = self._add("Add", joint, self._constant(f"{place}attention.bias", bias))
        heads = self._add("Transpose", self._add("Reshape", joint, "heads.shape"), perm=[0, 2, 1, 3])
        queries, keys, values = (f"{place}{part}" for part in ("queries", "keys", "values"))
        self._nodes.append(helper.make_node("Split", [heads, "split"], [queries, keys, values], axis=1))
        scores = self._add("MatMul", queries, self._add("Transpose", keys, perm=[0, 1, 3, 2]))
        shares = self._add("Softmax", self._add("Add", scores, "mask"), axis=-1)
        mixed = self._add("Transpose", self._add("MatMul", shares, values), perm=[0, 2, 1, 3])
        return self._add("Reshape", mixed, "rows.shape")

    def _dense_of(self, name: str, rows: str, *, split: bool = False, after_gelu: bool = False) -> str:
        matrix = self._weights[f"{name}_q"]
        weights = (_split(matrix) if split else matrix, self._weights[f"{name}_scale"])
        return self._product(name, rows, weights, after_gelu=after_gelu)

    def _product(self, name: str, rows: str, weights: tuple[Array, Array], *, after_gelu: bool = False) -> str:
        """Add rows (float32) times weights (int8, and a scale for each column), without the bias."""
        zero = "low" if after_gelu else "middle"
        steps = self._steps_after_gelu(rows) if after_gelu else self._steps(rows)
        flat = self._add("Reshape", steps, "minus1")
        quantised = self._add("QuantizeLinear", rows, flat, f"{zero}.rows", axis=0)
        matrix = self._constant(f"{name}.matrix", weights[0], np.int8)
        sums = self._add("Cast", self._add("MatMulInteger", quantised, matrix, zero), to=TensorProto.FLOAT)
        return self._add("Mul", self._add("Mul", sums, steps), self._constant(f"{name}.scale", weights[1]))

    def _steps(self, rows: str) -> str:
        """Add the step of each row's quantisation, its largest size over 127, never zero; shape (rows, 1)."""
        peak = self._add("ReduceMax", self._add("Abs", rows), "at1", keepdims=1)
        peak = self._add("Max", peak, self._constant("tiny", 1e-9))
        return self._add("Mul", peak, self._constant("per127", 1 / 127))

    def _steps_after_gelu(self, rows: str) -> str:
        peak = self._add("ReduceMax", rows, "at1", keepdims=1)
        steps = self._add("Mul", peak, self._constant("low.per", 1 / (255 - LOW)))
        return self._add("Max", steps, self._constant("low.step", GELU_STEP))

    def _shared(self, rows: str) -> str:
        """Add the rows with their large channels in shares; shape (rows, 400)."""
        factors = np.ones(WIDTH, np.float32)
        for channel, shares in SHARES.items():
            factors[channel] = 1 / shares
        smaller = self._add("Mul", rows, self._constant("shares", factors))
        return self._add("Gather", smaller, self._constant("copies", _copies(), np.int64), axis=1)

    def _plus_bias(self, rows: str, name: str) -> str:
        return self._add("Add", rows, self._constant(name, self._weights[name]))

    def _normalised(self, rows: str, name: str) -> str:
        scale, bias = (self._constant(f"{name}.{part}", self._weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        return self._add("LayerNormalization", rows, scale, bias, axis=-1, epsilon=EPSILON)


def _copies() -> list[int]:
    """Return the channel that each place of a widened row holds a share of."""
    return [*range(WIDTH), *(channel for channel, shares in SHARES.items() for _ in range(shares - 1))]


def _split(matrix: Array) -> Array:
    """Return a matrix with the rows of the large channels as often as these have shares."""
    return matrix[_copies()]


if __name__ == "__main__":
    sys.exit(graph_file.main(Int8(), sys.argv[1:]))
