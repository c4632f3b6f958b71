"""The least a function like ours must do before it is ready: import FastAPI, and load the model."""

from __future__ import annotations

from typing import Any

import fastapi
import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from tokenizers import Tokenizer

from sentinel_core.matching.embedders import model_files

app = fastapi.FastAPI()
tokenizer = Tokenizer.from_file(str(model_files.TOKENIZER / "tokenizer.json"))
tokenizer.no_padding()
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(
    str(model_files.installed_weights()), options, providers=["CPUExecutionProvider"]
)


def handler(event: object, context: object) -> list[Any]:
    ids = np.array([tokenizer.encode("ready").ids])
    feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
    return list(session.run(None, feed)[0].shape)


handler(None, None)
